import { Fault } from '@slipway/kernel';
import { applyObjects } from '../cluster/apply.ts';
import { inspectWorkload } from '../cluster/inspect-workload.ts';
import { retryWhileUnreachable } from '../cluster/retry.ts';
import { type KubernetesObject, number, releaseOf, text } from '../manifests/index.ts';
import type { KubernetesTarget } from '../target.ts';
import { makeRoomForJob } from './previous-job.ts';
import { applyWithReplicas, withReplicas } from './replicas.ts';
import { failedToApply, type WorkloadFailure } from './workload-result.ts';
import { takesOverFields, type WorkloadRollout } from './workload-rollout.ts';

/** The object that an apply created or changed, distinct from any other object of its name. */
export interface AppliedObject {
  ok: true;
  uid: string;
  generation: number;
  /** That it was applied with; null for a kind without them. */
  replicas: number | null;
  /** Release that its pods carry; null for a workload of no service. */
  release: string | null;
}

export type ApplyResult = AppliedObject | WorkloadFailure;

/** Applies the workload; a refusal is a result and not an error. */
export async function applyWorkload(rollout: WorkloadRollout): Promise<ApplyResult> {
  const { target, service, workload, baseline } = rollout;
  const title = `${workload.kind} ${workload.metadata.name}`;
  try {
    const wanted = workload.kind === 'Job' ? await makeRoomForJob(rollout) : workload;
    const force = takesOverFields(target, service);
    const applied = await retryWhileUnreachable(target, async () =>
      service.purpose === 'deploy'
        ? applyWithReplicas(target, [wanted], { force })
        : applyObjects(target.kubectl, [await withReplicas(target, wanted, 'restore')], { force }),
    );
    if (workload.kind === 'StatefulSet') await deleteStuckPods(target, workload);
    return readAppliedObject(applied[0], title, releaseOf(wanted));
  } catch (error) {
    const state = baseline.snapshot.workload ? 'may or may not have been changed' : 'may or may not exist';
    return failedToApply(error, `${title} ${state}`);
  }
}

/** @throws Fault when the answer does not identify the object. */
export function readAppliedObject(
  applied: KubernetesObject | undefined,
  title: string,
  release: string | null,
): AppliedObject {
  const uid = text(applied, 'metadata', 'uid');
  if (uid === null) throw new Fault(`the cluster did not return the applied ${title}`);
  const generation = number(applied, 'metadata', 'generation') ?? 1;
  return { ok: true, uid, generation, replicas: number(applied, 'spec', 'replicas'), release };
}

/**
 * Deletes pods of another release that are not ready: a StatefulSet waits for each of its pods and never replaces a
 * broken one, so that neither a fixed release nor the previous one would ever come up (kubernetes/kubernetes#67250).
 */
export async function deleteStuckPods(target: KubernetesTarget, workload: KubernetesObject): Promise<void> {
  const { kind, metadata } = workload;
  const { pods } = await inspectWorkload(target, { kind, name: metadata.name });
  const wanted = releaseOf(workload);
  const stuck = pods.filter(({ ready, deleting, release }) => !ready && !deleting && release !== wanted);
  for (const { name } of stuck) {
    target.log.info(`deleting pod ${name}, which would block ${kind} ${metadata.name}`);
    const args = ['delete', 'pod', name, '--ignore-not-found', '--wait=false'];
    await target.kubectl.execOrThrow(`delete the broken pod ${name}`, args);
  }
}
