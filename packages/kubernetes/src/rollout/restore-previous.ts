import { describeError } from '@slipway/kernel';
import { applyObjects } from '../cluster/apply.ts';
import { retryWhileUnreachable } from '../cluster/retry.ts';
import { type KubernetesObject, titleOf } from '../manifests/index.ts';
import type { ReleaseObjects } from '../render/release-objects.ts';
import { deleteStuckPods, withLiveReplicas } from './apply-workload.ts';
import type { WorkloadRollout } from './workload-rollout.ts';

/**
 * After a failed deploy, applies what ran before, all workloads of the service and what they need, and removes those
 * that the failed release added. A restore has nothing else to restore, and where nothing ran before, removing the only
 * pods helps nobody. Its own failures are logged and never hide the failure of the rollout.
 */
export async function restorePrevious(rollouts: readonly WorkloadRollout[]): Promise<void> {
  const replaced = rollouts.find(
    ({ baseline, release }) => baseline.snapshot.workload && baseline.release !== release,
  );
  if (!replaced || replaced.service.purpose === 'restore') return;
  const { target, service, baseline } = replaced;
  const { name } = service.desired;
  try {
    await service.assertHeld();
    const previous = await service.previousObjects(baseline.release);
    if (!previous) return;
    const release = baseline.release === null ? 'not made by Slipway' : `release ${baseline.release}`;
    target.log.info(`${name}: applying what ran before again (${release})`);
    await applyPrevious(replaced, previous);
    await removeNewWorkloads(rollouts, previous);
  } catch (error) {
    target.log.warn(`${name}: cannot apply what ran before: ${describeError(error)}`);
  }
}

async function applyPrevious({ target, service }: WorkloadRollout, previous: ReleaseObjects): Promise<void> {
  const workloads = (previous.services[service.desired.name] ?? []).filter(isServing);
  const scaled = await Promise.all(workloads.map((one) => withLiveReplicas(target, one)));
  const objects = [...previous.shared.filter(isServing), ...scaled];
  await retryWhileUnreachable(target, () => applyObjects(target.kubectl, objects, { force: true }));
  for (const one of workloads) if (one.kind === 'StatefulSet') await deleteStuckPods(target, one);
}

/** Workloads that the previous release does not have, and that did not exist before. */
async function removeNewWorkloads(
  rollouts: readonly WorkloadRollout[],
  previous: ReleaseObjects,
): Promise<void> {
  const known = new Set([...previous.shared, ...Object.values(previous.services).flat()].map(titleOf));
  for (const { target, workload, baseline } of rollouts) {
    const { kind, metadata } = workload;
    if (baseline.snapshot.workload || !isServing(workload) || known.has(titleOf(workload))) continue;
    const args = ['delete', kind.toLowerCase(), metadata.name, '--ignore-not-found', '--timeout=25s'];
    await target.kubectl.execOrThrow(`remove the new ${kind} ${metadata.name}`, args);
  }
}

function isServing({ kind }: KubernetesObject): boolean {
  return kind !== 'Job';
}
