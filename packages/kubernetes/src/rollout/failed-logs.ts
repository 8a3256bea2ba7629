import type { RolloutFailure } from '@slipway/platform';
import { inspectWorkload } from '../cluster/inspect-workload.ts';
import { podTails } from '../cluster/logs.ts';
import type { PodState } from '../snapshot/snapshot.ts';
import type { WorkloadRollout } from './workload-rollout.ts';

type Lines = RolloutFailure['details'];

/** Before a restore: the ends of the logs of the pods that it replaces, which are those of the release that failed. */
export function replacedLogs(rollouts: readonly WorkloadRollout[]): Promise<Lines> {
  return tailsOf(
    rollouts,
    rollouts.map(({ baseline, release }) => baseline.snapshot.pods.filter((pod) => pod.release !== release)),
  );
}

/**
 * Before a release that failed is replaced: the ends of the logs of its pods.
 * @param known Lines that are reported already.
 */
export async function failedLogs(rollouts: readonly WorkloadRollout[], known: Lines): Promise<Lines> {
  const pods = rollouts.map(async ({ target, workload: { kind, metadata }, release }) => {
    const snapshot = await inspectWorkload(target, { kind, name: metadata.name }).catch(() => null);
    return (snapshot?.pods ?? []).filter((pod) => pod.release === release);
  });
  return tailsOf(rollouts, await Promise.all(pods), known);
}

async function tailsOf(
  [first]: readonly WorkloadRollout[],
  pods: readonly (readonly PodState[])[],
  known: Lines = [],
): Promise<Lines> {
  return first ? podTails(first.target.kubectl, pods.flat(), known) : [];
}
