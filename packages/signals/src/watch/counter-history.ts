import type { Page, SeriesValue } from '../sources/source.ts';

/** By how much a counter grew since it was last seen. */
export interface Increase {
  /** Distinguishes the process in which it was counted. */
  process: string;
  name: string;
  labels: Readonly<Record<string, string>>;
  by: number;
}

export interface CounterHistoryOptions {
  /** In seconds since the epoch: what a process that started later has counted belongs to this release. */
  deployedAt: number;
  /** In seconds since the epoch: from then on the growth of older processes counts as well. */
  watchStartedAt: number;
  /** Names of the counters. */
  names: ReadonlySet<string>;
}

interface Process {
  id: string;
  startedAt: number | null;
  /** Started after the deployment began, so that its counters began at 0 within this release. */
  fresh: boolean;
  firstSeen: number;
  series: Map<string, { value: number; at: number }>;
}

/** Start times that are computed from the uptime vary a little from sample to sample. */
const startToleranceSeconds = 2;

/**
 * Turns cumulative counters into increases, per process. A counter that falls was reset to 0. One that appears
 * counts from 0 where that is certain (its process is new, or was seen without it before); otherwise its first value is
 * history.
 */
export class CounterHistory {
  readonly #options: CounterHistoryOptions;
  readonly #processes = new Map<string, Process[]>();
  #earliest = Number.POSITIVE_INFINITY;
  /** Targets whose pages do not name their process, although there seem to be several. */
  readonly ambiguous = new Set<string>();

  constructor(options: CounterHistoryOptions) {
    this.#options = options;
  }

  /** The increases that a page shows, 0 included. Pages must come in the order of time. */
  add(page: Page): Increase[] {
    this.#earliest = Math.min(this.#earliest, page.at);
    const process = this.#processOf(page);
    return page.samples
      .filter(({ name, value }) => this.#options.names.has(name) && Number.isFinite(value) && value >= 0)
      .map(({ name, labels, value }) => ({
        process: process.id,
        name,
        labels,
        by: this.#growth(process, page, { name, labels, value }),
      }));
  }

  #processOf({ instance, target, startedAt, at }: Page): Process {
    const key = instance === null ? `at ${target}` : `of ${instance}`;
    const known = this.#processes.get(key) ?? [];
    const same = known.find((one) => isSame(one.startedAt, startedAt));
    if (same) return same;
    const { deployedAt } = this.#options;
    const appeared = this.#earliest < deployedAt && at >= deployedAt;
    const fresh = startedAt === null ? appeared : startedAt >= deployedAt;
    const process = { id: `${key} ${known.length}`, startedAt, fresh, firstSeen: at, series: new Map() };
    this.#processes.set(key, [...known, process]);
    return process;
  }

  #growth(process: Process, page: Page, { name, labels, value }: SeriesValue): number {
    const key = `${name}${JSON.stringify(Object.entries(labels).sort())}`;
    const before = process.series.get(key);
    // Two pages of one process may overtake each other; a process that is known by its start never counts down.
    if (before && (page.at < before.at || (value < before.value && process.startedAt !== null))) return 0;
    process.series.set(key, { value, at: page.at });
    const counts = process.fresh || page.at >= this.#options.watchStartedAt;
    if (!before) return counts && (process.fresh || process.firstSeen < page.at) ? value : 0;
    if (value >= before.value) return counts ? value - before.value : 0;
    if (page.instance === null) {
      this.ambiguous.add(page.target);
      return 0;
    }
    return counts ? value : 0;
  }
}

function isSame(one: number | null, other: number | null): boolean {
  if (one === null || other === null) return one === other;
  return Math.abs(one - other) <= startToleranceSeconds;
}
