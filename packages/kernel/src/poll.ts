import type { Clock } from './clock.ts';
import type { Duration } from './duration.ts';
import { Cancelled } from './errors.ts';

export interface PollOptions {
  clock: Clock;
  signal: AbortSignal;
  /** Time between the end of one look and the next; asked for after each look where it is not always the same. */
  every: Duration | (() => Duration);
  /** From now until giving up. */
  within: Duration;
  /** Named in the error of a cancelled wait. */
  during: string;
}

/** What one look found: a verdict, or the reason why there is none yet. */
export type Look<T> = { done: true; value: T } | { done: false; seen: string };

export type Polled<T> = { ok: true; value: T; ms: Duration } | { ok: false; seen: string; ms: Duration };

/**
 * The one poll loop: looks at once, then every `every`, and a last time at the deadline, so that a state reached
 * within the time is never missed.
 * @throws Cancelled when the signal aborts.
 */
export async function poll<T>(options: PollOptions, look: () => Promise<Look<T>>): Promise<Polled<T>> {
  const { clock, signal, every, within, during } = options;
  const start = clock.monotonic();
  for (;;) {
    if (signal.aborted) throw new Cancelled(during);
    const last = clock.monotonic() - start >= within;
    const found = await look();
    const ms = clock.monotonic() - start;
    if (found.done) return { ok: true, value: found.value, ms };
    if (last) return { ok: false, seen: found.seen, ms };
    const pause = typeof every === 'number' ? every : every();
    await clock.sleep(Math.max(0, Math.min(pause, within - ms)), signal).catch(() => {
      throw new Cancelled(during);
    });
  }
}
