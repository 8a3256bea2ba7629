import type { KubernetesObject } from '../manifests/index.ts';
import type { Kubectl } from './kubectl.ts';
import { parsePrintedObjects } from './printed-objects.ts';

/** The objects of the same kinds and names as the cluster has them now; those that do not exist are left out. */
export async function readLiveObjects(
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
  const text = await kubectl.execOrThrow('read the live objects', args, input);
  return parsePrintedObjects(text);
}
