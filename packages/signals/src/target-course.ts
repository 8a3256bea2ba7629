import type { Look } from './page.ts';

/** What is known of a target over the looks. Times are seconds since the watch began. */
export interface TargetCourse {
  /** When it last brought numbers; null when it never did. */
  read: number | null;
  /** The longest time between two looks that brought numbers. */
  longestGap: number;
  answeredBefore: boolean;
  /** Looks in a row without an answer. */
  misses: number;
  /** Why the last look brought nothing; empty when it did. */
  problem: string;
}

/** Looks in a row without an answer after which an application that answered before counts as gone. */
export const mostMisses = 3;

export const unknownTarget: TargetCourse = {
  read: null,
  longestGap: 0,
  answeredBefore: false,
  misses: 0,
  problem: '',
};

/** The course of a target after one more look. A look that says nothing of it leaves it as it is. */
export function follow(course: TargetCourse, target: string, look: Look, at: number): TargetCourse {
  const silent = look.silent.find((one) => one.target === target);
  if (silent) return { ...course, misses: course.misses + 1, problem: silent.why };
  const unreadable = look.unreadable.find((one) => one.target === target);
  if (unreadable) return { ...course, problem: unreadable.why };
  if (!look.answered.includes(target)) return course;
  const longestGap = Math.max(course.longestGap, at - (course.read ?? at));
  return { read: at, longestGap, answeredBefore: true, misses: 0, problem: '' };
}

export function isGone({ answeredBefore, misses }: TargetCourse): boolean {
  return answeredBefore && misses >= mostMisses;
}

/**
 * Why the target leaves the end of the watch unproven: it never brought numbers, or stopped to. null when it did not.
 * @param every seconds between two looks
 */
export function gapAtEnd(target: string, course: TargetCourse, at: number, every: number): string | null {
  if (course.read === null) return `nothing could be read from ${target}${because(course)}`;
  const silence = at - course.read;
  if (!isStale(course.read, course.longestGap, at, every)) return null;
  return `the last numbers from ${target} are ${Math.round(silence)} s old${because(course)}`;
}

/** Whether what was last seen at `last` is too old at `at` to speak for that moment. Seconds all. */
export function isStale(last: number, longestGap: number, at: number, every: number): boolean {
  return at - last > Math.max(mostMisses * every, 2 * longestGap);
}

function because({ problem }: TargetCourse): string {
  return problem === '' ? '' : `: ${problem}`;
}
