import { type PinnedImage, parseImage, UserError, withDigest } from '@slipway/kernel';
import type { ReleaseRecord } from '@slipway/release';

/** The image of every service, in rollout order. */
export type DesiredImages = ReadonlyMap<string, PinnedImage>;

/**
 * The image of every service, in rollout order: from the input `images` (lines `service=repository@sha256:…`), else
 * from the record. @throws UserError that names every service without a digest; a tag alone is never rolled out.
 */
export function desiredImages(
  services: readonly string[],
  record: Pick<ReleaseRecord, 'services'>,
  input: string,
): DesiredImages {
  const given = readLines(input, services);
  const found = services.flatMap((name) => {
    const image = given.get(name) ?? recordedImage(record, name);
    return image ? [[name, image] as const] : [];
  });
  const images = new Map(found);
  const missing = services.filter((name) => !images.has(name));
  if (missing.length === 0) return images;
  throw new UserError(`no digest is known for ${missing.join(', ')}`, {
    hint: 'Run build-push first and pass its output "release" to this step, or set the input "images".',
  });
}

function recordedImage({ services }: Pick<ReleaseRecord, 'services'>, name: string): PinnedImage | undefined {
  const { image, digest } = services[name] ?? {};
  return image && digest ? withDigest({ repository: image }, digest) : undefined;
}

function readLines(input: string, services: readonly string[]): Map<string, PinnedImage> {
  const lines = input.split('\n').map((line) => line.trim());
  return new Map(lines.filter((line) => line !== '').map((line) => readLine(line, services)));
}

function readLine(line: string, services: readonly string[]): [string, PinnedImage] {
  const at = line.indexOf('=');
  const [name, reference] = [line.slice(0, at), line.slice(at + 1)];
  if (at < 1 || !services.includes(name)) {
    throw new UserError(
      `input "images": "${line}" does not start with a service of the configuration (${services.join(', ')})`,
    );
  }
  const image = parseImage(reference);
  if (image.digest) return [name, withDigest(image, image.digest)];
  throw new UserError(`input "images": expected an image by digest for ${name}, found "${reference}"`);
}
