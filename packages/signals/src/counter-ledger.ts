import type { Page } from './page.ts';
import type { Sample } from './prometheus-text.ts';

/** By how much a counter grew since it was last seen. */
export interface Increase {
  /** Tells the process it was counted in from others. */
  process: string;
  name: string;
  labels: Readonly<Record<string, string>>;
  by: number;
}

export interface LedgerOptions {
  /** When the deployment began, in seconds since the epoch: what a process that started later counted is its doing. */
  since: number;
  /** When the watch began: from then on the growth of older processes counts too. */
  begin: number;
  /** Names of the counters. */
  wanted: ReadonlySet<string>;
}

interface Process {
  id: string;
  started: number | null;
  /** Started after the deployment began, so that its counters began at 0 within this release. */
  fresh: boolean;
  firstSeen: number;
  series: Map<string, { value: number; at: number }>;
}

/** Start times that are computed from the uptime differ by a little from reading to reading. */
const startTolerance = 2;

/**
 * Turns cumulative counters into increases, per process. A counter that falls has begun again at 0. One that appears
 * counts from 0 where that is certain (its process is new, or was seen without it before); otherwise what it holds
 * when first seen is history.
 */
export class CounterLedger {
  readonly #options: LedgerOptions;
  readonly #processes = new Map<string, Process[]>();
  #earliest = Number.POSITIVE_INFINITY;
  /** Targets whose pages do not say which process they are of, although there seem to be several. */
  readonly ambiguous = new Set<string>();

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  /** The increases that a page shows; every counter on it appears, if only with 0. Pages come in the order of time. */
  take(page: Page): Increase[] {
    this.#earliest = Math.min(this.#earliest, page.at);
    const process = this.#processOf(page);
    return page.samples
      .filter(({ name, value }) => this.#options.wanted.has(name) && Number.isFinite(value) && value >= 0)
      .map(({ name, labels, value }) => ({
        process: process.id,
        name,
        labels,
        by: this.#growth(process, page, { name, labels, value }),
      }));
  }

  #processOf({ instance, target, started, at }: Page): Process {
    const key = instance === null ? `at ${target}` : `of ${instance}`;
    const known = this.#processes.get(key) ?? [];
    const same = known.find((one) => isSame(one.started, started));
    if (same) return same;
    const { since } = this.#options;
    const appeared = this.#earliest < since && at >= since;
    const fresh = started === null ? appeared : started >= since;
    const process = { id: `${key} ${known.length}`, started, fresh, firstSeen: at, series: new Map() };
    this.#processes.set(key, [...known, process]);
    return process;
  }

  #growth(process: Process, page: Page, { name, labels, value }: Sample): number {
    const key = `${name}${JSON.stringify(Object.entries(labels).sort())}`;
    const before = process.series.get(key);
    // Two pages of one process may overtake each other; a process that is known by its start never counts down.
    if (before && (page.at < before.at || (value < before.value && process.started !== null))) return 0;
    process.series.set(key, { value, at: page.at });
    const counts = process.fresh || page.at >= this.#options.begin;
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
  return Math.abs(one - other) <= startTolerance;
}
