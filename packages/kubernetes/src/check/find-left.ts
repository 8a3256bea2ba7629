import type { LeftService } from '@slipway/platform';
import { readLiveObjects } from '../cluster/live-objects.ts';
import { field, type KubernetesObject, titleOf } from '../manifests/index.ts';
import { loadManifestDocuments } from '../render/load-documents.ts';
import type { ReleaseObjects } from '../render/release-objects.ts';
import type { KubernetesTarget } from '../target.ts';

/**
 * Those of the services of a release whose workloads still run. A workload that the manifests of the checkout have is
 * applied with them, whatever its service is called by now.
 * @param saved What the release applied; null when that is not known any more.
 */
export async function findLeft(
  target: KubernetesTarget,
  saved: ReleaseObjects | null,
  services: readonly string[],
): Promise<LeftService[]> {
  const applied = new Set((await loadManifestDocuments(target)).map(({ object }) => titleOf(object)));
  const { kubectl } = target;
  const each = services.map(async (name): Promise<LeftService[]> => {
    const gone = (saved?.services[name] ?? []).filter((one) => !applied.has(titleOf(one)));
    const replicas = (await readLiveObjects(kubectl, gone)).filter(wantsPods).map(titleOf);
    const removal = `kubectl --namespace ${kubectl.namespace} delete ${replicas.join(' ')}`;
    return replicas.length === 0 ? [] : [{ name, replicas, removal }];
  });
  return (await Promise.all(each)).flat();
}

/** A Job serves nothing, and ends. */
function wantsPods(workload: KubernetesObject): boolean {
  return workload.kind !== 'Job' && field(workload, 'spec', 'replicas') !== 0;
}
