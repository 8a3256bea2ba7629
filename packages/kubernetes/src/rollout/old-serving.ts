import { poll } from '@slipway/kernel';
import type { RolloutFailure } from '@slipway/platform';
import { ClusterUnreachable } from '../cluster/cluster-error.ts';
import { inspectWorkload } from '../cluster/inspect-workload.ts';
import { isService, type KubernetesObject, podLabelsOf, selectorOf, titleOf } from '../manifests/index.ts';
import type { ReleaseObjects } from '../render/release-objects.ts';
import { startTimeoutMsOf } from '../target.ts';
import { readEndpoints } from '../traffic/endpoints.ts';
import { type OldServing, oldServing, type ServingWorkload } from '../traffic/old-serving.ts';
import { serves } from '../verdict/scope.ts';
import type { WorkloadRollout } from './workload-rollout.ts';

/**
 * Measured after a failure, over all workloads of the service: pods of the old version that receive requests, by the
 * endpoints of the Services that lead to them. Those that the rollout had replaced already get the time of a start to
 * come back.
 */
export async function countOldServing(
  rollouts: readonly WorkloadRollout[],
): Promise<RolloutFailure['oldServing']> {
  const [first] = rollouts;
  const previous = first?.service.previous;
  // A restore puts nothing back, and without a version that was proven there is no old one.
  if (!first || !previous) return { serving: 0, of: 0 };
  const { target, service } = first;
  const { clock, signal } = target;
  const serving = rollouts.filter(({ workload }) => workload.kind !== 'Job');
  const of = serving.reduce((sum, { baseline }) => sum + baseline.old, 0);
  const timeoutMs = startTimeoutMsOf(target, service.desired.name);
  const options = { clock, signal, intervalMs: 1000, timeoutMs, during: 'the return of the old version' };
  try {
    const saved = await service.previousObjects(previous.release).catch(() => null);
    let last: OldServing = { serving: 0, seen: 'ready' };
    await poll(options, async () => {
      last = await countServing(serving, saved);
      return last.serving >= of
        ? { done: true, value: last }
        : { done: false, seen: `${last.serving} ${last.seen}` };
    });
    return { ...last, of };
  } catch (error) {
    if (!(error instanceof ClusterUnreachable)) throw error;
    return { serving: null, of };
  }
}

async function countServing(
  rollouts: readonly WorkloadRollout[],
  saved: ReleaseObjects | null,
): Promise<OldServing> {
  const [first] = rollouts;
  if (!first) return { serving: 0, seen: 'ready' };
  const [endpoints, ...workloads] = await Promise.all([
    readEndpoints(first.target.kubectl),
    ...rollouts.map((rollout) => oldPodsOf(rollout, saved)),
  ]);
  const services = (saved?.shared ?? []).filter(isService).map((one) => ({
    name: one.metadata.name,
    selector: selectorOf(one),
  }));
  return oldServing(workloads, endpoints, services);
}

async function oldPodsOf(
  { target, workload, release }: WorkloadRollout,
  saved: ReleaseObjects | null,
): Promise<ServingWorkload> {
  const { pods } = await inspectWorkload(target, { kind: workload.kind, name: workload.metadata.name });
  const old = pods.filter((pod) => serves(pod) && pod.release !== release);
  const before = savedWorkload(workload, saved);
  const labels = [...(before ? [podLabelsOf(before)] : []), ...old.map((pod) => pod.labels)];
  return { name: workload.metadata.name, labels, pods: old };
}

function savedWorkload(
  workload: KubernetesObject,
  saved: ReleaseObjects | null,
): KubernetesObject | undefined {
  const all = saved ? [...saved.shared, ...Object.values(saved.services).flat()] : [];
  return all.find((one) => titleOf(one) === titleOf(workload));
}
