import { OutsideText, poll, UserError } from '@slipway/kernel';
import { ClusterUnreachable } from './cluster/cluster-error.ts';
import { look, type WorkloadName } from './cluster/look.ts';
import type { Snapshot, WorkloadState } from './snapshot/snapshot.ts';
import type { KubernetesTarget } from './target.ts';
import { sentence } from './verdict/explain.ts';
import type { Finding } from './verdict/finding.ts';
import {
  deadline,
  disturbed,
  isSettled,
  judge,
  type Memory,
  nothingSeen,
  stabilityHold,
  type Watched,
} from './verdict/judge.ts';

/** Time between two looks. */
const every = 2000;

/** How the wait for a workload ended, with what was seen last. */
export type Waited =
  | { state: 'steady'; snapshot: Snapshot }
  | { state: 'failed'; findings: readonly [Finding, ...Finding[]]; snapshot: Snapshot }
  /** The API server did not answer until the deadline: nothing is known of the rollout. */
  | { state: 'unseen'; why: string };

export interface Waiting {
  workload: WorkloadName;
  watched: Watched;
  /** As it was before the apply; null when it was not there. */
  before: WorkloadState | null;
  /** Milliseconds that one batch of new pods may take. */
  startTimeout: number;
  /** Milliseconds that the new pods must stay well; undefined: what their liveness probe needs to kill. */
  hold: number | undefined;
  /** It has proven itself before and is being brought back. */
  restored: boolean;
}

/** What served well before is not held for longer than this, in milliseconds: a rollback is urgent. */
const restoredHold = 3000;

/** What is carried from look to look. */
interface Course {
  memory: Memory;
  said: string;
  /** Signatures that were told already. */
  told: Set<string>;
  last: Snapshot | null;
  /** The look at which everything was complete for the first time, and when. */
  complete: { snapshot: Snapshot; since: number } | null;
  /** Why the last look saw nothing; empty when it did. */
  blind: string;
}

/**
 * Waits until the new pods of our own generation all serve and have stayed well for the hold, or until the cause why
 * they will not is known. Losing sight of the cluster meanwhile is no failure: it is asked again until the deadline.
 */
export async function awaitRollout(target: KubernetesTarget, waiting: Waiting): Promise<Waited> {
  const { clock, signal } = target;
  const course: Course = {
    memory: nothingSeen,
    said: '',
    told: new Set(),
    last: null,
    complete: null,
    blind: '',
  };
  const first = await see(target, waiting, course);
  const within = timeBudget(waiting, first?.workload ?? waiting.before);
  const during = `the rollout of ${waiting.workload.name}`;
  let unjudged = first;
  const pause = (): number => untilNextLook(clock.monotonic(), waiting, course);
  const waited = await poll<Waited>({ clock, signal, every: pause, within, during }, async () => {
    const snapshot = unjudged ?? (await see(target, waiting, course));
    unjudged = null;
    if (!snapshot) return { done: false, seen: course.blind };
    const ended = step(target, waiting, course, snapshot);
    return ended ? { done: true, value: ended } : { done: false, seen: course.said };
  });
  const ended = waited.ok ? waited.value : late(waiting, course);
  // At once: gathering the evidence and putting the former release back take their time.
  if (ended.state === 'failed')
    target.log.info(`${waiting.workload.name} failed: ${told(target, sentence(ended.findings[0]))}`);
  return ended;
}

function late({ watched }: Waiting, { blind, last, memory }: Course): Waited {
  if (blind !== '' || !last) return { state: 'unseen', why: blind };
  return { state: 'failed', findings: deadline(last, watched, memory), snapshot: last };
}

/** null when the cluster cannot be seen at the moment. */
async function see(target: KubernetesTarget, waiting: Waiting, course: Course): Promise<Snapshot | null> {
  try {
    course.last = await look(target, waiting.workload);
    if (course.blind !== '') target.log.info('the cluster can be seen again');
    course.blind = '';
    return course.last;
  } catch (error) {
    // A login that expires on the way, or a name that does not resolve for a moment, says nothing of the rollout.
    if (!(error instanceof ClusterUnreachable || error instanceof UserError)) throw error;
    if (course.blind === '') target.log.warn(`${error.message}; asking again until the deadline`);
    course.blind = error.message;
    return null;
  }
}

/** Judges one look; undefined while there is no verdict. */
function step(
  target: KubernetesTarget,
  waiting: Waiting,
  course: Course,
  snapshot: Snapshot,
): Waited | undefined {
  const { watched } = waiting;
  const now = target.clock.monotonic();
  if (course.complete) {
    const finding = disturbed(course.complete.snapshot, snapshot, watched);
    if (finding) return { state: 'failed', findings: [finding], snapshot };
  }
  const { judgement, memory } = judge(snapshot, watched, course.memory);
  course.memory = memory;
  say(target, course, judgement.line);
  if (judgement.state === 'failed') return { state: 'failed', findings: judgement.findings, snapshot };
  if (judgement.state === 'progressing') {
    for (const finding of judgement.findings) tell(target, course, finding);
    return undefined;
  }
  course.complete ??= { snapshot, since: now };
  const hold = holdOf(waiting, snapshot.workload);
  const held = now - course.complete.since >= hold || isSettled(snapshot, watched, hold);
  return held ? { state: 'steady', snapshot } : undefined;
}

function say(target: KubernetesTarget, course: Course, line: string): void {
  if (line !== course.said) target.log.info(line);
  course.said = line;
}

/** A sign is told when it is first seen, long before it decides. */
function tell(target: KubernetesTarget, course: Course, { signature, what }: Finding): void {
  if (!course.told.has(signature)) target.log.info(`  ${told(target, what)}`);
  course.told.add(signature);
}

function told(target: KubernetesTarget, words: string): string {
  return String(OutsideText.of(words, target.redactor));
}

function holdOf({ hold, workload, restored }: Waiting, state: WorkloadState | null): number {
  if (!state || workload.kind === 'Job') return 0;
  const full = hold ?? stabilityHold(state.template, state.minReadySeconds);
  return restored ? Math.min(restoredHold, full) : full;
}

/** Not longer than the hold lasts, so that nobody waits for the next look when it is over. */
function untilNextLook(now: number, waiting: Waiting, { complete }: Course): number {
  if (!complete) return every;
  const left = complete.since + holdOf(waiting, complete.snapshot.workload) - now;
  return left > 0 ? Math.min(every, left) : every;
}

/** The time for all batches one after the other, and for the hold. */
function timeBudget(waiting: Waiting, state: WorkloadState | null): number {
  if (!state) return waiting.startTimeout + holdOf(waiting, state);
  const ending = endsFirst(state) ? state.template.terminationGraceSeconds : 0;
  const one = waiting.startTimeout + (state.minReadySeconds + ending) * 1000;
  return one * batchesOf(state) + holdOf(waiting, state);
}

/** Whether old pods must have ended before new ones start in their place. */
function endsFirst({ kind, maxSurge }: WorkloadState): boolean {
  return kind !== 'Job' && (maxSurge === null || Number.parseFloat(maxSurge) === 0);
}

/** How many times one after the other new pods are started: replicas by how many may be replaced at once. */
export function batchesOf({ kind, wanted, maxSurge, maxUnavailable }: WorkloadState): number {
  if (kind === 'Job' || wanted === 0) return 1;
  const surge = countOf(maxSurge, wanted, Math.ceil);
  const unavailable = countOf(maxUnavailable, wanted, Math.floor);
  return Math.ceil(wanted / Math.max(1, surge + unavailable));
}

/** `25%` of the replicas, or a number as it is. */
function countOf(value: string | null, of: number, round: (count: number) => number): number {
  if (value === null) return 0;
  return value.endsWith('%') ? round((Number.parseFloat(value) / 100) * of) : Number(value);
}
