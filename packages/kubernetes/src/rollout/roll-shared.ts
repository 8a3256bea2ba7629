import { applyAccepted, applyObjects } from '../cluster/apply.ts';
import { describeLeft, type LeftObjects, nothingLeft } from '../cluster/left-objects.ts';
import { retryWhileUnreachable } from '../cluster/retry.ts';
import { canBeWatched, isWorkload, type KubernetesObject, titleOf } from '../manifests/index.ts';
import type { KubernetesTarget } from '../target.ts';
import type { Traffic } from '../traffic/traffic.ts';
import { isScaledByOthers, readAppliedObject, withReplicas } from './apply-workload.ts';
import { proveRollout } from './roll-workload.ts';
import { readBaselines } from './workload-baseline.ts';
import { failedToApply, type WorkloadFailure } from './workload-result.ts';
import { type ServiceRollout, takesOverFields, type WorkloadRollout } from './workload-rollout.ts';

/** How the rollout of what belongs to no service went. */
export type SharedResult = { ok: true; left: LeftObjects } | WorkloadFailure;

/**
 * Applies what belongs to no service. A workload among it (a cache, a queue) that this changes is waited for like any
 * other; an unchanged one costs no time. In a restore each object goes back on its own: one that cannot is left as it is.
 */
export async function rollShared(
  target: KubernetesTarget,
  service: ServiceRollout,
  traffic: Traffic,
): Promise<SharedResult> {
  const shared = sharedOf(service);
  try {
    const rollouts = await retryWhileUnreachable(target, () =>
      readBaselines(target, { service, traffic }, shared.filter(isWorkload), null),
    );
    const first = shared.filter((one) => !traffic.isDeferred(one));
    const objects = first.map((one) => withReplicasOf(rollouts, one));
    const { applied, left } = await retryWhileUnreachable(target, () =>
      applyShared(target, service, objects),
    );
    for (const rollout of rollouts) {
      const title = titleOf(rollout.workload);
      const live = applied.find((one) => titleOf(one) === title);
      if (live === undefined && service.purpose === 'restore') continue;
      const now = readAppliedObject(live, title, rollout.release);
      const isUnchanged = now.generation === rollout.baseline.snapshot.workload?.generation;
      if (isUnchanged || !canBeWatched(rollout.workload)) continue;
      const result = await proveRollout(rollout, now);
      if (!result.ok) return result;
    }
    await traffic.ready(rollouts.map(({ workload }) => titleOf(workload)));
    return { ok: true, left };
  } catch (error) {
    return failedToApply(error);
  }
}

/** A Job of a restored release was run when the release was new, and could do harm now. */
function sharedOf({ purpose, objects }: ServiceRollout): readonly KubernetesObject[] {
  return purpose === 'restore' ? objects.shared.filter(({ kind }) => kind !== 'Job') : objects.shared;
}

async function applyShared(
  target: KubernetesTarget,
  service: ServiceRollout,
  objects: readonly KubernetesObject[],
): Promise<{ applied: KubernetesObject[]; left: LeftObjects }> {
  const { kubectl } = target;
  if (service.purpose === 'restore') {
    const { applied, refused } = await applyAccepted(kubectl, objects);
    return { applied, left: await describeLeft(kubectl, refused) };
  }
  const applied = await applyObjects(kubectl, objects, { force: takesOverFields(target, service) });
  return { applied, left: nothingLeft };
}

/** Left out, the replicas of a workload that Slipway scaled once would be reset to one. */
function withReplicasOf(rollouts: readonly WorkloadRollout[], object: KubernetesObject): KubernetesObject {
  const live = rollouts.find(({ workload }) => workload === object)?.baseline.snapshot.workload;
  return live && isScaledByOthers(object) ? withReplicas(object, live.wanted) : object;
}
