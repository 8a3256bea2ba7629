import { formatImage, readImage } from '@slipway/kernel';
import type { StampedService } from '@slipway/platform';
import type { Kubectl } from '../cluster/kubectl.ts';
import { readLive } from '../cluster/live-objects.ts';
import { containersOf, type KubernetesObject, releaseOf, storedForm, titleOf } from '../manifests/index.ts';
import type { ReleaseObjects } from './kept-documents.ts';

/**
 * What others made and a first release replaces, in a form that can be applied again, with the images by the digests
 * that ran: a tag may mean something else by then. A workload that carries a release was replaced already by an attempt
 * that was cut off; what it was stands in `kept`.
 */
export async function foreignObjects(
  kubectl: Kubectl,
  release: ReleaseObjects,
  previous: Readonly<Record<string, StampedService | null>>,
  kept: ReleaseObjects | null,
): Promise<ReleaseObjects> {
  let isUnderWay = false;
  const services: Record<string, KubernetesObject[]> = {};
  for (const [name, objects] of Object.entries(release.services)) {
    const live = await readLive(kubectl, objects);
    services[name] = live.flatMap((one) => {
      if (releaseOf(one) === null)
        return [pinned(storedForm(one) as KubernetesObject, previous[name] ?? null)];
      isUnderWay = true;
      return kept?.services[name]?.filter((other) => titleOf(other) === titleOf(one)) ?? [];
    });
  }
  if (isUnderWay && kept) return { shared: kept.shared, services };
  const shared = await readLive(
    kubectl,
    release.shared.filter(({ kind }) => kind !== 'Secret'),
  );
  return { shared: shared.map((one) => storedForm(one) as KubernetesObject), services };
}

/** The workload with the digest that the service ran in each container of its repository. */
function pinned(workload: KubernetesObject, ran: StampedService | null): KubernetesObject {
  if (!ran?.image.digest) return workload;
  const copy = structuredClone(workload);
  const { repository } = ran.image;
  for (const { fields } of containersOf(copy)) {
    const image = String(fields.image ?? '');
    if (readImage(image)?.repository === repository)
      (fields as { image?: string }).image = formatImage(ran.image);
  }
  return copy;
}
