import { type Clock, type Duration, formatDuration, type Log } from '@slipway/kernel';
import { describeProgress, type WatchCourse } from '@slipway/signals';

/** Milliseconds between two lines when nothing happens. */
const quietFor = 10_000;

/** One line about every 10 s, and one whenever something changes. */
export class Progress {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #lasts: Duration;
  #told = Number.NEGATIVE_INFINITY;
  #state = '';
  readonly #problems = new Map<string, string>();

  constructor({ log, clock }: { log: Log; clock: Clock }, lasts: Duration) {
    this.#log = log;
    this.#clock = clock;
    this.#lasts = lasts;
  }

  tell(course: WatchCourse, spent: Duration): void {
    this.#tellTargets(course);
    const now = this.#clock.monotonic();
    const state = course.metrics.map(({ bad }) => bad > 0).join();
    if (state === this.#state && now - this.#told < quietFor) return;
    this.#log.info(
      `watch ${formatDuration(spent)} of ${formatDuration(this.#lasts)}: ${describeProgress(course)}`,
    );
    this.#told = now;
    this.#state = state;
  }

  #tellTargets(course: WatchCourse): void {
    for (const [target, { problem }] of course.targets) {
      const before = this.#problems.get(target) ?? '';
      // Numbers in it, such as an age, change with every look.
      if (problem.replace(/\d+/g, '') === before.replace(/\d+/g, '')) continue;
      this.#problems.set(target, problem);
      this.#log.warn(problem === '' ? `${target} can be read again` : `nothing from ${target}: ${problem}`);
    }
  }
}
