import { type Page, processStart } from './page.ts';
import type { Series } from './prometheus-api.ts';
import type { Sample } from './prometheus-text.ts';

/** Labels that tell one process from another, wherever it was scraped. */
const identifying = ['job', 'namespace', 'pod', 'instance', 'exported_instance', 'exported_pod'];

/** Puts raw samples back together into the pages they were scraped from: those of one scrape have the same time. */
export function pagesOf(series: readonly Series[], target: string): Page[] {
  const pages = new Map<string, Page & { samples: Sample[] }>();
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
      const page = pages.get(key) ?? { instance, target, started: null, at, samples: [] };
      pages.set(key, page);
      if (name === processStart && Number.isFinite(value)) page.started = value;
      page.samples.push({ name, labels: rest, value });
    }
  }
  return [...pages.values()].sort((one, other) => one.at - other.at);
}

/** Whether the application is there, by what Prometheus saw of it last; null when there is nothing new. */
export type Beat = { alive: true | null } | { alive: false; why: string };

/** Follows `up`, and whether samples keep coming. Times are seconds since the epoch on the server's clock. */
export class Pulse {
  readonly #every: number;
  #newest = Number.NEGATIVE_INFINITY;
  #interval = 0;

  /** @param every seconds between two looks */
  constructor(every: number) {
    this.#every = every;
  }

  feel(series: readonly Series[], now: number): Beat {
    const newest = Math.max(this.#newest, ...series.map(({ values }) => values.at(-1)?.[0] ?? this.#newest));
    this.#interval = Math.max(this.#interval, ...series.map(({ values }) => typicalGap(values)));
    const fresh = newest > this.#newest;
    this.#newest = newest;
    const silence = now - newest;
    if (!fresh) {
      const patience = 3 * this.#interval + this.#every;
      if (!Number.isFinite(newest) || silence <= patience) return { alive: null };
      return { alive: false, why: `no sample for ${Math.round(silence)} s` };
    }
    const ups = series.filter(({ labels }) => labels.__name__ === 'up');
    const recent = ups.flatMap(({ values }) =>
      values.slice(-1).filter(([at]) => at > newest - 3 * this.#interval - 1),
    );
    if (recent.length > 0 && recent.every(([, value]) => value === 0))
      return { alive: false, why: `up is 0 for all ${recent.length} instances` };
    return { alive: true };
  }
}

function typicalGap(values: Series['values']): number {
  const gaps = values.slice(1).map(([at], before) => at - (values[before]?.[0] ?? at));
  return gaps.sort((one, other) => one - other)[Math.floor(gaps.length / 2)] ?? 0;
}
