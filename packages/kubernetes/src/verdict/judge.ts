import type { PodState, Snapshot, WorkloadKind, WorkloadState } from '../snapshot/snapshot.ts';
import type { FailFast, Finding } from './finding.ts';
import { crashSigns } from './signatures/crash.ts';
import { creationSigns } from './signatures/creation.ts';
import { fold, foldGroup } from './signatures/fold.ts';
import { goneSign } from './signatures/hold.ts';
import { imageSigns, tellsCause } from './signatures/image.ts';
import { decides, recallCauses, recent, remember } from './signatures/memory.ts';
import { placementSigns } from './signatures/placement.ts';
import { probeSigns } from './signatures/probes.ts';
import { serves } from './signatures/scope.ts';
import { objectSign, type Sight, type Sign, sightOf } from './signatures/sign.ts';
import { startSigns } from './signatures/start.ts';
import { expected, isObserved, workloadSigns } from './signatures/workload.ts';

export { disturbed, isSettled, stabilityHold } from './signatures/hold.ts';
export { identity } from './signatures/identity.ts';
export { newPods, serves } from './signatures/scope.ts';

/** What this rollout is about: recorded after the apply, so that nobody else's pods are judged. */
export interface Watched {
  /** uid of the workload. */
  uid: string;
  /** `metadata.generation` that the apply answered. */
  generation: number;
  /** Release that the new pods carry; null when what is restored was not made by Slipway. */
  release: string | null;
  /** uid of the ReplicaSet we made, once it is known; null for kinds without one. */
  replicaSet: string | null;
  failFast: FailFast;
  /** ISO 8601; events before it are of others. */
  appliedAt: string;
  /** Old pods that served before the apply. */
  oldBefore: number;
}

/** What earlier looks saw: the cause is latched, since the cluster's own reasons alternate. */
export interface Memory {
  /** By signature, pod or object, and container. */
  readonly seen: Readonly<Record<string, Remembered>>;
}

/** One sign on one pod or object. Times are ISO 8601. */
export interface Remembered {
  /** First sight since it has been there without a long break. */
  since: string;
  /** Last sight. */
  last: string;
  /** Looks that showed it. */
  times: number;
  /** Predicate with the cause. */
  says: string;
  finding: Finding;
}

export const nothingSeen: Memory = { seen: {} };

export type Judgement =
  | { state: 'complete'; line: string; ready: number; oldServing: number }
  | { state: 'progressing'; line: string; findings: readonly Finding[]; oldServing: number }
  | {
      state: 'failed';
      line: string;
      /** The deciding one first, the most specific evidence before the vaguer. */
      findings: readonly [Finding, ...Finding[]];
      oldServing: number;
    };

export interface Judged {
  judgement: Judgement;
  memory: Memory;
}

/** Every group of signatures that needs the controller to have seen what was applied. */
const groups: readonly ((sight: Sight) => Sign[])[] = [
  imageSigns,
  startSigns,
  crashSigns,
  probeSigns,
  placementSigns,
  creationSigns,
];

/**
 * The verdict over one look. A failure that is sure comes first, then completion; anything else is progress with what
 * is known so far. Pure: times are those of the snapshots, and what must be carried on is in the memory it returns.
 */
export function judge(snapshot: Snapshot, watched: Watched, memory: Memory): Judged {
  const { workload } = snapshot;
  if (!workload) return gone(snapshot, memory);
  const sight = sightOf(snapshot, workload, watched);
  const oldServing = sight.old.filter(serves).length;
  const line = lineOf(sight, oldServing);
  const signs = signsOf(sight, memory);
  const next = remember(memory, signs, snapshot.at, (sign) => foldGroup([sign], sight.fresh));
  const folded = weigh(sight, signs, next);
  const [first] = folded;
  const findings = folded.map(({ finding }) => finding);
  if (first?.decides) {
    // The deadline of the Deployment says that it failed; what else is seen says why.
    const overdue = first.finding.signature === 'deadline-exceeded';
    const told = overdue ? deadline(snapshot, watched, next) : (findings as [Finding, ...Finding[]]);
    return { judgement: { state: 'failed', line, findings: told, oldServing }, memory: next };
  }
  // A pod that a probe killed twice is ready in between; that must not pass for done while it is being weighed.
  const weighing = watched.failFast !== 'off' && findings.some(({ gravity }) => gravity !== 'pending');
  if (!weighing && isComplete(sight))
    return { judgement: { state: 'complete', line, ready: readyOf(sight), oldServing }, memory: next };
  return { judgement: { state: 'progressing', line, findings, oldServing }, memory: next };
}

/**
 * What a rollout says that did not get there in time: the most telling of what is seen now or was seen just before,
 * and that the time is over.
 */
export function deadline(snapshot: Snapshot, watched: Watched, memory: Memory): [Finding, ...Finding[]] {
  const { workload } = snapshot;
  if (!workload) return [foldGroup([goneSign(snapshot)], [])];
  const sight = sightOf(snapshot, workload, watched);
  const signs = signsOf(sight, memory).filter(({ signature }) => signature !== 'deadline-exceeded');
  const next = remember(memory, signs, snapshot.at, (sign) => foldGroup([sign], sight.fresh));
  const findings = weigh(sight, signs, next).map(({ finding }) => finding);
  const over = foldGroup([overSign(sight)], sight.fresh);
  const [first, ...others] = findings.length > 0 ? findings : recent(memory, sight);
  return first ? [first, ...others, over] : [over];
}

function gone(snapshot: Snapshot, memory: Memory): Judged {
  const finding = foldGroup([goneSign(snapshot)], []);
  return { judgement: { state: 'failed', line: 'not there', findings: [finding], oldServing: 0 }, memory };
}

function signsOf(sight: Sight, memory: Memory): readonly Sign[] {
  const ofWorkload = workloadSigns(sight);
  if (!isObserved(sight) || ofWorkload.some(({ signature }) => signature === 'superseded')) return ofWorkload;
  return recallCauses([...ofWorkload, ...groups.flatMap((signs) => signs(sight))], memory, tellsCause);
}

/** Folded, the deciding ones first. */
function weigh(sight: Sight, signs: readonly Sign[], memory: Memory): ReturnType<typeof fold> {
  const showing = new Map<string, Set<string>>();
  for (const { signature, subject } of signs) {
    const subjects = showing.get(signature) ?? new Set();
    showing.set(signature, subjects.add(subject));
  }
  const ready = sight.fresh.filter((pod) => pod.ready);
  const { at } = sight.snapshot;
  const weighed = signs.map((sign) => {
    const readyBeside = ready.filter(({ name }) => !showing.get(sign.signature)?.has(name)).length;
    return { sign, decides: decides(sign, memory, { at, failFast: sight.failFast, readyBeside }) };
  });
  return fold(weighed, sight.fresh);
}

/** Counts of the workload that must all be what is wanted, by kind. */
const countsAgree: Record<WorkloadKind, (workload: WorkloadState) => boolean> = {
  Deployment: ({ wanted, updated, ready, available, total }) =>
    [updated, ready, available, total].every((count) => count === wanted),
  StatefulSet: ({ wanted, partition, updated, ready, available, total }) =>
    updated >= wanted - partition && [ready, available, total].every((count) => count === wanted),
  DaemonSet: ({ wanted, updated, ready, available, total }) =>
    [updated, ready, available, total].every((count) => count === wanted),
  Job: ({ wanted, succeeded, total }) => succeeded >= wanted && total === 0,
};

/** All that is wanted runs the new revision and is ready, by the counts of the controller and by the pods themselves. */
function isComplete(sight: Sight): boolean {
  const { workload, fresh } = sight;
  if (workload.wanted === 0 || workload.paused || !isObserved(sight)) return false;
  if (!countsAgree[workload.kind](workload)) return false;
  if (workload.kind === 'Job') return true;
  const needed = expected(workload);
  return needed > 0 && fresh.length >= needed && fresh.every(isServing);
}

function isServing(pod: PodState): boolean {
  return pod.ready && pod.phase === 'Running';
}

function readyOf({ workload, fresh }: Sight): number {
  return workload.kind === 'Job' ? workload.succeeded : fresh.filter(({ ready }) => ready).length;
}

/** `backend 1/3 new ready, 3/3 old serving`. */
function lineOf(sight: Sight, oldServing: number): string {
  const { workload, watched } = sight;
  if (workload.kind === 'Job') return `${workload.name} ${workload.succeeded}/${workload.wanted} succeeded`;
  const old = watched.oldBefore > 0 ? `, ${oldServing}/${watched.oldBefore} old serving` : '';
  return `${workload.name} ${readyOf(sight)}/${expected(workload)} new ready${old}`;
}

/** The time is over. Names a pod that does not get on, and what it says. */
function overSign(sight: Sight): Sign {
  const { workload, fresh, watched, snapshot } = sight;
  const told = workload.conditions.find(({ reason }) => reason === 'ProgressDeadlineExceeded');
  const stuck = fresh.find(({ ready }) => !ready);
  const blocking = stuck ? undefined : blockingPod(sight);
  const where = stuck ? `; ${podState(stuck)}` : blocking ? `; old pod ${podState(blocking)}` : '';
  const unseen = isObserved(sight) ? '' : '; its controller has not seen the change yet';
  const since = Math.round((Date.parse(snapshot.at) - Date.parse(watched.appliedAt)) / 1000);
  return objectSign(workload.kind, workload.name, {
    signature: 'deadline-exceeded',
    says: told
      ? `makes no progress: ${told.message}${where}`
      : `did not get there within ${since} s: ${lineOf(sight, sight.old.filter(serves).length)}${where}${unseen}`,
    remedy: blocking
      ? `A StatefulSet waits for each of its pods: delete pod ${blocking.name}, so that it is made anew.`
      : 'Look at the pods and their log; if they only need longer, raise start-timeout.',
  });
}

/** The old pod that a StatefulSet waits for before it replaces any: it does not repair a broken one by itself. */
function blockingPod({ workload, old }: Sight): PodState | undefined {
  if (workload.kind !== 'StatefulSet') return undefined;
  return old.find(({ ready, deleting }) => !ready && !deleting);
}

/** `web-1 is Running, container web is CrashLoopBackOff`. */
function podState({ name, phase, containers }: PodState): string {
  const container = containers.find(({ ready }) => !ready);
  const state = container ? `, container ${container.name} is ${container.reason || container.state}` : '';
  return `${name} is ${phase || 'not seen by a node'}${state}`;
}
