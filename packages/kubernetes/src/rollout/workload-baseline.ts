import { poll } from '@slipway/kernel';
import type { RolloutFailure } from '@slipway/platform';
import { ClusterUnreachable } from '../cluster/cluster-error.ts';
import { inspectWorkload } from '../cluster/inspect-workload.ts';
import type { KubernetesObject } from '../manifests/index.ts';
import { type KubernetesTarget, startTimeoutMsOf } from '../target.ts';
import { serves } from '../verdict/scope.ts';
import type { ServiceRollout, WorkloadBaseline, WorkloadRollout } from './workload-rollout.ts';

/** The workloads as they are before they are changed. `release`: as below. */
export function readBaselines(
  target: KubernetesTarget,
  service: ServiceRollout,
  workloads: readonly KubernetesObject[],
  release: string | null,
): Promise<WorkloadRollout[]> {
  return Promise.all(
    workloads.map(async (workload) => {
      const baseline = await readBaseline(target, workload, release);
      return { target, service, workload, release, baseline };
    }),
  );
}

/** `release`: the one that is about to be rolled out. */
async function readBaseline(
  target: KubernetesTarget,
  workload: KubernetesObject,
  release: string | null,
): Promise<WorkloadBaseline> {
  const snapshot = await inspectWorkload(target, { kind: workload.kind, name: workload.metadata.name });
  const serving = snapshot.pods.filter(serves);
  return {
    snapshot,
    release: snapshot.workload?.release ?? null,
    serving: serving.length,
    old: serving.filter((pod) => pod.release !== release).length,
    template: snapshot.workload?.template ?? null,
  };
}

/**
 * Measured after a failure, over all workloads of the service: pods that serve and are not of the failed release. Those
 * that the rollout had replaced already get the time of a start to come back.
 */
export async function countOldServing(
  rollouts: readonly WorkloadRollout[],
): Promise<RolloutFailure['oldServing']> {
  const serving = rollouts.filter(({ workload }) => workload.kind !== 'Job');
  // A restore puts nothing back, and without a version that was proven there is no old one.
  if (!rollouts.some(({ service }) => service.previous)) return { serving: 0, of: 0 };
  const of = serving.reduce((sum, { baseline }) => sum + baseline.serving, 0);
  try {
    const counts = await Promise.all(serving.map(countOldPods));
    return { serving: counts.reduce((sum, count) => sum + count, 0), of };
  } catch (error) {
    if (!(error instanceof ClusterUnreachable)) throw error;
    return { serving: null, of };
  }
}

async function countOldPods({
  target,
  service,
  workload,
  baseline,
  release,
}: WorkloadRollout): Promise<number> {
  const { clock, signal } = target;
  const timeoutMs = startTimeoutMsOf(target, service.desired.name);
  const options = { clock, signal, intervalMs: 1000, timeoutMs, during: 'the return of the old version' };
  let serving = 0;
  await poll(options, async () => {
    const { pods } = await inspectWorkload(target, { kind: workload.kind, name: workload.metadata.name });
    serving = pods.filter((pod) => serves(pod) && pod.release !== release).length;
    return serving >= baseline.old
      ? { done: true, value: serving }
      : { done: false, seen: `${serving} serving` };
  });
  return serving;
}
