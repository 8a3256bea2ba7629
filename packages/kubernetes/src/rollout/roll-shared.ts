import { isDeepStrictEqual } from 'node:util';
import { applyAccepted } from '../cluster/apply.ts';
import {
  allLeft,
  describeLeft,
  describeOutside,
  type LeftObjects,
  nothingLeft,
} from '../cluster/left-objects.ts';
import { retryWhileUnreachable } from '../cluster/retry.ts';
import {
  canBeWatched,
  field,
  isPartOf,
  isWorkload,
  type KubernetesObject,
  titleOf,
} from '../manifests/index.ts';
import type { KubernetesTarget } from '../target.ts';
import { hasReadyPods, isReadyOrIdle } from '../traffic/readiness.ts';
import type { Traffic } from '../traffic/traffic.ts';
import { readAppliedObject } from './apply-workload.ts';
import { applyWithReplicas, withReplicas } from './replicas.ts';
import { proveRollout } from './roll-workload.ts';
import { readBaselines } from './workload-baseline.ts';
import { failedToApply, type WorkloadFailure } from './workload-result.ts';
import { type ServiceRollout, takesOverFields, type WorkloadRollout } from './workload-rollout.ts';

/** What proves a workload. */
type Proof = () => Promise<{ ok: true } | WorkloadFailure>;

/** How the rollout of what belongs to no service went. `later`: what is proven when the services are back. */
export type SharedResult = ({ ok: true; later: readonly Proof[] } | WorkloadFailure) & { left: LeftObjects };

/**
 * Applies what belongs to no service. A workload among it (a cache, a queue) that this changes is waited for like any
 * other; an unchanged one that is ready costs no time. In a restore each object goes back on its own: one that cannot is left as it is.
 */
export async function rollShared(
  target: KubernetesTarget,
  service: ServiceRollout,
  traffic: Traffic,
): Promise<SharedResult> {
  const shared = sharedOf(service);
  let left = nothingLeft;
  try {
    const rollouts = await retryWhileUnreachable(target, () =>
      readBaselines(target, { service, traffic }, shared.filter(isWorkload), null),
    );
    const first = shared.filter((one) => !traffic.isDeferred(one));
    const { applied, ...rest } = await retryWhileUnreachable(target, () =>
      applyShared(target, service, first),
    );
    left = rest.left;
    const later: Proof[] = [];
    for (const rollout of rollouts) {
      const title = titleOf(rollout.workload);
      const result = await proveShared(
        rollout,
        applied.find((one) => titleOf(one) === title),
      );
      if (!result.ok) return { ...result, left };
      if (result.later) later.push(result.later);
    }
    return { ok: true, later, left };
  } catch (error) {
    return { ...failedToApply(error), left };
  }
}

/**
 * Waits for a workload that this apply changed, or that an earlier attempt changed and left without ready pods. Only what
 * is seen to be ready receives requests.
 * @param live As it was applied; undefined when it was refused in a restore.
 */
async function proveShared(
  rollout: WorkloadRollout,
  live: KubernetesObject | undefined,
): Promise<{ ok: true; later?: Proof } | WorkloadFailure> {
  const { target, service, traffic, workload, baseline } = rollout;
  const title = titleOf(workload);
  const whenReady = async (seen: boolean): Promise<{ ok: true }> => {
    if (seen) await traffic.ready([title]);
    return { ok: true };
  };
  if (live === undefined && service.purpose === 'restore')
    return whenReady(hasReadyPods(baseline.snapshot, workload));
  const now = readAppliedObject(live, title, rollout.release);
  if (!canBeWatched(workload)) return whenReady(isIdle(rollout) || hasReadyPods(baseline.snapshot, workload));
  const before = baseline.snapshot.workload;
  if (now.generation !== before?.generation) return proveRollout(rollout, now);
  if (await isReadyOrIdle(target, baseline.snapshot, workload)) return whenReady(true);
  if (before.wanted === 0) return whenReady(false);
  // What a rollback does not change must not hold up the services.
  if (service.purpose === 'restore') return { ok: true, later: () => proveRollout(rollout, now) };
  if (!(await isOfProvenRelease(rollout))) return proveRollout(rollout, now);
  target.log.warn(`${title} is not ready, and was not changed by this release`);
  return whenReady(false);
}

/** What a restored release had without pods comes back without them. */
function isIdle({ service, workload }: WorkloadRollout): boolean {
  return service.purpose === 'restore' && field(workload, 'spec', 'replicas') === 0;
}

/**
 * Whether a workload that is not ready was like this in the release that was proven: then it is none of this release's. For a
 * service that is new, that release is the one of the others.
 */
async function isOfProvenRelease({ service, workload }: WorkloadRollout): Promise<boolean> {
  const { previous, others } = service;
  const releases = new Set((previous ? [previous] : others).map(({ release }) => release));
  const saved = [...releases].map(async (release) => {
    const objects = await service.previousObjects(release).catch(() => null);
    const before = objects?.shared.find((one) => titleOf(one) === titleOf(workload));
    if (before === undefined) return false;
    // What ran before Slipway is saved with the defaults of the server.
    return release === null
      ? isPartOf(workload.spec, before.spec)
      : isDeepStrictEqual(before.spec, workload.spec);
  });
  return (await Promise.all(saved)).includes(true);
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
    const wanted = await Promise.all(objects.map((one) => withReplicas(target, one, 'restore')));
    const { applied, refused } = await applyAccepted(kubectl, wanted);
    const left = await describeLeft(kubectl, refused);
    const outside = await describeOutside(kubectl, service.objects.outside ?? []);
    return { applied, left: allLeft(left, { oneWay: outside, refused: [] }) };
  }
  const applied = await applyWithReplicas(target, objects, { force: takesOverFields(target, service) });
  return { applied, left: nothingLeft };
}
