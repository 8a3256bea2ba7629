import type { WatchConfig } from '@slipway/config';
import { describeError } from '@slipway/kernel';
import { shownUrl } from '../../excerpt.ts';
import {
  type MetricsSource,
  type Page,
  processStartMetric,
  type SeriesValue,
  type SourceContext,
  type SourceSample,
} from '../source.ts';
import { parsePrometheusText } from './text-format.ts';

type ScrapeConfig = NonNullable<WatchConfig['scrape']>;

/** For the fetches of one sample: as long as the time between two samples, within these bounds. */
const [minBudgetMs, maxBudgetMs] = [1000, 5000];
const maxBodyBytes = 16 * 1024 * 1024;
const accept = 'text/plain;version=0.0.4;charset=utf-8';

/** Reads the metrics pages of the application, several times per sample: behind a load balancer, each fetch may reach another replica. */
export function scrapeSource(scrape: ScrapeConfig, context: SourceContext): MetricsSource {
  const targets = [...new Set(scrape.urls)];
  return {
    plan: targets.map((url) => `GET ${shownUrl(url)}, ${scrape.samples} times per sample`),
    targets: targets.map(shownUrl),
    ownPaths: targets.map((url) => URL.parse(url)?.pathname ?? '/').filter((path) => path !== '/'),
    async sample(signal) {
      const samples = await Promise.all(targets.map((url) => readTarget(scrape, url, context, signal)));
      return {
        pages: samples.flatMap(({ pages }) => pages),
        answered: samples.flatMap(({ answered }) => answered),
        unreachable: samples.flatMap(({ unreachable }) => unreachable),
        unreadable: samples.flatMap(({ unreadable }) => unreadable),
      };
    },
  };
}

/** One fetch after the other: pages of the same process must not overtake each other. */
async function readTarget(
  scrape: ScrapeConfig,
  url: string,
  { watch, http, clock }: SourceContext,
  signal: AbortSignal,
): Promise<SourceSample> {
  const target = shownUrl(url);
  const sample: SourceSample = { pages: [], answered: [], unreachable: [], unreadable: [] };
  const start = clock.monotonic();
  const budgetMs = Math.min(maxBudgetMs, Math.max(minBudgetMs, watch.every));
  let why = 'no request was sent';
  let unreadable = '';
  for (let fetch = 0; fetch < scrape.samples && !signal.aborted; fetch++) {
    const leftMs = budgetMs - (clock.monotonic() - start);
    if (leftMs <= 0) break;
    const timeoutMs = Math.ceil(leftMs);
    const reply = await http.send({ url, headers: { accept }, timeoutMs, maxBodyBytes, signal });
    const at = clock.now().getTime() / 1000;
    if (!reply.ok) why = reply.error;
    else if (reply.status !== 200) why = `status ${reply.status}`;
    else {
      try {
        const values = parsePrometheusText(reply.body.data, (line) => reply.body.part(line).excerpt(80));
        sample.pages.push(...splitPage(values, target, at, scrape['instance-label']));
      } catch (error) {
        unreadable = describeError(error);
      }
    }
  }
  if (sample.pages.length > 0) return { ...sample, answered: [target] };
  if (unreadable !== '') return { ...sample, unreadable: [{ target, why: unreadable }] };
  return { ...sample, unreachable: [{ target, why }] };
}

/** Splits a page by instance; one without instances is of whichever replica answered. */
export function splitPage(
  samples: readonly SeriesValue[],
  target: string,
  at: number,
  instanceLabel: string,
): Page[] {
  const groups = new Map<string, SeriesValue[]>();
  for (const sample of samples) {
    const instance = sample.labels[instanceLabel] ?? '';
    const group = groups.get(instance);
    if (group) group.push(sample);
    else groups.set(instance, [sample]);
  }
  return [...groups].map(([instance, own]) => {
    const startedAt = own.find(({ name }) => name === processStartMetric)?.value ?? Number.NaN;
    return {
      instance: instance === '' ? null : instance,
      target,
      at,
      startedAt: Number.isFinite(startedAt) ? startedAt : null,
      samples: own,
    };
  });
}
