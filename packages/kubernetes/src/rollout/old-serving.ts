import { describeError, poll } from '@slipway/kernel';
import type { ReleasedService, RolloutFailure } from '@slipway/platform';
import { ClusterUnreachable } from '../cluster/cluster-error.ts';
import { inspectWorkload } from '../cluster/inspect-workload.ts';
import { isService, type KubernetesObject, podLabelsOf, portsOf, selectorOf } from '../manifests/index.ts';
import { describeSaved } from '../release-history/saved-manifests.ts';
import type { ReleaseObjects } from '../render/release-objects.ts';
import { startTimeoutMsOf } from '../target.ts';
import { readEndpoints } from '../traffic/endpoints.ts';
import {
  type OldServing,
  type OldTraffic,
  oldServing,
  type ServingWorkload,
} from '../traffic/old-serving.ts';
import { liveRoutes, routesAsApplied } from '../traffic/saved-routes.ts';
import { serves } from '../verdict/scope.ts';
import type { WorkloadRollout } from './workload-rollout.ts';

type Answer = RolloutFailure['oldServing'];

/**
 * Measured after a failure, over all workloads that the service had: pods of the old version that receive requests, by its
 * routes and by the endpoints of the Services that lead to them. Those that the rollout had replaced already get the time
 * of a start to come back. What cannot be seen is never taken for well.
 */
export async function countOldServing(rollouts: readonly WorkloadRollout[]): Promise<Answer> {
  const [first] = rollouts;
  // A restore puts nothing back.
  if (!first || first.service.purpose === 'restore') return { serving: 0, of: 0 };
  const { previous } = first.service;
  const serving = rollouts.filter(({ workload }) => workload.kind !== 'Job');
  const before = serving.reduce((sum, { baseline }) => sum + baseline.old, 0);
  if (!previous)
    return before === 0
      ? { serving: 0, of: 0 }
      : unknown(before, 'what ran before was never proven, and is not put back');
  try {
    const saved = await savedOf(first, previous);
    return typeof saved === 'string' ? unknown(before, saved) : await count(rollouts, first, saved);
  } catch (error) {
    if (!(error instanceof ClusterUnreachable)) throw error;
    return unknown(before, error.message);
  }
}

function unknown(of: number, why: string): Answer {
  return { serving: null, of, why };
}

/** @returns why it cannot be known what the old version was, or its objects. */
async function savedOf(
  { service }: WorkloadRollout,
  { release }: ReleasedService,
): Promise<ReleaseObjects | string> {
  try {
    return (await service.previousObjects(release)) ?? `nothing is saved of ${describeSaved(release)}`;
  } catch (error) {
    return describeError(error);
  }
}

async function count(
  rollouts: readonly WorkloadRollout[],
  first: WorkloadRollout,
  saved: ReleaseObjects,
): Promise<Answer> {
  const { target, service } = first;
  const { name } = service.desired;
  const workloads = (saved.services[name] ?? []).filter(({ kind }) => kind !== 'Job');
  const wanted = await Promise.all(workloads.map((one) => wantedBefore(one, rollouts, first)));
  const of = wanted.reduce((sum, one) => sum + one, 0);
  if (of === 0) return unknown(0, 'it had no pods');
  const { clock, signal } = target;
  const timeoutMs = startTimeoutMsOf(target, name);
  const options = { clock, signal, intervalMs: 1000, timeoutMs, during: 'the return of the old version' };
  const routes = await routesAsApplied(target, saved.shared);
  let last: OldServing = { ready: 0, serving: 0, seen: 'ready' };
  await poll(options, async () => {
    last = await countServing(first, workloads, { shared: saved.shared, routes });
    const count = last.serving ?? last.ready;
    return count >= of ? { done: true, value: last } : { done: false, seen: `${count} ready` };
  });
  const { ready, ...seen } = last;
  return 'why' in seen ? unknown(of, `${ready}/${of} pods are ready, but ${seen.why}`) : { ...seen, of };
}

/** Pods that served before the rollout, or that should have; of a workload that it does not have, those that should now. */
async function wantedBefore(
  { kind, metadata }: KubernetesObject,
  rollouts: readonly WorkloadRollout[],
  { target }: WorkloadRollout,
): Promise<number> {
  const { name } = metadata;
  const rolled = rollouts.find(({ workload }) => workload.kind === kind && workload.metadata.name === name);
  if (rolled?.baseline.old) return rolled.baseline.old;
  const snapshot = rolled?.baseline.snapshot ?? (await inspectWorkload(target, { kind, name }));
  return snapshot.workload?.wanted ?? 0;
}

async function countServing(
  first: WorkloadRollout,
  workloads: readonly KubernetesObject[],
  { shared, routes }: Pick<ReleaseObjects, 'shared'> & Pick<OldTraffic, 'routes'>,
): Promise<OldServing> {
  const { kubectl } = first.target;
  const services = shared
    .filter(isService)
    .map((one) => ({ name: one.metadata.name, selector: selectorOf(one), ports: portsOf(one) }));
  const [endpoints, live, ...serving] = await Promise.all([
    readEndpoints(kubectl),
    liveRoutes(kubectl, routes),
    ...workloads.map((one) => oldPodsOf(first, one)),
  ]);
  return oldServing(serving, { services, routes }, { endpoints, routes: live });
}

async function oldPodsOf(
  { target, release }: WorkloadRollout,
  workload: KubernetesObject,
): Promise<ServingWorkload> {
  const { kind, metadata } = workload;
  const { pods } = await inspectWorkload(target, { kind, name: metadata.name });
  const old = pods.filter((pod) => serves(pod) && pod.release !== release);
  return { name: metadata.name, labels: [podLabelsOf(workload), ...old.map((pod) => pod.labels)], pods: old };
}
