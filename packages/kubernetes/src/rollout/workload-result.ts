import { UserError } from '@slipway/kernel';
import type { ObservedReplica, RolloutFailure } from '@slipway/platform';
import { ClusterUnreachable } from '../cluster/cluster-error.ts';

/** The part of a failure that concerns one workload; the state of the whole service is not known yet. */
export type FailureReport = Omit<RolloutFailure, 'ok' | 'ms' | 'oldServing' | 'left'>;

export interface WorkloadFailure {
  ok: false;
  failure: FailureReport;
}

/** How the rollout of one workload went. */
export type WorkloadResult = { ok: true; replicas: readonly ObservedReplica[] } | WorkloadFailure;

/** A failure without further evidence. */
export function failWorkload(reason: string, hint: string): WorkloadFailure {
  return { ok: false, failure: { outcome: 'failed', reason, hint, details: [] } };
}

/**
 * A refused apply changed nothing, so it is a failure like any other; without an answer nothing is known. `state`
 * describes what the workload may be now. @throws the error when it is neither.
 */
export function failedToApply(error: unknown, state?: string): WorkloadFailure {
  if (error instanceof UserError) return failWorkload(error.message, error.hint ?? '');
  if (!(error instanceof ClusterUnreachable)) throw error;
  const reason = state === undefined ? error.message : `${error.message}; ${state}`;
  return { ok: false, failure: { outcome: 'inconclusive', reason, hint: error.hint, details: [] } };
}
