import type { Purpose } from '@slipway/platform';
import type { WorkloadState } from '../snapshot/snapshot.ts';
import { defaultStabilityWindowMs } from '../verdict/stability.ts';

/** What the time of a rollout depends on. */
export interface TimeOptions {
  workload: { kind: string };
  /** For one batch of new pods. */
  startTimeoutMs: number;
  /** undefined: as long as the liveness probe needs to kill. */
  stabilityWindowMs: number | undefined;
  purpose: Purpose;
}

/** What served before is not watched for longer than this: a rollback is urgent. */
const maxRestoreWindowMs = 3000;

/** How long the new pods must stay healthy. */
export function stabilityWindowOf(
  { stabilityWindowMs, workload, purpose }: TimeOptions,
  state: WorkloadState | null,
): number {
  if (!state || workload.kind === 'Job') return 0;
  const full = stabilityWindowMs ?? defaultStabilityWindowMs(state.template, state.minReadySeconds);
  return purpose === 'restore' ? Math.min(maxRestoreWindowMs, full) : full;
}

/** For the controller to end a Job that has reached its deadline. */
const jobMarginMs = 10_000;

/** The time for all batches one after the other, and for the stability window; for a Job at least its own deadline. */
export function timeBudgetMs(options: TimeOptions, state: WorkloadState | null): number {
  if (state?.kind === 'Job') return Math.max(options.startTimeoutMs, jobDeadlineMs(state) ?? 0);
  if (!state) return options.startTimeoutMs + stabilityWindowOf(options, state);
  const stopSeconds = stopsOldPodsFirst(state) ? state.template.terminationGraceSeconds : 0;
  const batchMs = options.startTimeoutMs + (state.minReadySeconds + stopSeconds) * 1000;
  return batchMs * batchesOf(state) + stabilityWindowOf(options, state);
}

/** How long a Job may run until the cluster ends it, with a margin; null when it has no limit. */
export function jobDeadlineMs({ activeDeadlineSeconds }: WorkloadState): number | null {
  return activeDeadlineSeconds === null ? null : activeDeadlineSeconds * 1000 + jobMarginMs;
}

/** Whether old pods must have stopped before new ones start in their place. */
function stopsOldPodsFirst({ maxSurge }: WorkloadState): boolean {
  return maxSurge === null || Number.parseFloat(maxSurge) === 0;
}

/** How many batches of new pods start one after the other: replicas by how many may be replaced at once. */
function batchesOf({ wanted, maxSurge, maxUnavailable }: WorkloadState): number {
  if (wanted === 0) return 1;
  const surge = countOf(maxSurge, wanted, Math.ceil);
  const unavailable = countOf(maxUnavailable, wanted, Math.floor);
  return Math.ceil(wanted / Math.max(1, surge + unavailable));
}

/** `25%` of the replicas, or a number as it is. */
function countOf(value: string | null, of: number, round: (count: number) => number): number {
  if (value === null) return 0;
  return value.endsWith('%') ? round((Number.parseFloat(value) / 100) * of) : Number(value);
}
