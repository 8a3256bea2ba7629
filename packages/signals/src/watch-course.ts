import { type Bet, isBroken, openBet, placeBet } from './betting.ts';
import { CounterLedger, type Increase, type LedgerOptions } from './counter-ledger.ts';
import type { Look } from './page.ts';
import type { Count, WatchedCounter } from './tally.ts';
import { follow, type TargetCourse, unknownTarget } from './target-course.ts';

/** One metric over the looks so far. */
export interface MetricCourse extends Count {
  counter: WatchedCounter;
  /** null for a counter that must not grow at all: one look decides. */
  bet: Bet | null;
  /** Seconds since the watch began when a page last had something to count it by; null when none had. */
  seen: number | null;
  /** The longest time between two such looks. */
  longestGap: number;
  /** Seconds since the watch began when the first bad event was seen. */
  firstBad: number | null;
  /** What each look counted, by seconds since the watch began. */
  looks: (Count & { at: number })[];
  lacking: string;
  remark: string;
}

export interface WatchOptions extends Omit<LedgerOptions, 'wanted'> {
  counters: readonly WatchedCounter[];
  /** Names of the series that the counters are computed from. */
  series: readonly string[];
  targets: readonly string[];
  /** Looks that there will be at the most. */
  looks: number;
  /** Accepted probability that a healthy release is called broken. */
  falseAlarms: number;
}

/** A watch so far: what was counted, and what that proves. Deterministic: the same looks give the same course. */
export class WatchCourse {
  readonly metrics: MetricCourse[];
  readonly targets: Map<string, TargetCourse>;
  readonly #ledger: CounterLedger;

  constructor(options: WatchOptions) {
    const { counters, falseAlarms, looks } = options;
    const statistical = counters.filter(({ objective }) => objective > 0).length;
    // Union bound: each gets its part of the accepted probability, whatever depends on what.
    const level = falseAlarms / statistical;
    this.metrics = counters.map((counter) => ({
      counter,
      bet: counter.objective > 0 ? openBet(counter.objective, level, looks) : null,
      events: 0,
      bad: 0,
      seen: null,
      longestGap: 0,
      firstBad: null,
      looks: [],
      lacking: counter.lacking([]),
      remark: '',
    }));
    this.targets = new Map(options.targets.map((target) => [target, unknownTarget]));
    this.#ledger = new CounterLedger({ ...options, wanted: new Set(options.series) });
  }

  /** Targets whose pages mix up processes. */
  get ambiguous(): ReadonlySet<string> {
    return this.#ledger.ambiguous;
  }

  /** @param at seconds since the watch began */
  take(look: Look, at: number): void {
    for (const [target, course] of this.targets) this.targets.set(target, follow(course, target, look, at));
    const increases = [...look.pages]
      .sort((one, other) => one.at - other.at)
      .flatMap((page) => this.#ledger.take(page));
    for (const metric of this.metrics) extend(metric, increases, at);
  }
}

function extend(metric: MetricCourse, increases: readonly Increase[], at: number): void {
  const counted = metric.counter.count(increases);
  if (metric.bet)
    metric.bet = placeBet(metric.bet, counted && counted.events > 0 ? counted.bad / counted.events : null);
  metric.looks.push({ at, ...(counted ?? { events: 0, bad: 0 }) });
  if (!counted) {
    if (increases.length > 0 && metric.seen === null) metric.lacking = metric.counter.lacking(increases);
    return;
  }
  metric.longestGap = Math.max(metric.longestGap, at - (metric.seen ?? at));
  metric.seen = at;
  metric.remark = metric.counter.remark(increases);
  metric.events += counted.events;
  metric.bad += counted.bad;
  if (counted.bad > 0) metric.firstBad ??= at;
}

export function broken({ bet, bad }: MetricCourse): boolean {
  return bet ? isBroken(bet) : bad > 0;
}
