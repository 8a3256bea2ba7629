import { inspectWorkload } from '../cluster/inspect-workload.ts';
import { retryWhileUnreachable } from '../cluster/retry.ts';
import {
  canBeWatched,
  field,
  isScaledByOthers,
  type KubernetesObject,
  podLabelsOf,
  releaseOf,
  titleOf,
} from '../manifests/index.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { KubernetesTarget } from '../target.ts';
import { judge } from '../verdict/judge.ts';
import { emptyMemory } from '../verdict/model.ts';
import { serves } from '../verdict/scope.ts';

/** Those of the workloads that are ready, as `Deployment/web`. @throws ClusterUnreachable */
export async function readReady(
  target: KubernetesTarget,
  workloads: readonly KubernetesObject[],
): Promise<string[]> {
  const seen = workloads.map(async (workload) => {
    const name = { kind: workload.kind, name: workload.metadata.name };
    const snapshot = await retryWhileUnreachable(target, () => inspectWorkload(target, name));
    return isReady(snapshot, workload) ? [titleOf(workload)] : [];
  });
  return (await Promise.all(seen)).flat();
}

/**
 * Whether all the pods that a workload wants are ready, and are those of its present template and of the wanted release.
 * Pure.
 */
export function isReady(snapshot: Snapshot, wanted: KubernetesObject): boolean {
  const { workload } = snapshot;
  const release = releaseOf(wanted);
  if (!workload || workload.deleting || workload.release !== release) return false;
  if (!canBeWatched(wanted)) return hasReadyPods(snapshot, wanted);
  // An autoscaler, or the manifest itself, wants none: there is nothing to wait for.
  if (workload.wanted === 0 && wantsNone(wanted)) return true;
  const { uid, generation } = workload;
  const watched = { uid, generation, release, replicaSet: null, appliedAt: snapshot.at, oldBefore: 0 };
  return judge(snapshot, { ...watched, failFast: 'off' }, emptyMemory).judgement.state === 'complete';
}

/** Whether no pods are as many as a workload asks for: zero, or as many as something else decides. */
function wantsNone(workload: KubernetesObject): boolean {
  const replicas = field(workload, 'spec', 'replicas');
  return replicas === 0 || isScaledByOthers(workload);
}

/**
 * Whether a workload whose controller replaces no pods has as many ready ones as it wants, with the labels by which Services
 * find them. Pure.
 */
export function hasReadyPods({ workload, pods }: Snapshot, wanted: KubernetesObject): boolean {
  const labels = Object.entries(podLabelsOf(wanted));
  const ready = pods.filter(
    (pod) => serves(pod) && labels.every(([key, value]) => pod.labels[key] === value),
  );
  return workload !== null && workload.wanted > 0 && ready.length >= workload.wanted;
}
