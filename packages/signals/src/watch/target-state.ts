import type { SourceSample } from '../sources/source.ts';

/** What is known of a target so far. Times are seconds since the watch began. */
export interface TargetState {
  /** When it last brought numbers; null when it never did. */
  lastRead: number | null;
  /** The longest time between two samples with numbers. */
  maxGap: number;
  answeredBefore: boolean;
  /** Consecutive samples without an answer. */
  misses: number;
  /** Why the last sample has no numbers; empty when it has. */
  problem: string;
}

/** After this many consecutive samples without an answer, an application that answered before counts as gone. */
const maxMisses = 3;

export const initialTargetState: TargetState = {
  lastRead: null,
  maxGap: 0,
  answeredBefore: false,
  misses: 0,
  problem: '',
};

/** The state of a target after one more sample. A sample without news of it changes nothing. */
export function nextTargetState(
  state: TargetState,
  target: string,
  sample: SourceSample,
  at: number,
): TargetState {
  const missed = sample.unreachable.find((one) => one.target === target);
  if (missed) return { ...state, misses: state.misses + 1, problem: missed.why };
  const unreadable = sample.unreadable.find((one) => one.target === target);
  if (unreadable) return { ...state, problem: unreadable.why };
  if (!sample.answered.includes(target)) return state;
  const maxGap = Math.max(state.maxGap, at - (state.lastRead ?? at));
  return { lastRead: at, maxGap, answeredBefore: true, misses: 0, problem: '' };
}

export function isGone({ answeredBefore, misses }: TargetState): boolean {
  return answeredBefore && misses >= maxMisses;
}

/** Why the target leaves the end of the watch unproven: it never brought numbers, or stopped. null when it did not. */
export function describeGap(
  target: string,
  state: TargetState,
  atSeconds: number,
  intervalSeconds: number,
): string | null {
  const { lastRead, maxGap } = state;
  if (lastRead === null) return `nothing could be read from ${target}${because(state)}`;
  if (!isStale(lastRead, maxGap, atSeconds, intervalSeconds)) return null;
  return `the last numbers from ${target} are ${Math.round(atSeconds - lastRead)} s old${because(state)}`;
}

/** Whether what was last seen is too old to prove anything about a moment. All in seconds. */
export function isStale(lastSeen: number, maxGap: number, at: number, interval: number): boolean {
  return at - lastSeen > Math.max(maxMisses * interval, 2 * maxGap);
}

function because({ problem }: TargetState): string {
  return problem === '' ? '' : `: ${problem}`;
}
