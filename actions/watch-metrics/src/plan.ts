import { sourceOf, type WatchConfig } from '@slipway/config';
import { type Clock, type Duration, type Http, UserError } from '@slipway/kernel';
import type { ReleaseRecord } from '@slipway/release';
import { type MetricsSource, openSource, seriesNames, WatchState, watchedCounters } from '@slipway/signals';

export interface WatchPlan {
  source: MetricsSource;
  state: WatchState;
  /** From the first sample to the last. */
  durationMs: Duration;
  intervalMs: Duration;
  /** Requests that must have been counted. */
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

/** Everything of a watch but its samples. @throws UserError when there is nothing to watch, or not exactly one source. */
export function planWatch({ watch, record, since, http, clock }: PlanOptions): WatchPlan {
  if (!watch) {
    throw new UserError('cannot watch: the configuration has no section "watch"', {
      hint: 'Add it, for example: watch: {for: 30m, scrape: {urls: [https://api.example.com/metrics]}}',
    });
  }
  const { every: intervalMs, for: durationMs, 'min-requests': minRequests, inconclusive } = watch;
  if (intervalMs === 0 || durationMs === 0)
    throw new UserError('watch.for and watch.every must be longer than 0s');
  const watchStartedAt = clock.now().getTime() / 1000;
  const deployedAt = deploymentStart(since, record, watchStartedAt);
  const source = openSource(sourceOf(watch), { watch, deployedAt, http, clock });
  const state = new WatchState({
    counters: watchedCounters(watch, source.ownPaths),
    series: seriesNames(watch),
    targets: source.targets,
    maxSamples: Math.ceil(durationMs / intervalMs) + 1,
    falseAlarms: watch['false-rollbacks'],
    deployedAt,
    watchStartedAt,
  });
  return { source, state, durationMs, intervalMs, minRequests, inconclusive };
}

/** In seconds since the epoch: by the input, else by the phase of the rollout, else now. */
function deploymentStart(given: string, record: ReleaseRecord, now: number): number {
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
