import { OutsideText, poll, UserError } from '@slipway/kernel';
import type { Purpose } from '@slipway/platform';
import { ClusterUnreachable } from '../cluster/cluster-error.ts';
import { inspectWorkload, type WorkloadName } from '../cluster/inspect-workload.ts';
import { readAutoscaling } from '../render/autoscalers.ts';
import type { Snapshot, WorkloadState } from '../snapshot/snapshot.ts';
import type { KubernetesTarget } from '../target.ts';
import { formatFinding } from '../verdict/explain.ts';
import type { Finding, Signature } from '../verdict/finding.ts';
import { judge, judgeDeadline } from '../verdict/judge.ts';
import { emptyMemory, type Memory, type WatchedWorkload } from '../verdict/model.ts';
import { findDisturbance, isSettled } from '../verdict/stability.ts';
import { stabilityWindowOf, timeBudgetMs } from './time-budget.ts';

const intervalMs = 2000;

/** How the wait for a workload finished, with the last snapshot. */
export type WaitResult =
  | { state: 'stable'; snapshot: Snapshot }
  /** An autoscaler that may do so has scaled it to zero: there is nothing to wait for. */
  | { state: 'idle' }
  | { state: 'failed'; findings: readonly [Finding, ...Finding[]]; snapshot: Snapshot }
  /** The API server did not answer until the deadline: nothing is known of the rollout. */
  | { state: 'unknown'; why: string };

export interface WaitOptions {
  workload: WorkloadName;
  watched: WatchedWorkload;
  /** As it was before the apply; null when it did not exist. */
  before: WorkloadState | null;
  /** For one batch of new pods. */
  startTimeoutMs: number;
  /** How long the new pods must stay healthy; undefined: as long as their liveness probe needs to kill. */
  stabilityWindowMs: number | undefined;
  purpose: Purpose;
  /** Called once, when the new pods all serve for the first time; before they have stayed healthy. */
  whenReady: () => Promise<void>;
}

/** What is carried from poll to poll. */
interface WaitState {
  memory: Memory;
  /** The progress that was logged last. */
  line: string;
  /** Signatures that were logged already. */
  reported: ReadonlySet<Signature>;
  /** null when the cluster has never answered. */
  last: Snapshot | null;
  /** Why the last inspection failed; null when it did not. */
  unreachable: string | null;
  /** An autoscaler may have left it without pods. */
  isIdle: boolean;
  /** The first snapshot in which everything was complete, and when; null while it is not. */
  complete: { snapshot: Snapshot; since: number } | null;
}

const initialState: WaitState = {
  memory: emptyMemory,
  line: '',
  reported: new Set(),
  last: null,
  unreachable: null,
  isIdle: false,
  complete: null,
};

/**
 * Waits until the new pods of the applied generation all serve and have stayed healthy for the stability window, or
 * until it is known why they will not. A cluster that is unreachable for a while is not a failure: it is polled until
 * the deadline.
 */
export async function awaitRollout(target: KubernetesTarget, options: WaitOptions): Promise<WaitResult> {
  const { clock, signal } = target;
  let state = await inspect(target, options, initialState);
  let polls = 0;
  let wasReady = false;
  const timeoutMs = timeBudgetMs(options, state.last?.workload ?? options.before);
  const during = `the rollout of ${options.workload.name}`;
  const intervalMs = (): number => pauseMs(clock.monotonic(), options, state);
  const polled = await poll<WaitResult>({ clock, signal, intervalMs, timeoutMs, during }, async () => {
    if (polls++ > 0) state = await inspect(target, options, state);
    if (state.unreachable !== null || !state.last)
      return { done: false, seen: state.unreachable ?? '(no answer)' };
    const step = judgeSnapshot(target, options, state, state.last);
    if (!wasReady && isReady(step)) {
      wasReady = true;
      await options.whenReady();
    }
    if (step.done) return { done: true, value: step.result };
    state = step.state;
    return { done: false, seen: state.line };
  });
  const result = polled.ok ? polled.value : timedOut(options, state);
  // At once: collecting the evidence and restoring the previous release take their time.
  if (result.state === 'failed')
    log(target, `${options.workload.name} failed: ${formatFinding(result.findings[0])}`);
  return result;
}

function timedOut({ watched }: WaitOptions, { unreachable, last, memory }: WaitState): WaitResult {
  if (unreachable !== null || !last) return { state: 'unknown', why: unreachable ?? '(no answer)' };
  return { state: 'failed', findings: judgeDeadline(last, watched, memory), snapshot: last };
}

async function inspect(
  target: KubernetesTarget,
  { workload }: WaitOptions,
  state: WaitState,
): Promise<WaitState> {
  try {
    const last = await inspectWorkload(target, workload);
    const title = `${workload.kind}/${workload.name}`;
    const isIdle = last.workload?.wanted === 0 && (await readAutoscaling(target.kubectl, title)).toZero;
    if (state.unreachable !== null) target.log.info('the cluster answers again');
    return { ...state, last, isIdle, unreachable: null };
  } catch (error) {
    // A login that expires on the way, or a name that does not resolve for a moment, proves nothing about the rollout.
    if (!(error instanceof ClusterUnreachable || error instanceof UserError)) throw error;
    if (state.unreachable === null) target.log.warn(`${error.message}; retrying until the deadline`);
    return { ...state, unreachable: error.message };
  }
}

type WaitStep = { done: true; result: WaitResult } | { done: false; state: WaitState };

function isReady(step: WaitStep): boolean {
  return step.done ? step.result.state !== 'failed' : step.state.complete !== null;
}

function judgeSnapshot(
  target: KubernetesTarget,
  options: WaitOptions,
  state: WaitState,
  snapshot: Snapshot,
): WaitStep {
  const { watched } = options;
  const now = target.clock.monotonic();
  const disturbance = state.complete && findDisturbance(state.complete.snapshot, snapshot, watched);
  if (disturbance) return { done: true, result: { state: 'failed', findings: [disturbance], snapshot } };
  const { judgement, memory } = judge(snapshot, watched, state.memory);
  const { line } = judgement;
  if (line !== state.line) target.log.info(line);
  if (judgement.state === 'failed' && state.isIdle && judgement.findings[0].signature === 'no-replicas')
    return { done: true, result: { state: 'idle' } };
  if (judgement.state === 'failed')
    return { done: true, result: { state: 'failed', findings: judgement.findings, snapshot } };
  if (judgement.state === 'progressing') {
    const reported = report(target, state.reported, judgement.findings);
    return { done: false, state: { ...state, memory, line, reported } };
  }
  const complete = state.complete ?? { snapshot, since: now };
  const windowMs = stabilityWindowOf(options, snapshot.workload);
  return now - complete.since >= windowMs || isSettled(snapshot, watched, windowMs)
    ? { done: true, result: { state: 'stable', snapshot } }
    : { done: false, state: { ...state, memory, line, complete } };
}

/** Logs each signature once, when it is first seen, long before it decides. */
function report(
  target: KubernetesTarget,
  reported: ReadonlySet<Signature>,
  findings: readonly Finding[],
): ReadonlySet<Signature> {
  const known = new Set(reported);
  for (const { signature, what } of findings) {
    if (!known.has(signature)) log(target, `  ${what}`);
    known.add(signature);
  }
  return known;
}

function log(target: KubernetesTarget, words: string): void {
  target.log.info(String(OutsideText.of(words, target.redactor)));
}

/** Never longer than the rest of the stability window, so that nothing waits for another poll after it. */
function pauseMs(now: number, options: WaitOptions, { complete }: WaitState): number {
  if (!complete) return intervalMs;
  const left = complete.since + stabilityWindowOf(options, complete.snapshot.workload) - now;
  return left > 0 ? Math.min(intervalMs, left) : intervalMs;
}
