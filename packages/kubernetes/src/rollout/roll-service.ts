import { Fault } from '@slipway/kernel';
import type { ObservedReplica, Prove, RolloutResult } from '@slipway/platform';
import type { LeftObjects } from '../cluster/left-objects.ts';
import { retryWhileUnreachable } from '../cluster/retry.ts';
import type { KubernetesObject } from '../manifests/index.ts';
import type { KubernetesTarget } from '../target.ts';
import { restorePrevious } from './restore-previous.ts';
import { rollShared } from './roll-shared.ts';
import { rollWorkload } from './roll-workload.ts';
import { countOldServing, readBaselines } from './workload-baseline.ts';
import { failWorkload, type WorkloadResult } from './workload-result.ts';
import type { ServiceRollout, WorkloadRollout } from './workload-rollout.ts';

/**
 * Applies what the release needs and then each workload of the service, waits for the pods of exactly this apply, and
 * proves image and health. After a failure the previous release is applied again: while old pods still serve, that
 * only removes the new pods.
 */
export async function rollService(
  target: KubernetesTarget,
  service: ServiceRollout,
  prove: Prove,
): Promise<RolloutResult> {
  const start = target.clock.monotonic();
  const elapsedMs = (): number => target.clock.monotonic() - start;
  const { release } = service.desired;
  const workloads = workloadsOf(service);
  const [rollouts, shared] = await Promise.all([
    retryWhileUnreachable(target, () => readBaselines(target, service, workloads, release)),
    rollShared(target, service),
  ]);
  const rolled = shared.ok ? await rollWorkloads(rollouts, prove) : shared;
  const left = shared.ok ? shared.left : { oneWay: [], refused: [] };
  const result = rolled.ok ? withoutRefused(service, rolled, left) : rolled;
  if (!result.ok) {
    const stays = [...left.oneWay, ...(await restorePrevious(rollouts))];
    const oldServing = await countOldServing(rollouts);
    return { ok: false, ...result.failure, oldServing, left: stays, ms: elapsedMs() };
  }
  const changed = rollouts.some(
    ({ baseline }) => baseline.release !== release || baseline.snapshot.workload === null,
  );
  const outcome = changed ? 'passed' : 'skipped';
  return { ok: true, outcome, replicas: result.replicas, left: left.oneWay, ms: elapsedMs() };
}

/** A Job prepares a release. A restored release was prepared when it was new, and its Job could do harm now. */
function workloadsOf({ desired, objects, purpose }: ServiceRollout): readonly KubernetesObject[] {
  const workloads = objects.services[desired.name] ?? [];
  if (workloads.length === 0)
    throw new Fault(`the manifests of the release have no workload of service ${desired.name}`);
  return purpose === 'restore' ? workloads.filter(({ kind }) => kind !== 'Job') : workloads;
}

async function rollWorkloads(rollouts: readonly WorkloadRollout[], prove: Prove): Promise<WorkloadResult> {
  const replicas: ObservedReplica[] = [];
  for (const rollout of rollouts) {
    const result = await rollWorkload(rollout, rollout === rollouts.at(-1) ? prove : undefined);
    if (!result.ok) return result;
    replicas.push(...result.replicas);
  }
  return { ok: true, replicas };
}

/** A service that serves again is not restored as long as something that it came with is refused and could be applied. */
function withoutRefused(
  { desired }: ServiceRollout,
  result: WorkloadResult,
  { refused }: LeftObjects,
): WorkloadResult {
  if (refused.length === 0) return result;
  return failWorkload(
    `the pods of ${desired.name} are restored, but not everything that they came with: ${refused.join('; ')}`,
    'Remove the reason for which the cluster refuses it, and re-run this job.',
  );
}
