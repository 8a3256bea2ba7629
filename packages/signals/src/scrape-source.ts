import type { WatchConfig } from '@slipway/config';
import type { Clock, Http } from '@slipway/kernel';
import { shownUrl } from './excerpt.ts';
import { type Look, type MetricSource, type Page, processStart } from './page.ts';
import { parsePrometheusText, type Sample } from './prometheus-text.ts';

export interface ScrapeOptions {
  scrape: NonNullable<WatchConfig['scrape']>;
  every: number;
  http: Http;
  clock: Clock;
}

/** Milliseconds that the fetches of one look may take, within these bounds as long as the time between two looks. */
const [leastTime, mostTime] = [1000, 5000];
const maxBodyBytes = 16 * 1024 * 1024;
const accept = 'text/plain;version=0.0.4;charset=utf-8';

/** Reads the metrics pages of the application itself, several times per look: behind a load balancer each fetch may show another replica. */
export function scrapeSource(options: ScrapeOptions): MetricSource {
  const { urls, samples } = options.scrape;
  const targets = [...new Set(urls)];
  return {
    plan: targets.map((url) => `GET ${shownUrl(url)}, ${samples} times per look`),
    targets: targets.map(shownUrl),
    async look(signal) {
      const looks = await Promise.all(targets.map((url) => readTarget(options, url, signal)));
      return {
        pages: looks.flatMap(({ pages }) => pages),
        answered: looks.flatMap(({ answered }) => answered),
        silent: looks.flatMap(({ silent }) => silent),
        unreadable: looks.flatMap(({ unreadable }) => unreadable),
      };
    },
  };
}

/** One fetch after the other: pages of the same process must not overtake each other. */
async function readTarget(options: ScrapeOptions, url: string, signal: AbortSignal): Promise<Look> {
  const { scrape, every, http, clock } = options;
  const target = shownUrl(url);
  const look: Look = { pages: [], answered: [], silent: [], unreadable: [] };
  const start = clock.monotonic();
  const budget = Math.min(mostTime, Math.max(leastTime, every));
  let why = 'it was not asked';
  let unreadable = '';
  for (let fetch = 0; fetch < scrape.samples && !signal.aborted; fetch++) {
    const left = budget - (clock.monotonic() - start);
    if (left <= 0) break;
    const reply = await http.send({
      url,
      headers: { accept },
      timeoutMs: Math.ceil(left),
      maxBodyBytes,
      signal,
    });
    const at = clock.now().getTime() / 1000;
    if (!reply.ok) why = reply.error;
    else if (reply.status !== 200) why = `status ${reply.status}`;
    else {
      try {
        look.pages.push(
          ...splitPage(parsePrometheusText(reply.body.data), target, at, scrape['instance-label']),
        );
      } catch (error) {
        unreadable = (error as Error).message;
      }
    }
  }
  if (look.pages.length > 0) return { ...look, answered: [target] };
  if (unreadable !== '') return { ...look, unreadable: [{ target, why: unreadable }] };
  return { ...look, silent: [{ target, why }] };
}

/** A page by instances; one that names none is a page of whoever answered. */
export function splitPage(
  samples: readonly Sample[],
  target: string,
  at: number,
  instanceLabel: string,
): Page[] {
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) {
    const instance = sample.labels[instanceLabel] ?? '';
    const group = groups.get(instance);
    if (group) group.push(sample);
    else groups.set(instance, [sample]);
  }
  return [...groups].map(([instance, own]) => {
    const started = own.find(({ name }) => name === processStart)?.value ?? Number.NaN;
    return {
      instance: instance === '' ? null : instance,
      target,
      at,
      started: Number.isFinite(started) ? started : null,
      samples: own,
    };
  });
}
