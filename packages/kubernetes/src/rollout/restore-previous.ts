import { describeError } from '@slipway/kernel';
import { applyAccepted } from '../cluster/apply.ts';
import { describeLeft } from '../cluster/left-objects.ts';
import { retryWhileUnreachable } from '../cluster/retry.ts';
import { isTraffic, type KubernetesObject, titleOf } from '../manifests/index.ts';
import { describeSaved } from '../release-history/saved-manifests.ts';
import type { ReleaseObjects } from '../render/release-objects.ts';
import { findDeferred } from '../traffic/find-deferred.ts';
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
    target.log.info(`${name}: applying ${describeSaved(before.release)} again`);
    const left = await applyPrevious(first, previous);
    await removeNewWorkloads(rollouts, previous);
    return left;
  } catch (error) {
    const why = `${name} was not put back: ${describeError(error)}`;
    target.log.warn(why);
    return [why];
  }
}

async function applyPrevious(
  { target, service }: WorkloadRollout,
  previous: ReleaseObjects,
): Promise<string[]> {
  const { kubectl } = target;
  const workloads = (previous.services[service.desired.name] ?? []).filter(isServing);
  const titles = new Set(workloads.map(titleOf));
  // Requests to services that this rollout does not put back stay with their new pods.
  const deferred = await findDeferred(target, previous).catch(() => []);
  const ofOthers = deferred.filter(({ leadsTo }) => ![...leadsTo].some((title) => titles.has(title)));
  const shared = previous.shared.filter(
    (one) => isServing(one) && !ofOthers.some(({ object }) => object === one),
  );
  // Requests go back to the old pods before anything else changes.
  const all = [...shared.filter(isTraffic), ...shared.filter((one) => !isTraffic(one)), ...workloads];
  const objects = await Promise.all(all.map((one) => withLiveReplicas(target, one)));
  const { refused } = await retryWhileUnreachable(target, () => applyAccepted(kubectl, objects));
  for (const one of workloads) if (one.kind === 'StatefulSet') await deleteStuckPods(target, one);
  const left = await describeLeft(kubectl, refused);
  const sentences = [...left.oneWay, ...left.refused.map((what) => `not put back: ${what}`)];
  for (const sentence of sentences) target.log.warn(sentence);
  return sentences;
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
