import { Fault } from '@slipway/kernel';
import type { ObservedReplica, Prove, RolloutResult } from '@slipway/platform';
import { applyObjects } from '../cluster/apply.ts';
import { retryWhileUnreachable } from '../cluster/retry.ts';
import { canBeWatched, isWorkload, type KubernetesObject, titleOf } from '../manifests/index.ts';
import type { KubernetesTarget } from '../target.ts';
import { isScaledByOthers, readAppliedObject, withReplicas } from './apply-workload.ts';
import { restorePrevious } from './restore-previous.ts';
import { proveRollout, rollWorkload } from './roll-workload.ts';
import { countOldServing, readBaseline } from './workload-baseline.ts';
import { failedToApply, type WorkloadResult } from './workload-result.ts';
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
  const { release } = service.desired;
  const workloads = workloadsOf(service);
  const [rollouts, shared] = await Promise.all([
    retryWhileUnreachable(target, () => readBaselines(target, service, workloads, release)),
    rollShared(target, service),
  ]);
  const result = shared.ok ? await rollWorkloads(rollouts, prove) : shared;
  if (!result.ok) {
    await restorePrevious(rollouts);
    return { ok: false, ...result.failure, oldServing: await countOldServing(rollouts), ms: elapsedMs() };
  }
  const changed = rollouts.some(
    ({ baseline }) => baseline.release !== release || baseline.snapshot.workload === null,
  );
  const outcome = changed ? 'passed' : 'skipped';
  return { ok: true, outcome, replicas: result.replicas, ms: elapsedMs() };
}

/** A Job prepares a release. A restored release was prepared when it was new, and its Job could do harm now. */
function workloadsOf({ desired, objects, purpose }: ServiceRollout): readonly KubernetesObject[] {
  const workloads = objects.services[desired.name] ?? [];
  if (workloads.length === 0)
    throw new Fault(`the manifests of the release have no workload of service ${desired.name}`);
  return purpose === 'restore' ? workloads.filter(({ kind }) => kind !== 'Job') : workloads;
}

function readBaselines(
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

async function rollWorkloads(rollouts: readonly WorkloadRollout[], prove: Prove): Promise<WorkloadResult> {
  const replicas: ObservedReplica[] = [];
  for (const rollout of rollouts) {
    const result = await rollWorkload(rollout, rollout === rollouts.at(-1) ? prove : undefined);
    if (!result.ok) return result;
    replicas.push(...result.replicas);
  }
  return { ok: true, replicas };
}

/**
 * Applies what belongs to no service. A workload among it (a cache, a queue) that this changes is waited for like any
 * other; an unchanged one costs no time.
 */
async function rollShared(target: KubernetesTarget, service: ServiceRollout): Promise<WorkloadResult> {
  const { shared } = service.objects;
  const force = takesOverFields(target, service);
  try {
    const rollouts = await retryWhileUnreachable(target, () =>
      readBaselines(target, service, shared.filter(isWorkload), null),
    );
    const objects = shared.map((one) => withReplicasOf(rollouts, one));
    const applied = await retryWhileUnreachable(target, () =>
      applyObjects(target.kubectl, objects, { force }),
    );
    for (const rollout of rollouts) {
      const title = titleOf(rollout.workload);
      const now = readAppliedObject(
        applied.find((one) => titleOf(one) === title),
        title,
      );
      const isUnchanged = now.generation === rollout.baseline.snapshot.workload?.generation;
      if (isUnchanged || !canBeWatched(rollout.workload)) continue;
      const result = await proveRollout(rollout, now);
      if (!result.ok) return result;
    }
    return { ok: true, replicas: [] };
  } catch (error) {
    return failedToApply(error);
  }
}

/** Left out, the replicas of a workload that Slipway scaled once would be reset to one. */
function withReplicasOf(rollouts: readonly WorkloadRollout[], object: KubernetesObject): KubernetesObject {
  const live = rollouts.find(({ workload }) => workload === object)?.baseline.snapshot.workload;
  return live && isScaledByOthers(object) ? withReplicas(object, live.wanted) : object;
}
