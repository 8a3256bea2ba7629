import type { Series } from './api.ts';

/** Whether Prometheus still reaches the application; `unchanged` when it has nothing new since the last time. */
export type Liveness = { state: 'alive' } | { state: 'unchanged' } | { state: 'down'; why: string };

/** Follows `up`, and whether values keep coming. Times are seconds since the epoch by the clock of the server. */
export class ScrapeLiveness {
  readonly #sampleInterval: number;
  #newest = Number.NEGATIVE_INFINITY;
  #scrapeInterval = 0;

  /** @param sampleInterval seconds between two samples of the watch */
  constructor(sampleInterval: number) {
    this.#sampleInterval = sampleInterval;
  }

  update(series: readonly Series[], now: number): Liveness {
    const newest = Math.max(this.#newest, ...series.map(({ values }) => values.at(-1)?.[0] ?? this.#newest));
    this.#scrapeInterval = Math.max(this.#scrapeInterval, ...series.map(({ values }) => typicalGap(values)));
    const isNew = newest > this.#newest;
    this.#newest = newest;
    if (!isNew) {
      const age = now - newest;
      const maxAge = 3 * this.#scrapeInterval + this.#sampleInterval;
      if (!Number.isFinite(newest) || age <= maxAge) return { state: 'unchanged' };
      return { state: 'down', why: `no new value for ${Math.round(age)} s` };
    }
    const ups = series.filter(({ labels }) => labels.__name__ === 'up');
    const recent = ups.flatMap(({ values }) =>
      values.slice(-1).filter(([at]) => at > newest - 3 * this.#scrapeInterval - 1),
    );
    if (recent.length > 0 && recent.every(([, value]) => value === 0))
      return { state: 'down', why: `up is 0 for all ${recent.length} instances` };
    return { state: 'alive' };
  }
}

/** The median of the times between two values of a series. */
function typicalGap(values: Series['values']): number {
  const gaps = values.slice(1).map(([at], before) => at - (values[before]?.[0] ?? at));
  return gaps.sort((one, other) => one - other)[Math.floor(gaps.length / 2)] ?? 0;
}
