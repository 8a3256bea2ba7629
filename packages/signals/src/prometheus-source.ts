import type { WatchConfig } from '@slipway/config';
import { type Clock, describeError, type Http } from '@slipway/kernel';
import { shownUrl } from './excerpt.ts';
import { type Look, type MetricSource, processStart } from './page.ts';
import { type PrometheusApi, prometheusApi } from './prometheus-api.ts';
import { Pulse, pagesOf } from './prometheus-pages.ts';
import { reachingBounds, seriesNames } from './tally.ts';

export interface PrometheusOptions {
  watch: WatchConfig & { prometheus: NonNullable<WatchConfig['prometheus']> };
  /** When the deployment began, in seconds since the epoch. */
  since: number;
  http: Http;
  clock: Clock;
}

/** Seconds before the deployment that are read as well, to tell what was there already. */
const before = 300;
/** Seconds that a look goes back behind the last one: samples become visible a little after their time. */
const overlap = 60;

/**
 * Reads raw samples out of Prometheus: `rate()` and `increase()` extrapolate and miss the first event of a new series,
 * and after a deployment every series is new.
 */
export function prometheusSource({ watch, since, http, clock }: PrometheusOptions): MetricSource {
  const { url, matchers } = watch.prometheus;
  const target = shownUrl(url);
  const api = prometheusApi(url, http);
  const names = [...seriesNames(watch), processStart, 'up'];
  const buckets = `{__name__="${watch.metrics.latency}_bucket"${and(matchers)}}`;
  const pulse = new Pulse(watch.every / 1000);
  let bounds: string[] = [];
  let last: number | null = null;
  let ahead = 0;

  const look = async (signal: AbortSignal): Promise<Look> => {
    const here = clock.now().getTime() / 1000;
    if (last === null) ahead = (await api.time(signal)) - here;
    if (bounds.length === 0) bounds = await findBounds(api, buckets, watch.slo.p95, signal);
    const now = here + ahead;
    const window = Math.ceil(last === null ? now - since + before : now - last + overlap);
    const series = await api.query(`${selector(names, bounds, matchers)}[${Math.max(1, window)}s]`, signal);
    last = now;
    const beat = pulse.feel(series, now);
    const answer: Look = { pages: pagesOf(series, target), answered: [], silent: [], unreadable: [] };
    if (beat.alive === true) return { ...answer, answered: [target] };
    if (beat.alive === false) return { ...answer, silent: [{ target, why: beat.why }] };
    // Nothing new: what this look shows was taken before.
    const why = `it has no sample of ${names.join(', ')}`;
    return { ...answer, pages: [], unreadable: series.length === 0 ? [{ target, why }] : [] };
  };
  return {
    targets: [target],
    plan: [
      `POST ${target}/api/v1/query`,
      `count by (le) (${buckets})`,
      `${selector(names, ['…'], matchers)}[…]`,
    ],
    look: (signal) =>
      look(signal).catch((error: unknown) => ({
        pages: [],
        answered: [],
        silent: [],
        unreadable: [{ target, why: describeError(error) }],
      })),
  };
}

/** One selector for everything: what one query answers is of one moment. */
function selector(names: readonly string[], bounds: readonly string[], matchers: string): string {
  const le = bounds.map((bound) => bound.replaceAll('.', '[.]').replaceAll('+', '[+]'));
  return `{__name__=~"${names.join('|')}",le=~"${['', ...le].join('|')}"${and(matchers)}}`;
}

function and(matchers: string): string {
  return matchers.trim() === '' ? '' : `,${matchers.trim()}`;
}

/** Only the buckets that the objective can be judged by; a histogram has a dozen for each of its series. */
async function findBounds(
  api: PrometheusApi,
  buckets: string,
  limit: number,
  signal: AbortSignal,
): Promise<string[]> {
  const series = await api.query(`count by (le) (${buckets})`, signal);
  const bounds = series.map(({ labels }) => labels.le ?? '');
  const reaching = reachingBounds(limit, bounds);
  // One that is too small shows at least that there is a histogram.
  return reaching.length > 0 ? reaching : bounds.slice(0, 1);
}
