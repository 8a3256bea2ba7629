import { formatDuration } from '@slipway/kernel';
import type { WatchedMetric } from '@slipway/release';
import { gapAtEnd, isGone, isStale } from './target-course.ts';
import { broken, type MetricCourse, type WatchCourse } from './watch-course.ts';

/** What the numbers so far say of the release. */
export type WatchVerdict =
  | { state: 'going-on' }
  | { state: 'kept'; metrics: string }
  | { state: 'broken'; why: string }
  | { state: 'no-evidence'; why: string };

export interface Moment {
  /** Seconds since the watch began. */
  at: number;
  /** Seconds between two looks. */
  every: number;
  /** Whether the time of the watch is over. */
  over: boolean;
  /** Requests that must have been seen. */
  minRequests: number;
}

/** Points of a chart in the record; more are merged. */
const mostPoints = 120;

/** A broken release is said to be so at once; that it kept its objectives only at the end, and only from numbers. Pure. */
export function judge(course: WatchCourse, moment: Moment): WatchVerdict {
  const gone = [...course.targets].filter(([, target]) => isGone(target));
  const failed = course.metrics.filter(broken);
  // What was counted there is a mixture, and more of it does not help.
  if (course.ambiguous.size > 0) return { state: 'no-evidence', why: mixed(course).join('; ') };
  if (failed.length > 0) return { state: 'broken', why: failed.map(describeBroken).join('; ') };
  if (gone.length > 0) {
    const how = gone.map(
      ([target, { misses, problem }]) => `${target}: ${problem} (${misses} looks in a row)`,
    );
    return { state: 'broken', why: `the application stopped answering: ${how.join('; ')}` };
  }
  if (!moment.over) return { state: 'going-on' };
  const missing = gaps(course, moment);
  if (missing.length > 0) return { state: 'no-evidence', why: missing.join('; ') };
  return { state: 'kept', metrics: course.metrics.map(describeKept).join(', ') };
}

function gaps(course: WatchCourse, { at, every, minRequests }: Moment): string[] {
  const unread = [...course.targets].flatMap(([target, one]) => gapAtEnd(target, one, at, every) ?? []);
  // Where nothing was read at all, every metric lacks numbers, and why is said already.
  const readable = [...course.targets.values()].some(({ read }) => read !== null);
  const silent = readable ? course.metrics.flatMap((metric) => lack(metric, at, every) ?? []) : [];
  const requests = course.metrics[0]?.events ?? 0;
  const few =
    requests > 0 && requests < minRequests
      ? [`only ${requests} of at least ${minRequests} requests were seen`]
      : [];
  return [...unread, ...silent, ...few];
}

function mixed({ ambiguous }: WatchCourse): string[] {
  const why = 'its page names neither an instance nor process_start_time_seconds';
  return [...ambiguous].map(
    (target) => `counters went down at ${target}, and ${why}: a restart and another replica look the same`,
  );
}

/** Why a metric has no numbers, or null when it has some. */
function lack(metric: MetricCourse, at: number, every: number): string | null {
  const { counter, seen, longestGap, events, lacking } = metric;
  const none = `no data for "${counter.title}"`;
  if (seen === null) return `${none}: ${lacking}`;
  if (isStale(seen, longestGap, at, every)) return `${none} in the last ${Math.round(at - seen)} s`;
  if (counter.objective === 0 || events > 0) return null;
  return `${none}: no request was counted during the watch`;
}

function describeBroken(metric: MetricCourse): string {
  const { counter, events, bad, firstBad, bet } = metric;
  const since = `first seen ${formatDuration((firstBad ?? 0) * 1000)} into the watch`;
  if (!bet) return `${counter.title} grew by ${number(bad)}, ${since}; it must not grow at all`;
  const share = `${number(bad)} of ${number(events)} (${percent(bad / events)}, objective ${percent(counter.objective)})`;
  return `${counter.title}: ${share}, ${since}; evidence ${number(bet.most)} against a bar of ${number(bet.bar)}`;
}

function describeKept({ counter, events, bad, bet }: MetricCourse): string {
  if (!bet) return `${counter.title} did not grow`;
  // More than allowed, and still too little to tell from chance: to be said, or the numbers would seem to be a mistake.
  const chance = bad / events > counter.objective ? ', which may be chance' : '';
  return `${counter.title.toLowerCase()}: ${number(bad)} (${percent(bad / events)}, objective ${percent(counter.objective)}${chance})`;
}

/** The metric for the record. */
export function recordMetric(metric: MetricCourse, { at, every, over }: Moment): WatchedMetric {
  const { counter, bet, events, bad, remark } = metric;
  const none = lack(metric, at, every) ?? (over ? null : 'The watch ended early.');
  const [state, words] = broken(metric)
    ? (['broken', describeBroken(metric)] as const)
    : none
      ? (['no-evidence', none] as const)
      : (['met', ''] as const);
  return {
    id: counter.id,
    title: counter.title,
    objective: counter.objective,
    state,
    wealth: bet?.most ?? 0,
    bar: bet?.bar ?? 0,
    events,
    bad,
    detail: [words, remark].filter((part) => part !== '').join(' '),
    points: bet ? pointsOf(metric) : [],
  };
}

function pointsOf({ looks }: MetricCourse): WatchedMetric['points'] {
  const size = Math.ceil(looks.length / mostPoints);
  return Array.from({ length: Math.ceil(looks.length / Math.max(1, size)) }, (_, part) => {
    const merged = looks.slice(part * size, (part + 1) * size);
    const events = merged.reduce((sum, look) => sum + look.events, 0);
    const bad = merged.reduce((sum, look) => sum + look.bad, 0);
    return [merged[0]?.at ?? 0, events > 0 ? Number((bad / events).toPrecision(4)) : null];
  });
}

/** One line of progress: `240 requests, 0 errors (limit 1 %), slower than 1 s: 0 (limit 5 %)`. */
export function describeProgress({ metrics }: WatchCourse): string {
  return metrics
    .map(({ counter, events, bad }) => {
      if (counter.objective === 0) return `${counter.title}: ${number(bad)}`;
      const limit = `limit ${percent(counter.objective)}`;
      if (counter.id === 'errors') return `${number(events)} requests, ${number(bad)} errors (${limit})`;
      return `${counter.title.replace('Requests ', '')}: ${number(bad)} (${limit})`;
    })
    .join(', ');
}

/** `0.5 %`. */
export function percent(fraction: number): string {
  return `${Number((fraction * 100).toPrecision(2))} %`;
}

function number(value: number): string {
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(3)));
}
