import { judge, WatchState, watchedCounters } from '@slipway/signals';
import type { Page, SeriesValue, SourceSample } from '../../../packages/signals/src/sources/source.ts';

/** One error rate, one latency and one counter that must not increase. */
export const config = {
  metrics: { requests: 'req', 'status-label': 'status', latency: 'lat', 'must-not-increase': ['lost'] },
  slo: { errors: 0.01, p95: 2000 },
};

/** A sample as a metrics page gives it. */
export function sampleOf(name: string, value: number, labels: Record<string, string> = {}): SeriesValue {
  return { name, labels, value };
}

/** What comes to the application within one second. */
export interface Second {
  requests?: number;
  errors?: number;
  slow?: number;
  lost?: number;
  /** What the page does not show at all. */
  without?: string;
}

/** A watch over pages of one new process, one a second; null is a second without an answer. */
export function watch(seconds: readonly (Second | null | 'unreadable')[]) {
  const counters = watchedCounters(config);
  const series = ['req', 'lat_bucket', 'lat_count', 'lost'];
  const state = new WatchState({
    counters,
    series,
    targets: ['t'],
    maxSamples: seconds.length,
    falseAlarms: 0.01,
    deployedAt: 1000,
    watchStartedAt: 1000,
  });
  const total = { requests: 0, errors: 0, slow: 0, lost: 0 };
  for (const [at, second] of seconds.entries()) {
    const isOver = at === seconds.length - 1;
    if (second && second !== 'unreadable')
      for (const key of ['requests', 'errors', 'slow', 'lost'] as const) total[key] += second[key] ?? 0;
    state.add(sampleAt(second, total, at), at);
    const moment = { atSeconds: at, intervalSeconds: 1, isOver, minRequests: 10 };
    const verdict = judge(state, moment);
    if (verdict.state !== 'undecided' || isOver) return { state, verdict, moment };
  }
  throw new Error('no sample');
}

function sampleAt(
  second: Second | null | 'unreadable',
  total: Required<Omit<Second, 'without'>>,
  at: number,
): SourceSample {
  const nothing: SourceSample = { pages: [], answered: [], unreachable: [], unreadable: [] };
  if (second === null) return { ...nothing, unreachable: [{ target: 't', why: 'connection refused' }] };
  if (second === 'unreadable') return { ...nothing, unreadable: [{ target: 't', why: 'status 503' }] };
  const { requests, errors, slow, lost } = total;
  const samples = [
    sampleOf('req', requests - errors, { status: '200' }),
    sampleOf('req', errors, { status: '500' }),
    sampleOf('lat_bucket', requests - slow, { le: '2.5' }),
    sampleOf('lat_bucket', requests - slow, { le: '1' }),
    sampleOf('lat_count', requests),
    sampleOf('lost', lost),
  ].filter(({ name }) => !second.without || !name.startsWith(second.without));
  const page: Page = { instance: 'a', target: 't', startedAt: 1000, at: 1000 + at, samples };
  return { ...nothing, pages: [page], answered: ['t'] };
}

/** The same second, so many times. */
export const times = (count: number, second: Second | null | 'unreadable') =>
  Array.from({ length: count }, () => second);
/** A second without failures. */
export const fine = { requests: 20 };
