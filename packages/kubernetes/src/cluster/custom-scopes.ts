import * as z from 'zod';
import type { KubernetesObject } from '../manifests/index.ts';
import { clusterError } from './cluster-error.ts';
import type { Kubectl } from './kubectl.ts';

const resourcesSchema = z.object({
  resources: z.array(z.object({ kind: z.string(), namespaced: z.boolean() })),
});

/** Of a custom resource. Groups of Kubernetes itself may have no dot. */
const customVersion = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+\/v[a-z0-9]+$/;

/**
 * Which of the objects are custom resources outside namespaces, by what the API server says of their kinds. A group that it
 * does not have any more has none: it refuses its objects.
 * @throws ClusterUnreachable; UserError or Fault when it cannot be asked.
 */
export async function clusterWideCustom(
  kubectl: Kubectl,
  objects: readonly KubernetesObject[],
): Promise<ReadonlySet<KubernetesObject>> {
  const custom = objects.filter(({ apiVersion }) => customVersion.test(apiVersion));
  const versions = [...new Set(custom.map(({ apiVersion }) => apiVersion))];
  const kinds = new Map(
    await Promise.all(versions.map(async (one) => [one, await clusterWideKinds(kubectl, one)] as const)),
  );
  return new Set(custom.filter(({ apiVersion, kind }) => kinds.get(apiVersion)?.has(kind)));
}

async function clusterWideKinds(kubectl: Kubectl, apiVersion: string): Promise<Set<string>> {
  const result = await kubectl.run(['get', '--raw', `/apis/${apiVersion}`]);
  if (!result.ok) {
    if (/NotFound|could not find the requested resource|not found/i.test(result.stderr.data))
      return new Set();
    throw clusterError(`ask for the kinds of ${apiVersion}`, result);
  }
  const { resources } = resourcesSchema.parse(JSON.parse(result.stdout.data));
  return new Set(resources.filter(({ namespaced }) => !namespaced).map(({ kind }) => kind));
}
