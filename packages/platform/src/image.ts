import { type ImageReference, readImage } from '@slipway/kernel';

/**
 * The image that a target reports for a replica, with the repository digest that it reports for what really runs. An
 * image that is known by an id alone has no repository; the id is carried in its place, so that it is written as it came.
 */
export function reportedImage(reference: string, digest: string | null): ImageReference {
  const image = readImage(reference) ?? { repository: reference, tag: null, digest: null };
  return digest === null ? image : { repository: image.repository, tag: null, digest };
}
