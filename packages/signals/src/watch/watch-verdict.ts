import { formatDuration } from '@slipway/kernel';
import type { WatchedMetric } from '@slipway/release';
import { describeGap, isGone, isStale } from './target-state.ts';
import { isMetricBroken, type MetricState, type WatchState } from './watch-state.ts';

/** What the numbers so far prove about the release. */
export type WatchVerdict =
  | { state: 'undecided' }
  | { state: 'met'; metrics: string }
  | { state: 'broken'; why: string }
  | { state: 'no-evidence'; why: string };

export interface WatchMoment {
  /** Seconds since the watch began. */
  atSeconds: number;
  /** Seconds between two samples. */
  intervalSeconds: number;
  /** Whether the time of the watch is over. */
  isOver: boolean;
  /** Requests that must have been seen. */
  minRequests: number;
}

/** Points of a chart in the record; more are merged. */
const maxPoints = 120;

/** A release is broken as soon as that is proven; it meets its objectives only at the end, and only by numbers. Pure. */
export function judge(watch: WatchState, moment: WatchMoment): WatchVerdict {
  const gone = [...watch.targets].filter(([, target]) => isGone(target));
  const failed = watch.metrics.filter(isMetricBroken);
  // The counts mix several processes, and more of them would not help.
  if (watch.ambiguous.size > 0) return { state: 'no-evidence', why: describeAmbiguous(watch).join('; ') };
  if (failed.length > 0) return { state: 'broken', why: failed.map(describeBroken).join('; ') };
  if (gone.length > 0) {
    const how = gone.map(
      ([target, { misses, problem }]) => `${target}: ${problem} (${misses} samples in a row)`,
    );
    return { state: 'broken', why: `the application stopped answering: ${how.join('; ')}` };
  }
  if (!moment.isOver) return { state: 'undecided' };
  const missing = missingEvidence(watch, moment);
  if (missing.length > 0) return { state: 'no-evidence', why: missing.join('; ') };
  return { state: 'met', metrics: watch.metrics.map(describeMet).join(', ') };
}

function missingEvidence(
  watch: WatchState,
  { atSeconds, intervalSeconds, minRequests }: WatchMoment,
): string[] {
  const unread = [...watch.targets].flatMap(
    ([target, one]) => describeGap(target, one, atSeconds, intervalSeconds) ?? [],
  );
  // Where nothing was read at all, every metric lacks numbers, and the reason is in the list already.
  const readable = [...watch.targets.values()].some(({ lastRead }) => lastRead !== null);
  const uncounted = readable
    ? watch.metrics.flatMap((metric) => explainMissing(metric, atSeconds, intervalSeconds) ?? [])
    : [];
  const requests = watch.metrics[0]?.events ?? 0;
  const few =
    requests > 0 && requests < minRequests
      ? [`only ${requests} of at least ${minRequests} requests were counted`]
      : [];
  return [...unread, ...uncounted, ...few];
}

function describeAmbiguous({ ambiguous }: WatchState): string[] {
  const why = 'its page names neither an instance nor process_start_time_seconds';
  return [...ambiguous].map(
    (target) =>
      `counters at ${target} decreased, and ${why}: a restart and another replica cannot be distinguished`,
  );
}

/** Why a metric has no numbers, or null when it has some. */
function explainMissing(metric: MetricState, at: number, interval: number): string | null {
  const { counter, lastSeen, maxGap, events, missing } = metric;
  const none = `no data for "${counter.title}"`;
  if (lastSeen === null) return `${none}: ${missing}`;
  if (isStale(lastSeen, maxGap, at, interval)) return `${none} in the last ${Math.round(at - lastSeen)} s`;
  if (counter.objective === 0 || events > 0) return null;
  return `${none}: no request was counted during the watch`;
}

function describeBroken(metric: MetricState): string {
  const { counter, events, bad, firstBad, bet } = metric;
  const since = `first seen ${formatDuration((firstBad ?? 0) * 1000)} into the watch`;
  if (!bet) return `${counter.title} increased by ${number(bad)}, ${since}; it must not increase`;
  const share = `${number(bad)} of ${number(events)} (${percent(bad / events)}, objective ${percent(counter.objective)})`;
  return `${counter.title}: ${share}, ${since}; evidence ${number(bet.maxEvidence)}, threshold ${number(bet.bar)}`;
}

function describeMet({ counter, events, bad, bet }: MetricState): string {
  if (!bet) return `${counter.title} did not increase`;
  // Above the objective, yet too few to rule out chance: unexplained, the numbers would look like a mistake.
  const chance = bad / events > counter.objective ? ', which may be chance' : '';
  return `${counter.title.toLowerCase()}: ${number(bad)} (${percent(bad / events)}, objective ${percent(counter.objective)}${chance})`;
}

/** The metric for the record. */
export function recordMetric(
  metric: MetricState,
  { atSeconds, intervalSeconds, isOver }: WatchMoment,
): WatchedMetric {
  const { counter, bet, events, bad, note } = metric;
  const none =
    explainMissing(metric, atSeconds, intervalSeconds) ?? (isOver ? null : 'The watch stopped early.');
  const [state, words] = isMetricBroken(metric)
    ? (['broken', describeBroken(metric)] as const)
    : none
      ? (['no-evidence', none] as const)
      : (['met', ''] as const);
  return {
    id: counter.id,
    title: counter.title,
    objective: counter.objective,
    state,
    wealth: bet?.maxEvidence ?? 0,
    bar: bet?.bar ?? 0,
    events,
    bad,
    detail: [words, note].filter((part) => part !== '').join(' '),
    points: bet ? pointsOf(metric) : [],
  };
}

function pointsOf({ samples }: MetricState): WatchedMetric['points'] {
  const size = Math.ceil(samples.length / maxPoints);
  return Array.from({ length: Math.ceil(samples.length / Math.max(1, size)) }, (_, part) => {
    const merged = samples.slice(part * size, (part + 1) * size);
    const events = merged.reduce((sum, one) => sum + one.events, 0);
    const bad = merged.reduce((sum, one) => sum + one.bad, 0);
    return [merged[0]?.at ?? 0, events > 0 ? Number((bad / events).toPrecision(4)) : null];
  });
}

/** One line of progress: `240 requests, 0 errors (limit 1 %), slower than 1 s: 0 (limit 5 %)`. */
export function describeProgress({ metrics }: WatchState): string {
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
