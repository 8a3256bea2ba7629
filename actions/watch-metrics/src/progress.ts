import { type Clock, type Duration, formatDuration, type Log } from '@slipway/kernel';
import { describeProgress, type WatchState } from '@slipway/signals';

/** Between two lines while nothing changes. */
const quietMs = 10_000;

/** One line about every 10 s, and one whenever something changes. */
export class Progress {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #durationMs: Duration;
  #reportedAt = Number.NEGATIVE_INFINITY;
  #reported = '';
  readonly #problems = new Map<string, string>();

  constructor({ log, clock }: { log: Log; clock: Clock }, durationMs: Duration) {
    this.#log = log;
    this.#clock = clock;
    this.#durationMs = durationMs;
  }

  report(state: WatchState, spentMs: Duration): void {
    this.#reportTargets(state);
    const now = this.#clock.monotonic();
    const badMetrics = state.metrics.map(({ bad }) => bad > 0).join();
    if (badMetrics === this.#reported && now - this.#reportedAt < quietMs) return;
    this.#log.info(
      `watch ${formatDuration(spentMs)} of ${formatDuration(this.#durationMs)}: ${describeProgress(state)}`,
    );
    this.#reportedAt = now;
    this.#reported = badMetrics;
  }

  #reportTargets(state: WatchState): void {
    for (const [target, { problem }] of state.targets) {
      const before = this.#problems.get(target) ?? '';
      // Numbers in it, such as an age, change with every sample.
      if (problem.replace(/\d+/g, '') === before.replace(/\d+/g, '')) continue;
      this.#problems.set(target, problem);
      this.#log.warn(problem === '' ? `${target} can be read again` : `cannot read ${target}: ${problem}`);
    }
  }
}
