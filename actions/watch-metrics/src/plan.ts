import type { WatchConfig } from '@slipway/config';
import { type Clock, type Duration, type Http, UserError } from '@slipway/kernel';
import type { ReleaseRecord } from '@slipway/release';
import {
  type MetricSource,
  prometheusSource,
  scrapeSource,
  seriesNames,
  WatchCourse,
  watchedCounters,
} from '@slipway/signals';

export interface WatchPlan {
  source: MetricSource;
  course: WatchCourse;
  /** From the first look to the last. */
  lasts: Duration;
  every: Duration;
  /** Requests that must have been seen. */
  minRequests: number;
  /** What a watch without enough evidence means. */
  inconclusive: WatchConfig['inconclusive'];
}

export interface PlanOptions {
  watch: WatchConfig | undefined;
  record: ReleaseRecord;
  /** When the deployment began, by the input. */
  since: string;
  http: Http;
  clock: Clock;
}

/** Everything of a watch but the looking. @throws UserError when there is nothing to watch, or no one place to look. */
export function planWatch({ watch, record, since: given, http, clock }: PlanOptions): WatchPlan {
  if (!watch) {
    throw new UserError('the configuration has no section "watch": there is nothing to watch', {
      hint: 'Add it, for example: watch: {for: 30m, scrape: {urls: [https://api.example.com/metrics]}}',
    });
  }
  const begin = clock.now().getTime() / 1000;
  const since = beginOf(given, record, begin);
  const counters = watchedCounters(watch);
  const source = openSource(watch, since, http, clock);
  const looks = Math.ceil(watch.for / watch.every) + 1;
  const course = new WatchCourse({
    counters,
    series: seriesNames(watch),
    targets: source.targets,
    looks,
    falseAlarms: watch['false-rollbacks'],
    since,
    begin,
  });
  const { 'min-requests': minRequests, inconclusive } = watch;
  return { source, course, lasts: watch.for, every: watch.every, minRequests, inconclusive };
}

function openSource(watch: WatchConfig, since: number, http: Http, clock: Clock): MetricSource {
  const { scrape, prometheus, every } = watch;
  if (every === 0 || watch.for === 0) throw new UserError('watch.for and watch.every must be longer than 0s');
  if (scrape && prometheus) {
    throw new UserError(
      'watch has both "scrape" and "prometheus": the same requests would be counted twice',
      {
        hint: 'Keep "prometheus" when there is one: it sees every replica.',
      },
    );
  }
  if (prometheus) return prometheusSource({ watch: { ...watch, prometheus }, since, http, clock });
  if (scrape) return scrapeSource({ scrape, every, http, clock });
  throw new UserError('watch has neither "scrape" nor "prometheus": there is nowhere to look', {
    hint: 'Set watch.scrape.urls to the metrics pages of the application, or watch.prometheus.url.',
  });
}

/** Seconds since the epoch. */
function beginOf(given: string, record: ReleaseRecord, now: number): number {
  const text = given || record.phases.findLast(({ name }) => name === 'rollout')?.startedAt;
  if (text === undefined) return now;
  const seconds = Date.parse(text) / 1000;
  if (!/^\d{4}-\d\d-\d\dT/.test(text) || Number.isNaN(seconds)) {
    throw new UserError(
      `input "since": expected a time such as 2026-03-01T14:05:09Z, found ${JSON.stringify(text)}`,
    );
  }
  if (seconds > now + 60) throw new UserError(`input "since" is in the future: ${text}`);
  return Math.min(seconds, now);
}
