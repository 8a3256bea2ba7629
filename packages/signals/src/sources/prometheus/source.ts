import type { WatchConfig } from '@slipway/config';
import { describeError } from '@slipway/kernel';
import { shownUrl } from '../../excerpt.ts';
import { reachingBounds, seriesNames } from '../../watch/watched-counters.ts';
import { type MetricsSource, processStartMetric, type SourceContext, type SourceSample } from '../source.ts';
import { type PrometheusApi, prometheusApi } from './api.ts';
import { ScrapeLiveness } from './liveness.ts';
import { pagesOf } from './pages.ts';

/** Before the deployment, so that what existed already is known. */
const lookbackSeconds = 300;
/** Before the last sample: values become visible a little after their time. */
const overlapSeconds = 60;

/**
 * Reads raw values out of Prometheus: `rate()` and `increase()` extrapolate and miss the first event of a new series,
 * and after a deployment every series is new.
 */
export function prometheusSource(
  { url, matchers }: NonNullable<WatchConfig['prometheus']>,
  { watch, deployedAt, http, clock }: SourceContext,
): MetricsSource {
  const target = shownUrl(url);
  const api = prometheusApi(url, http);
  const names = [...seriesNames(watch), processStartMetric, 'up'];
  const buckets = `{__name__="${watch.metrics.latency}_bucket"${and(matchers)}}`;
  const liveness = new ScrapeLiveness(watch.every / 1000);
  let bounds: string[] = [];
  let last: number | null = null;
  let ahead = 0;

  const sample = async (signal: AbortSignal): Promise<SourceSample> => {
    const here = clock.now().getTime() / 1000;
    if (last === null) ahead = (await api.time(signal)) - here;
    if (bounds.length === 0) bounds = await findBounds(api, buckets, watch.slo.p95, signal);
    const now = here + ahead;
    const seconds = last === null ? now - deployedAt + lookbackSeconds : now - last + overlapSeconds;
    const window = Math.max(1, Math.ceil(seconds));
    const series = await api.query(`${selector(names, bounds, matchers)}[${window}s]`, signal);
    last = now;
    const seen = liveness.update(series, now);
    const pages = pagesOf(series, target);
    if (seen.state === 'alive') return { ...nothing, pages, answered: [target] };
    if (seen.state === 'down') return { ...nothing, pages, unreachable: [{ target, why: seen.why }] };
    // Nothing new: an earlier sample has these values already.
    const why = `it has no values of ${names.join(', ')}`;
    return { ...nothing, unreadable: series.length === 0 ? [{ target, why }] : [] };
  };
  return {
    targets: [target],
    ownPaths: [],
    plan: [
      `POST ${target}/api/v1/query`,
      `count by (le) (${buckets})`,
      `${selector(names, ['…'], matchers)}[…]`,
    ],
    sample: (signal) =>
      sample(signal).catch((error: unknown) => ({
        ...nothing,
        unreadable: [{ target, why: describeError(error) }],
      })),
  };
}

const nothing: SourceSample = { pages: [], answered: [], unreachable: [], unreadable: [] };

/** One selector for everything: one query shows one moment. */
function selector(names: readonly string[], bounds: readonly string[], matchers: string): string {
  const le = bounds.map((bound) => bound.replaceAll('.', '[.]').replaceAll('+', '[+]'));
  return `{__name__=~"${names.join('|')}",le=~"${['', ...le].join('|')}"${and(matchers)}}`;
}

function and(matchers: string): string {
  return matchers.trim() === '' ? '' : `,${matchers.trim()}`;
}

/** Only the buckets that the objective is judged by; a histogram has a dozen for each of its series. */
async function findBounds(
  api: PrometheusApi,
  buckets: string,
  limit: number,
  signal: AbortSignal,
): Promise<string[]> {
  const series = await api.query(`count by (le) (${buckets})`, signal);
  const bounds = series.map(({ labels }) => labels.le ?? '');
  const reaching = reachingBounds(limit, bounds);
  // One that is too small still shows that there is a histogram.
  return reaching.length > 0 ? reaching : bounds.slice(0, 1);
}
