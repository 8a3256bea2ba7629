import type { ReleaseObjects } from '../kept/kept-documents.ts';
import { type KubernetesObject, storedForm } from '../manifests/index.ts';
import type { KubernetesTarget } from '../target.ts';
import type { Kubectl } from './kubectl.ts';
import { printedObjects } from './printed-objects.ts';

/** The objects of the same kinds and names as the cluster has them now; those that are not there are left out. */
export async function readLive(
  kubectl: Kubectl,
  objects: readonly KubernetesObject[],
): Promise<KubernetesObject[]> {
  if (objects.length === 0) return [];
  const named = objects.map(({ apiVersion, kind, metadata: { name, namespace } }) => ({
    apiVersion,
    kind,
    metadata: { name, namespace },
  }));
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: named });
  const args = ['get', '--filename=-', '--ignore-not-found', '--output=json'];
  const text = await kubectl.demand('read what is there', args, input);
  return printedObjects(text) as KubernetesObject[];
}

/** What runs now in place of a release's objects, in a form that can be applied again. */
export async function liveObjects(
  target: KubernetesTarget,
  release: ReleaseObjects,
): Promise<ReleaseObjects> {
  const stored = async (objects: readonly KubernetesObject[]): Promise<KubernetesObject[]> =>
    (
      await readLive(
        target.kubectl,
        objects.filter(({ kind }) => kind !== 'Secret'),
      )
    ).map((live) => storedForm(live) as KubernetesObject);
  const services = await Promise.all(
    Object.entries(release.services).map(async ([name, objects]) => [name, await stored(objects)] as const),
  );
  return { shared: await stored(release.shared), services: Object.fromEntries(services) };
}
