import { UserError } from '@slipway/kernel';
import { withEdits } from './edit.ts';
import { text } from './fields.ts';
import { type ManifestDocument, placeOf, titleOf } from './object.ts';
import { type ParseReference, repositoryKey, repositoryOf, sortByNearness } from './repository.ts';
import { containersOf, templatePath } from './workload.ts';

/** The image that a service's containers get. */
export interface ServiceImage {
  service: string;
  /** Without tag or digest. */
  repository: string;
  /** What the containers are to run: `repository@sha256:…`. */
  reference: string;
  /** Only these, as `Deployment/backend`. */
  workloads?: readonly string[] | undefined;
  /** These, whatever image they have now. Default: those whose image is of the repository. */
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
interface Slot extends ImageMatch {
  index: number;
  path: readonly (string | number)[];
  image: string | null;
  /** null when the image is no reference (a placeholder). */
  repository: string | null;
  place: string;
}

/**
 * Sets the images of the services.
 * @throws UserError with every service that fits no container, and every container that two services fit.
 */
export function setImages(
  documents: readonly ManifestDocument[],
  images: readonly ServiceImage[],
  parse: ParseReference,
): { documents: ManifestDocument[]; matched: Map<string, ImageMatch[]> } {
  const slots = documents.flatMap((document, index) => slotsOf(document, index, parse));
  const chosen = images.map((image) => ({ image, ...choose(image, documents, slots) }));
  const problems = [...chosen.flatMap((one) => one.problems), ...contested(chosen)];
  if (problems.length > 0)
    throw new UserError(problems.join('\n'), {
      hint: 'Correct services.<name>.image, .workloads or .containers, or the manifests; nothing was touched.',
    });
  const changed = documents.map((document, index) => {
    const edits = chosen.flatMap(({ image, slots }) =>
      slots.filter((slot) => slot.index === index).map(({ path }) => ({ path, value: image.reference })),
    );
    return edits.length > 0 ? withEdits(document, edits) : document;
  });
  const matches = chosen.map(({ image, slots }): [string, ImageMatch[]] => [
    image.service,
    slots.map(({ workload, container, init }) => ({ workload, container, init })),
  ]);
  return { documents: changed, matched: new Map(matches) };
}

function slotsOf(document: ManifestDocument, index: number, parse: ParseReference): Slot[] {
  return containersOf(document.object).map(({ name, init, fields, path }) => {
    const image = text(fields, 'image');
    return {
      index,
      workload: titleOf(document.object),
      container: name,
      init,
      path: [...path, 'image'],
      image,
      repository: image === null ? null : repositoryOf(image, parse),
      place: placeOf(document, path),
    };
  });
}

/** The containers that a service means, or why they cannot be told. */
function choose(
  image: ServiceImage,
  documents: readonly ManifestDocument[],
  slots: readonly Slot[],
): { slots: Slot[]; problems: string[] } {
  const unknown = unknownWorkloads(image, documents);
  if (unknown.length > 0) return { slots: [], problems: unknown };
  const within = slots.filter(({ workload }) => image.workloads?.includes(workload) ?? true);
  const picks = image.containers
    ? image.containers.map((name) => named(image, name, within))
    : [byRepository(image, within)];
  const found = picks.flatMap((pick) => (typeof pick === 'string' ? [] : pick));
  const problems = picks.filter((pick) => typeof pick === 'string');
  const empty = (image.workloads ?? []).filter((title) => !found.some(({ workload }) => workload === title));
  // One reason is enough where nothing fits at all.
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
  documents: readonly ManifestDocument[],
): string[] {
  const known = documents.filter(({ object }) => templatePath(object)).map(({ object }) => titleOf(object));
  return (workloads ?? [])
    .filter((title) => !known.includes(title))
    .map(
      (title) =>
        `services.${service}.workloads names ${title}, the manifests have ${known.join(', ') || 'no workload'}`,
    );
}

function byRepository(image: ServiceImage, within: readonly Slot[]): Slot[] | string {
  const wanted = repositoryKey(image.repository);
  const found = within.filter(({ repository }) => repository === wanted);
  return found.length > 0 ? found : nothingFits(image, within, 'the manifests');
}

/** A container by its name. The same name in several workloads says little, so there the repository decides. */
function named(image: ServiceImage, name: string, within: readonly Slot[]): Slot[] | string {
  const { service, workloads, repository } = image;
  const found = within.filter(({ container }) => container === name);
  const owners = [...new Set(found.map(({ workload }) => workload))];
  if (owners.length === 0) {
    const there = [...new Set(within.map(({ container }) => container))].join(', ') || 'no container';
    return `services.${service}.containers names "${name}", ${workloads?.join(', ') ?? 'the manifests'} have ${there}`;
  }
  if (workloads || owners.length === 1) return found;
  const same = found.filter((slot) => slot.repository === repositoryKey(repository));
  return same.length > 0
    ? same
    : `services.${service}.containers names "${name}", which ${owners.join(' and ')} have; say which in services.${service}.workloads`;
}

function nothingFits({ service, repository }: ServiceImage, slots: readonly Slot[], where: string): string {
  const near = sortByNearness(repository, slots, ({ image }) => image ?? '')
    .slice(0, 3)
    .map(
      ({ image, workload, container, place }) =>
        `${image ?? 'no image'} (${workload}, container ${container}, ${place})`,
    );
  const found = near.length > 0 ? `nearest: ${near.join('; ')}` : 'there is no container at all';
  return `service "${service}": no container in ${where} has an image of ${repository}; ${found}`;
}

function contested(chosen: readonly { image: ServiceImage; slots: readonly Slot[] }[]): string[] {
  const owners = new Map<Slot, string>();
  return chosen.flatMap(({ image: { service }, slots }) =>
    slots.flatMap((slot) => {
      const owner = owners.get(slot) ?? service;
      owners.set(slot, owner);
      return owner === service
        ? []
        : [
            `${slot.place}: container ${slot.container} of ${slot.workload} fits both service "${owner}" and service "${service}"; tell them apart with workloads or containers`,
          ];
    }),
  );
}
