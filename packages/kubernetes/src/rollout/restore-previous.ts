import { describeError, Fault } from '@slipway/kernel';
import type { ReleasedService } from '@slipway/platform';
import { applyAccepted } from '../cluster/apply.ts';
import { describeLeft, type LeftObjects } from '../cluster/left-objects.ts';
import { retryWhileUnreachable } from '../cluster/retry.ts';
import { isTraffic, isWorkload, type KubernetesObject, titleOf } from '../manifests/index.ts';
import { describeSaved } from '../release-history/saved-manifests.ts';
import { assertRuns } from '../release-history/trusted-objects.ts';
import type { ReleaseObjects } from '../render/release-objects.ts';
import { startTimeoutMsOf } from '../target.ts';
import { Traffic } from '../traffic/traffic.ts';
import { deleteStuckPods } from './apply-workload.ts';
import { withReplicas } from './replicas.ts';
import type { WorkloadRollout } from './workload-rollout.ts';

/** What a step of the restore gave, or the sentence about its failure. */
type Attempt<T> = { ok: true; value: T } | { ok: false; sentence: string };

/**
 * After a failed deploy, applies what the service goes back to, all of its workloads and what they need, and removes those
 * that the failed release added. A restore has nothing else to restore; and where nothing was proven before, nothing that
 * failed earlier may be started, and removing the only pods helps nobody. Its own failures never hide the failure of the
 * rollout.
 * @returns sentences about what stays as the failed release left it.
 */
export async function restorePrevious(rollouts: readonly WorkloadRollout[]): Promise<string[]> {
  const [first] = rollouts;
  const before = first?.service.previous;
  if (!first || !before) return [];
  const { name } = first.service.desired;
  const prepared = await attempt(first, `${name} was not put back`, () => prepare(first, before));
  if (!prepared.ok) return [prepared.sentence];
  const { previous, traffic } = prepared.value;
  const applied = await attempt(first, `${name} was put back in part, or not at all`, () =>
    applyPrevious(rollouts, first, { previous, traffic }),
  );
  if (!applied.ok) return [applied.sentence];
  return [...applied.value, ...(await finish(rollouts, first, { previous, traffic }))];
}

async function attempt<T>(
  { target }: WorkloadRollout,
  what: string,
  step: () => Promise<T>,
): Promise<Attempt<T>> {
  try {
    return { ok: true, value: await step() };
  } catch (error) {
    const sentence = `${what}: ${describeError(error)}`;
    target.log.warn(sentence);
    return { ok: false, sentence };
  }
}

interface Prepared {
  previous: ReleaseObjects;
  traffic: Traffic;
}

/** @throws what keeps the restore from beginning. */
async function prepare({ target, service }: WorkloadRollout, before: ReleasedService): Promise<Prepared> {
  const { assertHeld, later } = service;
  const { name } = service.desired;
  await assertHeld();
  const previous = await service.previousObjects(before.release);
  if (!previous) throw new Fault(`nothing is saved of ${describeSaved(before.release)}`);
  assertRuns(previous, { name, ...before });
  target.log.info(`${name}: applying ${describeSaved(before.release)} again`);
  const traffic = await retryWhileUnreachable(target, () =>
    Traffic.open(target, { objects: previous, later, isRestore: true, force: true, assertHeld }),
  );
  return { previous, traffic };
}

function sharedOf({ previous, traffic }: Prepared): KubernetesObject[] {
  return previous.shared.filter((one) => isServing(one) && !traffic.isDeferred(one));
}

function workloadsOf({ service }: WorkloadRollout, { services }: ReleaseObjects): KubernetesObject[] {
  return (services[service.desired.name] ?? []).filter(isServing);
}

/** @returns sentences about what the cluster refused. */
async function applyPrevious(
  rollouts: readonly WorkloadRollout[],
  first: WorkloadRollout,
  { previous, traffic }: Prepared,
): Promise<string[]> {
  const { target } = first;
  const shared = sharedOf({ previous, traffic });
  // Requests go back to old pods that are ready before anything else changes, and to others when they are ready.
  const all = [
    ...shared.filter(isTraffic),
    ...shared.filter((one) => !isTraffic(one)),
    ...workloadsOf(first, previous),
  ];
  const before = new Map(
    rollouts.map(({ workload, baseline }) => [titleOf(workload), baseline.snapshot.workload?.wanted]),
  );
  const objects = await Promise.all(
    all.map((one) => withReplicas(target, one, 'restore', before.get(titleOf(one)))),
  );
  const { refused } = await retryWhileUnreachable(target, () => applyAccepted(target.kubectl, objects));
  return warnLeft(first, await describeLeft(target.kubectl, refused));
}

function warnLeft({ target }: WorkloadRollout, { oneWay, refused }: LeftObjects): string[] {
  const sentences = [...oneWay, ...refused.map((what) => `not put back: ${what}`)];
  for (const sentence of sentences) target.log.warn(sentence);
  return sentences;
}

/** The rest, when the old version is applied: each failure leaves only its own part undone. */
async function finish(
  rollouts: readonly WorkloadRollout[],
  first: WorkloadRollout,
  { previous, traffic }: Prepared,
): Promise<string[]> {
  const { target, service } = first;
  const { name } = service.desired;
  const workloads = workloadsOf(first, previous);
  const said: string[] = [];
  for (const one of workloads.filter(({ kind }) => kind === 'StatefulSet')) {
    const what = `${name} was put back, but not all pods that block it were removed`;
    const deleted = await attempt(first, what, () => deleteStuckPods(target, one));
    if (!deleted.ok) said.push(deleted.sentence);
  }
  const awaited = [...sharedOf({ previous, traffic }).filter(isWorkload), ...workloads];
  const unknown = `${name} was put back, but it is unknown whether all requests go to it`;
  const led = await attempt(first, unknown, () =>
    traffic.awaitReady(awaited, startTimeoutMsOf(target, name)),
  );
  said.push(...warnLeft(first, traffic.left));
  if (!led.ok) return [...said, led.sentence];
  for (const sentence of led.value) target.log.warn(sentence);
  // Requests may still go to the pods of the new workloads.
  return [
    ...said,
    ...led.value,
    ...(led.value.length === 0 ? await removeNewWorkloads(rollouts, previous) : []),
  ];
}

/** Workloads of the failed release that the previous one does not have. @returns sentences about those that stay. */
async function removeNewWorkloads(
  rollouts: readonly WorkloadRollout[],
  previous: ReleaseObjects,
): Promise<string[]> {
  const known = new Set([...previous.shared, ...Object.values(previous.services).flat()].map(titleOf));
  const said: string[] = [];
  for (const rollout of rollouts) {
    const { target, service, workload, baseline, release } = rollout;
    const { kind, metadata } = workload;
    const isNew = baseline.snapshot.workload === null || baseline.release === release;
    if (!isNew || !isServing(workload) || known.has(titleOf(workload))) continue;
    const what = `${service.desired.name} was put back, but the new ${kind} ${metadata.name} was not removed`;
    const args = ['delete', kind.toLowerCase(), metadata.name, '--ignore-not-found', '--timeout=25s'];
    const removed = await attempt(rollout, what, async () => {
      await service.assertHeld();
      await target.kubectl.execOrThrow(`remove the new ${kind} ${metadata.name}`, args);
    });
    if (!removed.ok) said.push(removed.sentence);
  }
  return said;
}

function isServing({ kind }: KubernetesObject): boolean {
  return kind !== 'Job';
}
