import { Fault } from '@slipway/kernel';
import type { ObservedReplica, Prove, RolloutResult } from '@slipway/platform';
import { allLeft, type LeftObjects } from '../cluster/left-objects.ts';
import { retryWhileUnreachable } from '../cluster/retry.ts';
import type { KubernetesObject } from '../manifests/index.ts';
import type { KubernetesTarget } from '../target.ts';
import { Traffic } from '../traffic/traffic.ts';
import { failedLogs, replacedLogs } from './failed-logs.ts';
import { countOldServing } from './old-serving.ts';
import { restorePrevious } from './restore-previous.ts';
import { rollShared, type SharedResult } from './roll-shared.ts';
import { rollWorkload } from './roll-workload.ts';
import { readBaselines } from './workload-baseline.ts';
import { failedToApply, failWorkload, type WorkloadResult } from './workload-result.ts';
import { type ServiceRollout, takesOverFields, type WorkloadRollout } from './workload-rollout.ts';

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
  const { objects, later, purpose, assertHeld } = service;
  const { release } = service.desired;
  const workloads = workloadsOf(service);
  const traffic = await retryWhileUnreachable(target, () =>
    Traffic.open(target, {
      objects,
      later,
      isRestore: purpose === 'restore',
      force: takesOverFields(target, service),
      assertHeld,
    }),
  );
  const [rollouts, shared] = await Promise.all([
    retryWhileUnreachable(target, () => readBaselines(target, { service, traffic }, workloads, release)),
    rollShared(target, service, traffic),
  ]);
  const log = purpose === 'restore' ? await replacedLogs(rollouts) : [];
  const rolled = shared.ok ? await proveLater(service, shared, await rollWorkloads(rollouts, prove)) : shared;
  const left = allLeft(shared.left, traffic.left);
  const result = rolled.ok ? withoutRefused(service, rolled, left) : rolled;
  if (!result.ok) {
    const { failure } = result;
    const logs = purpose === 'restore' ? log : await failedLogs(rollouts, failure.details);
    // Where the pods are healthy, what was refused is the reason itself.
    const refused = rolled.ok ? [] : left.refused;
    const stays = [...left.oneWay, ...refused, ...(await restorePrevious(rollouts))];
    const oldServing = await countOldServing(rollouts);
    const details = [...failure.details, ...logs];
    return { ok: false, ...failure, details, oldServing, left: stays, ms: elapsedMs() };
  }
  const changed = rollouts.some(
    ({ baseline }) => baseline.release !== release || baseline.snapshot.workload === null,
  );
  const outcome = changed ? 'passed' : 'skipped';
  return { ok: true, outcome, replicas: result.replicas, log, left: left.oneWay, ms: elapsedMs() };
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
  try {
    for (const rollout of rollouts) {
      const result = await rollWorkload(rollout, rollout === rollouts.at(-1) ? prove : undefined);
      if (!result.ok) return result;
      replicas.push(...result.replicas);
    }
    await settleTraffic(rollouts);
  } catch (error) {
    return failedToApply(error);
  }
  return { ok: true, replicas };
}

/** When all services are back, what else was not ready has to be, too. One that the release does not have is only removed. */
async function proveLater(
  { later, objects }: ServiceRollout,
  shared: Extract<SharedResult, { ok: true }>,
  rolled: WorkloadResult,
): Promise<WorkloadResult> {
  if (!rolled.ok || later.some((name) => objects.services[name] !== undefined)) return rolled;
  try {
    for (const prove of shared.later) {
      const proven = await prove();
      if (!proven.ok) return proven;
    }
  } catch (error) {
    return failedToApply(error);
  }
  return rolled;
}

/** What still waits for pods when there is nobody left who would start them has not been rolled out. */
async function settleTraffic([first]: readonly WorkloadRollout[]): Promise<void> {
  if (!first) return;
  const { objects, later } = first.service;
  await first.traffic.settle(later.flatMap((name) => objects.services[name] ?? []));
}

/** A service that serves is not rolled out as long as something that it came with is not applied and could be. */
function withoutRefused(
  { desired, purpose }: ServiceRollout,
  result: WorkloadResult,
  { refused }: LeftObjects,
): WorkloadResult {
  if (refused.length === 0) return result;
  const all = refused.join('; ');
  if (purpose === 'deploy')
    return failWorkload(
      all,
      'Let the Service or route lead to pods that get ready, or remove it from the manifests.',
    );
  return failWorkload(
    `the pods of ${desired.name} are restored, but not everything that they came with: ${all}`,
    'Remove the reason for which the cluster refuses it, or delete an object that cannot be changed, and re-run this job.',
  );
}
