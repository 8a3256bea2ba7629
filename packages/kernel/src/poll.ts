import type { Clock } from './clock.ts';
import type { Duration } from './duration.ts';
import { Cancelled } from './errors.ts';

export interface PollOptions {
  clock: Clock;
  signal: AbortSignal;
  /** Between the end of one step and the start of the next; a function where it varies. */
  intervalMs: Duration | (() => Duration);
  /** From now until giving up. */
  timeoutMs: Duration;
  /** Named in the error of a cancelled wait. */
  during: string;
}

/** What one step found: a verdict, or the reason why there is none yet. */
export type PollStep<T> = { done: true; value: T } | { done: false; seen: string };

export type PollResult<T> = { ok: true; value: T; ms: Duration } | { ok: false; seen: string; ms: Duration };

/**
 * The one poll loop: a step at once, one after each interval, and a last one at the deadline, so that a state reached
 * in time is never missed.
 * @throws Cancelled when the signal aborts.
 */
export async function poll<T>(
  options: PollOptions,
  step: () => Promise<PollStep<T>>,
): Promise<PollResult<T>> {
  const { clock, signal, intervalMs, timeoutMs, during } = options;
  const start = clock.monotonic();
  for (;;) {
    if (signal.aborted) throw new Cancelled(during);
    const isLast = clock.monotonic() - start >= timeoutMs;
    const found = await step();
    const ms = clock.monotonic() - start;
    if (found.done) return { ok: true, value: found.value, ms };
    if (isLast) return { ok: false, seen: found.seen, ms };
    const pause = typeof intervalMs === 'number' ? intervalMs : intervalMs();
    await clock.sleep(Math.max(0, Math.min(pause, timeoutMs - ms)), signal).catch(() => {
      throw new Cancelled(during);
    });
  }
}
