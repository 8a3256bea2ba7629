import { inspectWorkload } from '../cluster/inspect-workload.ts';
import { retryWhileUnreachable } from '../cluster/retry.ts';
import { canBeWatched, type KubernetesObject, podLabelsOf, releaseOf, titleOf } from '../manifests/index.ts';
import { readAutoscaling } from '../render/autoscalers.ts';
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
    return (await isReadyOrIdle(target, snapshot, workload)) ? [titleOf(workload)] : [];
  });
  return (await Promise.all(seen)).flat();
}

/**
 * Whether there is nothing to wait for: the pods are ready, or an autoscaler may want none. What somebody scaled to zero by
 * hand does not serve.
 * @throws ClusterUnreachable
 */
export async function isReadyOrIdle(
  target: KubernetesTarget,
  snapshot: Snapshot,
  wanted: KubernetesObject,
): Promise<boolean> {
  if (isReady(snapshot, wanted)) return true;
  if (!isPresent(snapshot, wanted) || snapshot.workload?.wanted !== 0) return false;
  return retryWhileUnreachable(
    target,
    async () => (await readAutoscaling(target.kubectl, titleOf(wanted))).toZero,
  );
}

/** Whether all the pods that a workload wants are ready, and are those of its present template and of the wanted release. */
function isReady(snapshot: Snapshot, wanted: KubernetesObject): boolean {
  const { workload } = snapshot;
  if (!workload || !isPresent(snapshot, wanted)) return false;
  if (!canBeWatched(wanted)) return hasReadyPods(snapshot, wanted);
  const { uid, generation, release } = workload;
  const watched = { uid, generation, release, replicaSet: null, appliedAt: snapshot.at, oldBefore: 0 };
  return judge(snapshot, { ...watched, failFast: 'off' }, emptyMemory).judgement.state === 'complete';
}

/** Whether the workload is there to stay, with the pod template of the wanted release. */
function isPresent({ workload }: Snapshot, wanted: KubernetesObject): boolean {
  return workload !== null && !workload.deleting && workload.release === releaseOf(wanted);
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
