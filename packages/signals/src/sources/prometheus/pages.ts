import { type Page, processStartMetric, type SeriesValue } from '../source.ts';
import type { Series } from './api.ts';

/** Labels that distinguish one process from another, wherever it was scraped. */
const identifying = ['job', 'namespace', 'pod', 'instance', 'exported_instance', 'exported_pod'];

/** Reassembles raw values into the pages they were scraped from: those of one scrape have the same time. */
export function pagesOf(series: readonly Series[], target: string): Page[] {
  const pages = new Map<string, Page & { samples: SeriesValue[] }>();
  for (const { labels, values } of series) {
    const { __name__: name = '', ...rest } = labels;
    if (name === 'up') continue;
    const instance =
      identifying
        .map((label) => labels[label] ?? '')
        .join(' ')
        .trim() || null;
    for (const [at, value] of values) {
      const key = `${at} ${instance}`;
      const page = pages.get(key) ?? { instance, target, startedAt: null, at, samples: [] };
      pages.set(key, page);
      if (name === processStartMetric && Number.isFinite(value)) page.startedAt = value;
      page.samples.push({ name, labels: rest, value });
    }
  }
  return [...pages.values()].sort((one, other) => one.at - other.at);
}
