import { readImage } from '@slipway/kernel';
import type { ObservedReplica, Prove } from '@slipway/platform';
import { inspectWorkload } from '../cluster/inspect-workload.ts';
import { containersOf, field, type KubernetesObject, text, titleOf } from '../manifests/index.ts';
import type { PodState } from '../snapshot/snapshot.ts';
import { startTimeoutMsOf } from '../target.ts';
import { findImageMismatches } from '../verdict/image-mismatches.ts';
import type { WatchedWorkload } from '../verdict/model.ts';
import { newPods, serves } from '../verdict/scope.ts';
import { type AppliedObject, applyWorkload } from './apply-workload.ts';
import { awaitRollout, type WaitResult } from './await-rollout.ts';
import { describeFailure } from './describe-failure.ts';
import { type FailureReport, failWorkload, type WorkloadResult } from './workload-result.ts';
import type { WorkloadRollout } from './workload-rollout.ts';

/** Applies one workload and waits until its pods are proven, or until it is known why they cannot be. */
export async function rollWorkload(
  rollout: WorkloadRollout,
  prove: Prove | undefined,
): Promise<WorkloadResult> {
  await rollout.service.assertHeld();
  const applied = await applyWorkload(rollout);
  return applied.ok ? proveRollout(rollout, applied, prove) : applied;
}

/** The part after the apply: waits for the pods of exactly this apply, and proves image and health. */
export async function proveRollout(
  rollout: WorkloadRollout,
  applied: AppliedObject,
  prove?: Prove,
): Promise<WorkloadResult> {
  const { target, service, traffic, workload, baseline } = rollout;
  const { name } = workload.metadata;
  const whenReady = (): Promise<void> => traffic.ready([titleOf(workload)]);
  const withoutPods = (by: string): Promise<WorkloadResult> => {
    target.log.warn(`${name} is scaled to zero by ${by}: there is no pod to watch`);
    return proveHealth(rollout, prove, []);
  };
  if (service.purpose === 'restore' && field(workload, 'spec', 'replicas') === 0 && applied.replicas === 0) {
    await whenReady();
    return withoutPods('its manifest');
  }
  const watched = watchedWorkload(rollout, applied);
  const result = await awaitRollout(target, {
    workload: { kind: workload.kind, name },
    watched,
    before: baseline.snapshot.workload,
    startTimeoutMs: startTimeoutMsOf(target, service.desired.name),
    stabilityWindowMs: target.services[service.desired.name]?.['stable-for'],
    purpose: service.purpose,
    whenReady,
  });
  if (result.state === 'idle') return withoutPods('its autoscaler');
  if (result.state !== 'stable') return { ok: false, failure: await explainFailure(rollout, result) };
  const digests = wantedDigests(workload);
  const wrong = findImageMismatches(result.snapshot, watched, digests);
  if (wrong.length > 0)
    return failWorkload(
      `${name} is ready, but does not run the requested image: ${wrong.join('; ')}`,
      'Find out what else changes this workload, and whether the registry served another image for the digest.',
    );
  const own = Object.keys(digests).filter((one) => digests[one] === service.desired.image.digest);
  const pods = newPods(result.snapshot, watched).filter(serves);
  return proveHealth(
    rollout,
    prove,
    pods.map((pod) => observedReplica(pod, own)),
  );
}

function watchedWorkload(
  { target, baseline }: WorkloadRollout,
  { uid, generation, release }: AppliedObject,
): WatchedWorkload {
  return {
    uid,
    generation,
    release,
    replicaSet: null,
    failFast: target.config['fail-fast'],
    appliedAt: baseline.snapshot.at,
    oldBefore: baseline.old,
  };
}

/** What the node reports for the container that runs the image of the service. */
function observedReplica(pod: PodState, containers: readonly string[]): ObservedReplica {
  const own = pod.containers.find(({ name }) => containers.includes(name));
  return { id: pod.uid, digest: own?.digest ?? null };
}

async function proveHealth(
  rollout: WorkloadRollout,
  prove: Prove | undefined,
  replicas: readonly ObservedReplica[],
): Promise<WorkloadResult> {
  const proof = prove ? await prove() : { ok: true as const };
  if (proof.ok) return { ok: true, replicas };
  const { kind, metadata } = rollout.workload;
  const snapshot = await inspectWorkload(rollout.target, { kind, name: metadata.name });
  const cause = { kind: 'health-check', reason: proof.detail, snapshot } as const;
  return { ok: false, failure: await describeFailure(rollout, cause) };
}

async function explainFailure(
  rollout: WorkloadRollout,
  result: Exclude<WaitResult, { state: 'stable' | 'idle' }>,
): Promise<FailureReport> {
  if (result.state === 'failed') {
    const { findings, snapshot } = result;
    return describeFailure(rollout, { kind: 'findings', findings, snapshot });
  }
  return {
    outcome: 'inconclusive',
    reason: `cannot inspect the cluster: ${result.why}`,
    hint: 'The rollout itself may be fine. Check the cluster once it answers, then re-run this job.',
    details: [],
  };
}

/** Digests that the pods must run, by container. */
function wantedDigests(workload: KubernetesObject): Record<string, string> {
  return Object.fromEntries(
    containersOf(workload).flatMap(({ name, fields }) => {
      const digest = readImage(text(fields, 'image') ?? '')?.digest;
      return digest ? [[name, digest]] : [];
    }),
  );
}
