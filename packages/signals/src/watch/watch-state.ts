import type { SourceSample } from '../sources/source.ts';
import { type Bet, isBroken, openBet, placeBet } from './betting.ts';
import { CounterHistory, type CounterHistoryOptions, type Increase } from './counter-history.ts';
import { initialTargetState, nextTargetState, type TargetState } from './target-state.ts';
import type { Count, WatchedCounter } from './watched-counters.ts';

/** One metric so far. Times are seconds since the watch began. */
export interface MetricState extends Count {
  counter: WatchedCounter;
  /** null for a counter that must not increase: one sample decides. */
  bet: Bet | null;
  /** When a page last had something to count it by; null when none had. */
  lastSeen: number | null;
  /** The longest time between two such samples. */
  maxGap: number;
  /** When the first bad event was seen. */
  firstBad: number | null;
  /** What each sample counted. */
  samples: (Count & { at: number })[];
  /** The likely cause while nothing was counted. */
  missing: string;
  /** What a reader must know of how it was measured. */
  note: string;
}

export interface WatchOptions extends Omit<CounterHistoryOptions, 'names'> {
  counters: readonly WatchedCounter[];
  /** Names of the series that the counters are computed from. */
  series: readonly string[];
  targets: readonly string[];
  /** Samples that the watch takes at most. */
  maxSamples: number;
  /** Accepted probability that a healthy release is called broken. */
  falseAlarms: number;
}

/** A watch so far: what was counted, and what that proves. Deterministic: the same samples give the same state. */
export class WatchState {
  readonly metrics: MetricState[];
  readonly targets: Map<string, TargetState>;
  readonly #history: CounterHistory;

  constructor(options: WatchOptions) {
    const { counters, falseAlarms, maxSamples } = options;
    const statistical = counters.filter(({ objective }) => objective > 0).length;
    // Union bound: each gets an equal part of the accepted probability, whether they are independent or not.
    const level = falseAlarms / statistical;
    this.metrics = counters.map((counter) => ({
      counter,
      bet: counter.objective > 0 ? openBet(counter.objective, level, maxSamples) : null,
      events: 0,
      bad: 0,
      lastSeen: null,
      maxGap: 0,
      firstBad: null,
      samples: [],
      missing: counter.explainMissing([]),
      note: '',
    }));
    this.targets = new Map(options.targets.map((target) => [target, initialTargetState]));
    this.#history = new CounterHistory({ ...options, names: new Set(options.series) });
  }

  /** Targets whose pages mix several processes. */
  get ambiguous(): ReadonlySet<string> {
    return this.#history.ambiguous;
  }

  /** @param at seconds since the watch began */
  add(sample: SourceSample, at: number): void {
    for (const [target, state] of this.targets)
      this.targets.set(target, nextTargetState(state, target, sample, at));
    const increases = [...sample.pages]
      .sort((one, other) => one.at - other.at)
      .flatMap((page) => this.#history.add(page));
    for (const metric of this.metrics) extend(metric, increases, at);
  }
}

function extend(metric: MetricState, increases: readonly Increase[], at: number): void {
  const counted = metric.counter.count(increases);
  if (metric.bet)
    metric.bet = placeBet(metric.bet, counted && counted.events > 0 ? counted.bad / counted.events : null);
  metric.samples.push({ at, ...(counted ?? { events: 0, bad: 0 }) });
  if (!counted) {
    if (increases.length > 0 && metric.lastSeen === null)
      metric.missing = metric.counter.explainMissing(increases);
    return;
  }
  metric.maxGap = Math.max(metric.maxGap, at - (metric.lastSeen ?? at));
  metric.lastSeen = at;
  metric.note = metric.counter.note(increases);
  metric.events += counted.events;
  metric.bad += counted.bad;
  if (counted.bad > 0) metric.firstBad ??= at;
}

export function isMetricBroken({ bet, bad }: MetricState): boolean {
  return bet ? isBroken(bet) : bad > 0;
}
