import type { WatchConfig } from '@slipway/config';
import { formatDuration, UserError } from '@slipway/kernel';
import type { Increase } from './counter-history.ts';

/** What one sample counts: events, and how many of them were bad. */
export interface Count {
  events: number;
  bad: number;
}

/** How one metric is counted from the counters of a sample. */
export interface WatchedCounter {
  id: string;
  title: string;
  /** Fraction of bad events that is allowed; 0 for a counter that must not increase. */
  objective: number;
  /** null when no page has the series for it. */
  count(increases: readonly Increase[]): Count | null;
  /** The likely cause when it was never counted. */
  explainMissing(increases: readonly Increase[]): string;
  /** What a reader must know of how it was measured. */
  note(increases: readonly Increase[]): string;
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
/** p95 below T is the same as: at most this fraction is slower than T. */
const slowFraction = 0.05;

/** The metrics of a watch, those that are judged statistically first. @throws UserError for malformed names. */
export function watchedCounters(
  { metrics, slo }: Pick<WatchConfig, 'metrics' | 'slo'>,
  ownPaths: readonly string[] = [],
): WatchedCounter[] {
  for (const name of [metrics.requests, metrics.latency, ...metrics['must-not-increase']]) {
    if (!metricName.test(name)) {
      throw new UserError(`watch.metrics: ${JSON.stringify(name)} is not a metric name`, {
        hint: 'Write the bare name without {…}, for example http_requests_total.',
      });
    }
  }
  const errors = errorCounter(metrics.requests, metrics['status-label'], slo.errors);
  const latency = latencyCounter(metrics.latency, slo.p95);
  const pages = new Set(['/metrics', ...ownPaths]);
  return [
    ignoringOwnRequests(errors, pages),
    ignoringOwnRequests(latency, pages),
    ...[...new Set(metrics['must-not-increase'])].map(mustNotIncrease),
  ];
}

/** The samples must not count as traffic: without any other, the watch would pass on its own requests. */
function ignoringOwnRequests(counter: WatchedCounter, pages: ReadonlySet<string>): WatchedCounter {
  const count = (increases: readonly Increase[]): Count | null => {
    const others = increases.filter(({ labels }) => !Object.values(labels).some((value) => pages.has(value)));
    return counter.count(others) ?? (counter.count(increases) && { events: 0, bad: 0 });
  };
  return { ...counter, count };
}

function errorCounter(requests: string, statusLabel: string, objective: number): WatchedCounter {
  const labelled = (increases: readonly Increase[]): Increase[] =>
    increases.filter(({ name, labels }) => name === requests && (labels[statusLabel] ?? '') !== '');
  return {
    id: 'errors',
    title: 'Requests that failed',
    objective,
    count(increases) {
      const counted = labelled(increases);
      if (counted.length === 0) return null;
      const failed = counted.filter(({ labels }) => labels[statusLabel]?.startsWith('5'));
      return { events: sum(counted), bad: sum(failed) };
    },
    explainMissing: (increases) =>
      increases.some(({ name }) => name === requests)
        ? `${requests} has no label "${statusLabel}"; set watch.metrics.status-label`
        : `there is no counter ${requests}; check watch.metrics.requests`,
    note: () => '',
  };
}

function latencyCounter(latency: string, limit: number): WatchedCounter {
  return {
    id: 'p95',
    title: `Requests slower than ${formatDuration(limit)}`,
    objective: slowFraction,
    count(increases) {
      const { bounds, quick, events } = countQuick(latency, limit, increases);
      return bounds.size === 0 ? null : { events, bad: Math.max(0, events - quick) };
    },
    explainMissing: (increases) =>
      increases.some(({ name }) => name === `${latency}_bucket`)
        ? `no bucket of ${latency} reaches up to ${formatDuration(limit)}: slower requests cannot be distinguished`
        : `there is no histogram ${latency}; check watch.metrics.latency`,
    note(increases) {
      const others = [...countQuick(latency, limit, increases).bounds].filter(
        (le) => Number(le) * 1000 !== limit,
      );
      if (others.length === 0) return '';
      const counted = others.map((le) => `${le} s`).join(' or ');
      return `${formatDuration(limit)} is not a bucket bound; requests slower than ${counted}, the next bound, are counted.`;
    },
  };
}

/** Events of a histogram, and those that were certainly quick. Its series may have different buckets, as may two versions of one: each has its own bound. */
function countQuick(
  latency: string,
  limit: number,
  increases: readonly Increase[],
): { bounds: Set<string>; events: number; quick: number } {
  const groups = new Map<string, Increase[]>();
  for (const increase of increases) {
    if (increase.name !== `${latency}_bucket` && increase.name !== `${latency}_count`) continue;
    const { le, ...rest } = increase.labels;
    const key = JSON.stringify([increase.process, ...Object.entries(rest).sort()]);
    const group = groups.get(key);
    if (group) group.push(increase);
    else groups.set(key, [increase]);
  }
  const bounds = new Set<string>();
  let [events, quick] = [0, 0];
  for (const series of groups.values()) {
    const bound = boundFor(
      limit,
      series.flatMap(({ labels }) => labels.le ?? []),
    );
    if (bound === null) continue;
    bounds.add(bound);
    events += sum(series.filter(({ name }) => name === `${latency}_count`));
    quick += sum(series.filter(({ labels }) => labels.le === bound));
  }
  return { bounds, events, quick };
}

function mustNotIncrease(name: string): WatchedCounter {
  return {
    id: name,
    title: name,
    objective: 0,
    count(increases) {
      const counted = increases.filter((one) => one.name === name);
      return counted.length === 0 ? null : { events: sum(counted), bad: sum(counted) };
    },
    explainMissing: () =>
      `there is no counter ${name}; check the name, and that it is exported as 0 before its first increase`,
    note: () => '',
  };
}

/** Bucket bounds at or above the limit, as they are written, in ascending order. */
export function reachingBounds(limit: number, bounds: readonly string[]): string[] {
  return bounds
    .filter((le) => Number.isFinite(Number.parseFloat(le)) && Number(le) * 1000 >= limit - 1e-6)
    .sort((one, other) => Number(one) - Number(other));
}

/**
 * The smallest finite bucket bound at or above the limit, as it is written: what lies above it is slower for certain.
 * null when there is none.
 * @param limit milliseconds
 */
function boundFor(limit: number, bounds: readonly string[]): string | null {
  return reachingBounds(limit, bounds)[0] ?? null;
}

/** Every series that the watch needs, for a source that must name what it requests. */
export function seriesNames({ metrics }: Pick<WatchConfig, 'metrics'>): string[] {
  const { requests, latency, 'must-not-increase': counters } = metrics;
  return [...new Set([requests, `${latency}_bucket`, `${latency}_count`, ...counters])];
}

function sum(increases: readonly Increase[]): number {
  return increases.reduce((total, { by }) => total + by, 0);
}
