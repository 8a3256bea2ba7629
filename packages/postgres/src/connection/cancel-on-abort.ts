import type { Client } from 'pg';
import { cutConnection } from './connect.ts';
import { type RunLock, workingSession } from './run-lock.ts';

/** Milliseconds after the cancellation until connections are cut; the step has 7.5 s in all. */
const politeness = 3000;

/** The connections of a run, as far as they stand. */
export interface Running {
  open: readonly Client[];
  observer?: Client;
  lock?: Pick<RunLock, 'isHeld'>;
}

/**
 * On cancellation the running statement is cancelled first, so that the state can be read afterwards. Without the lock
 * of the run, what is running is another's. @returns what ends the watch.
 */
export function cancelOnAbort(signal: AbortSignal, running: Running): () => void {
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    if (running.lock?.isHeld()) {
      running.observer
        ?.query(`SELECT pg_cancel_backend(pid) FROM (${workingSession}) working`)
        .catch(() => undefined);
    }
    timer = setTimeout(() => running.open.forEach(cutConnection), politeness);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  return () => {
    signal.removeEventListener('abort', onAbort);
    clearTimeout(timer);
  };
}
