import { describeError } from '@slipway/kernel';
import { applyAccepted } from '../cluster/apply.ts';
import { allLeft, describeLeft } from '../cluster/left-objects.ts';
import { retryWhileUnreachable } from '../cluster/retry.ts';
import { isTraffic, isWorkload, type KubernetesObject, titleOf } from '../manifests/index.ts';
import { describeSaved } from '../release-history/saved-manifests.ts';
import { assertRuns } from '../release-history/trusted-objects.ts';
import type { ReleaseObjects } from '../render/release-objects.ts';
import { startTimeoutMsOf } from '../target.ts';
import { Traffic } from '../traffic/traffic.ts';
import { deleteStuckPods, withLiveReplicas } from './apply-workload.ts';
import type { WorkloadRollout } from './workload-rollout.ts';

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
  const { target, service } = first;
  const { name } = service.desired;
  try {
    await service.assertHeld();
    const previous = await service.previousObjects(before.release);
    if (!previous) return [`${name} was not put back: nothing is saved of ${describeSaved(before.release)}`];
    assertRuns(previous, { name, ...before });
    target.log.info(`${name}: applying ${describeSaved(before.release)} again`);
    const { isBack, left } = await applyPrevious(first, previous);
    // Requests may still go to the pods of the new workloads.
    if (isBack) await removeNewWorkloads(rollouts, previous);
    return left;
  } catch (error) {
    const why = `${name} was not put back: ${describeError(error)}`;
    target.log.warn(why);
    return [why];
  }
}

/** @returns whether requests go back, and sentences about what does not. */
async function applyPrevious(
  { target, service }: WorkloadRollout,
  previous: ReleaseObjects,
): Promise<{ isBack: boolean; left: string[] }> {
  const { kubectl } = target;
  const { assertHeld } = service;
  const workloads = (previous.services[service.desired.name] ?? []).filter(isServing);
  const traffic = await retryWhileUnreachable(target, () =>
    Traffic.open(target, { objects: previous, isRestore: true, force: true, assertHeld }),
  );
  const shared = previous.shared.filter((one) => isServing(one) && !traffic.isDeferred(one));
  // Requests go back to old pods that are ready before anything else changes, and to others when they are ready.
  const all = [...shared.filter(isTraffic), ...shared.filter((one) => !isTraffic(one)), ...workloads];
  const objects = await Promise.all(all.map((one) => withLiveReplicas(target, one)));
  const { refused } = await retryWhileUnreachable(target, () => applyAccepted(kubectl, objects));
  for (const one of workloads) if (one.kind === 'StatefulSet') await deleteStuckPods(target, one);
  const timeoutMs = startTimeoutMsOf(target, service.desired.name);
  const elsewhere = await traffic.awaitReady([...shared.filter(isWorkload), ...workloads], timeoutMs);
  const left = allLeft(await describeLeft(kubectl, refused), traffic.left);
  const sentences = [...left.oneWay, ...left.refused.map((what) => `not put back: ${what}`), ...elsewhere];
  for (const sentence of sentences) target.log.warn(sentence);
  return { isBack: elsewhere.length === 0, left: sentences };
}

/** Workloads of the failed release that the previous one does not have. */
async function removeNewWorkloads(
  rollouts: readonly WorkloadRollout[],
  previous: ReleaseObjects,
): Promise<void> {
  const known = new Set([...previous.shared, ...Object.values(previous.services).flat()].map(titleOf));
  for (const { target, workload, baseline, release } of rollouts) {
    const { kind, metadata } = workload;
    const isNew = baseline.snapshot.workload === null || baseline.release === release;
    if (!isNew || !isServing(workload) || known.has(titleOf(workload))) continue;
    const args = ['delete', kind.toLowerCase(), metadata.name, '--ignore-not-found', '--timeout=25s'];
    await target.kubectl.execOrThrow(`remove the new ${kind} ${metadata.name}`, args);
  }
}

function isServing({ kind }: KubernetesObject): boolean {
  return kind !== 'Job';
}
