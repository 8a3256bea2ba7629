import { formatImage, UserError } from '@slipway/kernel';
import {
  type ContainerImage,
  chooseContainers,
  type ImageMatch,
  type ServiceImage,
} from './choose-containers.ts';
import { withEdits } from './edit.ts';
import { text } from './fields.ts';
import { type KubernetesObject, locationOf, type ManifestDocument, titleOf } from './object.ts';
import { repositoryOf } from './repository.ts';
import { containersOf } from './workload.ts';

/**
 * Sets the images of the services.
 * @throws UserError with every service that matches no container, and every container that two services match.
 */
export function setImages(
  documents: readonly ManifestDocument[],
  images: readonly ServiceImage[],
): { documents: ManifestDocument[]; matched: Map<string, ImageMatch[]> } {
  const slots = documents.flatMap((document, index) => slotsOf(document, index));
  const chosen = images.map((image) => ({ image, ...chooseContainers(image, documents, slots) }));
  const problems = [...chosen.flatMap((one) => one.problems), ...contested(chosen)];
  if (problems.length > 0)
    throw new UserError(problems.join('\n'), {
      hint: 'Correct services.<name>.image, .workloads or .containers, or the manifests. Nothing was changed.',
    });
  const changed = documents.map((document, index) => {
    const edits = chosen.flatMap(({ image, slots }) =>
      slots
        .filter((slot) => slot.index === index)
        .map(({ path }) => ({ path, value: formatImage(image.image) })),
    );
    return edits.length > 0 ? withEdits(document, edits) : document;
  });
  const matches = chosen.map(({ image, slots }): [string, ImageMatch[]] => [
    image.service,
    slots.map(({ workload, container, init }) => ({ workload, container, init })),
  ]);
  return { documents: changed, matched: new Map(matches) };
}

/** The containers of live objects that run each service, as far as there are any. */
export function matchImages(
  objects: readonly KubernetesObject[],
  images: readonly ServiceImage[],
): Map<string, ImageMatch[]> {
  const slots = objects.flatMap((object, index) => slotsIn(object, index, () => titleOf(object)));
  const documents = objects.map((object) => ({ object }));
  return new Map(images.map((one) => [one.service, chooseContainers(one, documents, slots).slots]));
}

function slotsOf(document: ManifestDocument, index: number): ContainerImage[] {
  return slotsIn(document.object, index, (path) => locationOf(document, path));
}

function slotsIn(
  object: KubernetesObject,
  index: number,
  locate: (path: readonly (string | number)[]) => string,
): ContainerImage[] {
  return containersOf(object).map(({ name, init, fields, path }) => {
    const image = text(fields, 'image');
    return {
      index,
      workload: titleOf(object),
      container: name,
      init,
      path: [...path, 'image'],
      image,
      repository: image === null ? null : repositoryOf(image),
      location: locate(path),
    };
  });
}

function contested(chosen: readonly { image: ServiceImage; slots: readonly ContainerImage[] }[]): string[] {
  const owners = new Map<ContainerImage, string>();
  return chosen.flatMap(({ image: { service }, slots }) =>
    slots.flatMap((slot) => {
      const owner = owners.get(slot) ?? service;
      owners.set(slot, owner);
      return owner === service
        ? []
        : [
            `${slot.location}: container ${slot.container} of ${slot.workload} matches both service "${owner}" and service "${service}"; distinguish them with workloads or containers`,
          ];
    }),
  );
}
