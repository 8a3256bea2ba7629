import { setTimeout as delay } from 'node:timers/promises';
import { Cancelled } from './errors.ts';

/** Time as a port, so that verdicts over time can be computed without waiting for it. */
export interface Clock {
  /** Wall time. */
  now(): Date;
  /** Milliseconds that never jump, for measuring. */
  monotonic(): number;
  /** @throws Cancelled when the signal aborts during the sleep. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    try {
      await delay(ms, undefined, signal ? { signal } : {});
    } catch {
      throw new Cancelled('a wait');
    }
  },
};
