import type { ImageReference } from '@slipway/kernel';
import { type ManifestDocument, titleOf } from './object.ts';
import { repositoryKey, sortByNearness } from './repository.ts';
import { templatePath } from './workload.ts';

/** The image that a service's containers get. */
export interface ServiceImage {
  service: string;
  /** What the containers are to run. */
  image: ImageReference;
  /** Only these, as `Deployment/backend`. */
  workloads?: readonly string[] | undefined;
  /** These, whatever image they have now. Default: those with an image of the repository. */
  containers?: readonly string[] | undefined;
}

/** A container that got the image of a service. */
export interface ImageMatch {
  /** `Deployment/backend` */
  workload: string;
  container: string;
  init: boolean;
}

/** A container of the manifests. */
export interface ContainerImage extends ImageMatch {
  index: number;
  path: readonly (string | number)[];
  image: string | null;
  /** null when the image is not a reference (a placeholder). */
  repository: string | null;
  location: string;
}

/** The containers that a service runs in, or why they cannot be determined. */
export function chooseContainers(
  image: ServiceImage,
  documents: readonly Pick<ManifestDocument, 'object'>[],
  slots: readonly ContainerImage[],
): { slots: ContainerImage[]; problems: string[] } {
  const unknown = unknownWorkloads(image, documents);
  if (unknown.length > 0) return { slots: [], problems: unknown };
  const within = slots.filter(({ workload }) => image.workloads?.includes(workload) ?? true);
  const picks = image.containers
    ? image.containers.map((name) => named(image, name, within))
    : [byRepository(image, within)];
  const found = picks.flatMap((pick) => (typeof pick === 'string' ? [] : pick));
  const problems = picks.filter((pick) => typeof pick === 'string');
  const empty = (image.workloads ?? []).filter((title) => !found.some(({ workload }) => workload === title));
  // One reason is enough where nothing matches at all.
  if (problems.length === 0)
    problems.push(
      ...empty.map((title) =>
        nothingFits(
          image,
          slots.filter(({ workload }) => workload === title),
          title,
        ),
      ),
    );
  return { slots: found, problems };
}

function unknownWorkloads(
  { service, workloads }: ServiceImage,
  documents: readonly Pick<ManifestDocument, 'object'>[],
): string[] {
  const known = documents.filter(({ object }) => templatePath(object)).map(({ object }) => titleOf(object));
  return (workloads ?? [])
    .filter((title) => !known.includes(title))
    .map(
      (title) =>
        `services.${service}.workloads names ${title}, but the manifests have ${known.join(', ') || 'no workload'}`,
    );
}

function byRepository(image: ServiceImage, within: readonly ContainerImage[]): ContainerImage[] | string {
  const wanted = repositoryKey(image.image.repository);
  const found = within.filter(({ repository }) => repository === wanted);
  return found.length > 0 ? found : nothingFits(image, within, 'the manifests');
}

/** A container by its name. When several workloads use the same name, the repository decides. */
function named(
  image: ServiceImage,
  name: string,
  within: readonly ContainerImage[],
): ContainerImage[] | string {
  const { service, workloads } = image;
  const { repository } = image.image;
  const found = within.filter(({ container }) => container === name);
  const owners = [...new Set(found.map(({ workload }) => workload))];
  if (owners.length === 0) {
    const found = [...new Set(within.map(({ container }) => container))].join(', ') || 'no container';
    return `services.${service}.containers names "${name}", but ${workloads?.join(', ') ?? 'the manifests'} have ${found}`;
  }
  if (workloads || owners.length === 1) return found;
  const same = found.filter((slot) => slot.repository === repositoryKey(repository));
  return same.length > 0
    ? same
    : `services.${service}.containers names "${name}", which ${owners.join(' and ')} have; name one in services.${service}.workloads`;
}

function nothingFits(
  { service, image: { repository } }: ServiceImage,
  slots: readonly ContainerImage[],
  where: string,
): string {
  const near = sortByNearness(repository, slots, ({ image }) => image ?? '')
    .slice(0, 3)
    .map(
      ({ image, workload, container, location }) =>
        `${image ?? 'no image'} (${workload}, container ${container}, ${location})`,
    );
  const found = near.length > 0 ? `nearest: ${near.join('; ')}` : 'the manifests have no container';
  return `service "${service}": no container in ${where} has an image of ${repository}; ${found}`;
}
