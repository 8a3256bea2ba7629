import { poll } from '@slipway/kernel';
import type { RolloutFailure } from '@slipway/platform';
import { ClusterUnreachable } from './cluster/cluster-error.ts';
import { look } from './cluster/look.ts';
import type { KubernetesObject } from './manifests/index.ts';
import type { Before, Rolling } from './rolling.ts';
import { type KubernetesTarget, startTimeoutOf } from './target.ts';
import { serves } from './verdict/judge.ts';

/** `release`: the one that is about to be rolled out. */
export async function observeBefore(
  target: KubernetesTarget,
  workload: KubernetesObject,
  release: string | null,
): Promise<Before> {
  const snapshot = await look(target, { kind: workload.kind, name: workload.metadata.name });
  const serving = snapshot.pods.filter(serves);
  return {
    snapshot,
    release: snapshot.workload?.release ?? null,
    serving: serving.length,
    old: serving.filter((pod) => pod.release !== release).length,
    template: snapshot.workload?.template ?? null,
  };
}

/**
 * Measured after a failure, over all that serves for the service: pods that are not of the failed release. Those that
 * the rollout had replaced already get the time of a start to come back.
 */
export async function oldServing(rollings: readonly Rolling[]): Promise<RolloutFailure['oldServing']> {
  const serving = rollings.filter(({ workload }) => workload.kind !== 'Job');
  const of = serving.reduce((sum, { before }) => sum + before.serving, 0);
  try {
    const counts = await Promise.all(serving.map(oldOf));
    return { serving: counts.reduce((sum, count) => sum + count, 0), of };
  } catch (error) {
    if (!(error instanceof ClusterUnreachable)) throw error;
    return { serving: null, of };
  }
}

async function oldOf({ target, service, workload, before, release }: Rolling): Promise<number> {
  const { clock, signal } = target;
  const within = startTimeoutOf(target, service.desired.name);
  const wait = { clock, signal, every: 1000, within, during: 'the return of the old version' };
  let serving = 0;
  await poll(wait, async () => {
    const { pods } = await look(target, { kind: workload.kind, name: workload.metadata.name });
    serving = pods.filter((pod) => serves(pod) && pod.release !== release).length;
    const back = serving >= before.old;
    return back ? { done: true, value: serving } : { done: false, seen: `${serving} serving` };
  });
  return serving;
}
