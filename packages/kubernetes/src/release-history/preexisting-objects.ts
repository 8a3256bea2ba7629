import { formatImage, readImage } from '@slipway/kernel';
import type { ReleasedService } from '@slipway/platform';
import type { Kubectl } from '../cluster/kubectl.ts';
import { readLiveObjects } from '../cluster/live-objects.ts';
import {
  containersOf,
  type KubernetesObject,
  releaseOf,
  storedForm,
  titleOf,
  withContainerImage,
} from '../manifests/index.ts';
import type { ReleaseObjects } from '../render/release-objects.ts';

/**
 * Objects that others created and that a first release replaces, in a form that can be applied again, with the images
 * by the digests that ran: a tag may have moved by then. A workload that carries another release was replaced already by an
 * interrupted attempt; its earlier form is in `saved`.
 * @param of `release`: null, or one of a state that is lost.
 */
export async function preexistingObjects(
  kubectl: Kubectl,
  release: ReleaseObjects,
  {
    previous,
    release: of,
  }: { previous: Readonly<Record<string, ReleasedService | null>>; release: string | null },
  saved: ReleaseObjects | null,
): Promise<ReleaseObjects> {
  const live = await Promise.all(
    Object.entries(release.services).map(
      async ([name, objects]) => [name, await readLiveObjects(kubectl, objects)] as const,
    ),
  );
  const services = live.map(([name, objects]) => {
    const originals = objects.flatMap((one) =>
      releaseOf(one) === of
        ? [withRunningImages(storedForm(one), previous[name] ?? null)]
        : (saved?.services[name]?.filter((other) => titleOf(other) === titleOf(one)) ?? []),
    );
    return [name, originals] as const;
  });
  const wasInterrupted = live.some(([, objects]) => objects.some((one) => releaseOf(one) !== of));
  if (wasInterrupted && saved) return { shared: saved.shared, services: Object.fromEntries(services) };
  const shared = await readLiveObjects(
    kubectl,
    release.shared.filter(({ kind }) => kind !== 'Secret'),
  );
  return { shared: shared.map((one) => storedForm(one)), services: Object.fromEntries(services) };
}

/** The workload with the digest that the service ran in each container of its repository. */
function withRunningImages(workload: KubernetesObject, ran: ReleasedService | null): KubernetesObject {
  if (!ran?.image.digest) return workload;
  const { repository } = ran.image;
  return containersOf(workload)
    .filter(({ fields }) => readImage(String(fields.image ?? ''))?.repository === repository)
    .reduce((changed, one) => withContainerImage(changed, one, formatImage(ran.image)), workload);
}
