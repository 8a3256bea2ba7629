import { Fault, UserError } from '@slipway/kernel';
import type { ObservedReplica, Prove, RolloutResult } from '@slipway/platform';
import { type Failed, fails, isScaledByOthers, readApplied, scaledTo } from './apply-workload.ts';
import { observeBefore, oldServing } from './before.ts';
import { applyObjects } from './cluster/apply.ts';
import { ClusterUnreachable } from './cluster/cluster-error.ts';
import { outlast } from './cluster/outlast.ts';
import { canBeWatched, isWorkload, type KubernetesObject, titleOf } from './manifests/index.ts';
import { putBack } from './put-back.ts';
import { type Ended, rollWorkload, settle } from './roll-workload.ts';
import type { Rolling, ServiceObjects } from './rolling.ts';
import type { KubernetesTarget } from './target.ts';

/**
 * Applies what the release needs and then each workload of the service, waits for the pods of exactly this apply, and
 * proves image and health. On failure the release that ran before is applied again: with old pods still serving,
 * that takes nothing but the new pods away.
 */
export async function rollService(
  target: KubernetesTarget,
  service: ServiceObjects,
  prove: Prove,
): Promise<RolloutResult> {
  const start = target.clock.monotonic();
  const elapsed = (): number => target.clock.monotonic() - start;
  const { release } = service.desired;
  const workloads = workloadsOf(service);
  const [rollings, shared] = await Promise.all([
    outlast(target, () => observeAll(target, service, workloads, release)),
    rollShared(target, service),
  ]);
  const ended = shared.ok ? await rollOwn(rollings, prove) : shared;
  if (!ended.ok) {
    await putBack(rollings);
    return { ok: false, ...ended.failure, oldServing: await oldServing(rollings), ms: elapsed() };
  }
  const changed = rollings.some(
    ({ before }) => before.release !== release || before.snapshot.workload === null,
  );
  return { ok: true, outcome: changed ? 'passed' : 'skipped', replicas: ended.replicas, ms: elapsed() };
}

/** A Job prepares a release. One that is brought back was prepared when it was new, and its Job may do harm by now. */
function workloadsOf({ desired, objects, force }: ServiceObjects): readonly KubernetesObject[] {
  const workloads = objects.services[desired.name] ?? [];
  if (workloads.length === 0)
    throw new Fault(`nothing that was kept for the release runs service ${desired.name}`);
  return force ? workloads.filter(({ kind }) => kind !== 'Job') : workloads;
}

function observeAll(
  target: KubernetesTarget,
  service: ServiceObjects,
  workloads: readonly KubernetesObject[],
  release: string | null,
): Promise<Rolling[]> {
  return Promise.all(
    workloads.map(async (workload) => {
      const before = await observeBefore(target, workload, release);
      return { target, service, workload, release, before };
    }),
  );
}

async function rollOwn(rollings: readonly Rolling[], prove: Prove): Promise<Ended> {
  const replicas: ObservedReplica[] = [];
  for (const rolling of rollings) {
    const ended = await rollWorkload(rolling, rolling === rollings.at(-1) ? prove : undefined);
    if (!ended.ok) return ended;
    replicas.push(...ended.replicas);
  }
  return { ok: true, replicas };
}

/**
 * Applies what is no service's own. A workload among it (a cache, a queue) that this changes is waited for like any
 * other; one that stays as it is costs no time.
 */
async function rollShared(target: KubernetesTarget, service: ServiceObjects): Promise<Ended> {
  const { shared } = service.objects;
  const force = service.force || target.config['force-conflicts'];
  try {
    const others = await outlast(target, () => observeAll(target, service, shared.filter(isWorkload), null));
    const objects = shared.map((one) => withReplicasOf(others, one));
    const applied = await outlast(target, () => applyObjects(target.kubectl, objects, { force }));
    for (const rolling of others) {
      const title = titleOf(rolling.workload);
      const now = readApplied(
        applied.find((one) => titleOf(one) === title),
        title,
      );
      const isSame = now.generation === rolling.before.snapshot.workload?.generation;
      if (isSame || !canBeWatched(rolling.workload)) continue;
      const ended = await settle(rolling, now);
      if (!ended.ok) return ended;
    }
    return { ok: true, replicas: [] };
  } catch (error) {
    return failedToApply(error, target);
  }
}

/** Left out, the replicas of a workload that Slipway scaled once would be set to one. */
function withReplicasOf(others: readonly Rolling[], object: KubernetesObject): KubernetesObject {
  const live = others.find(({ workload }) => workload === object)?.before.snapshot.workload;
  return live && isScaledByOthers(object) ? scaledTo(object, live.wanted) : object;
}

function failedToApply(error: unknown, _target: KubernetesTarget): Failed {
  if (error instanceof UserError) return fails(error.message, error.hint ?? '');
  if (!(error instanceof ClusterUnreachable)) throw error;
  const { message: reason, hint } = error;
  return { ok: false, failure: { outcome: 'inconclusive', reason, hint, details: [] } };
}
