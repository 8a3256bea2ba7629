import type { Client } from 'pg';
import { cutConnection } from './connect.ts';
import { type RunLock, workingSession } from './run-lock.ts';

/** From the cancellation until connections are cut; the step has 7.5 s in all. */
const cancelGraceMs = 3000;

/** The connections of a run, as far as they are established. */
export interface RunningConnections {
  open: readonly Client[];
  observer?: Client;
  lock?: Pick<RunLock, 'isHeld'>;
}

/**
 * On cancellation, cancels the running statement first, so that the state can still be read. Without the run lock, the
 * statement that runs belongs to another run. @returns a function that stops watching the signal.
 */
export function cancelOnAbort(signal: AbortSignal, running: RunningConnections): () => void {
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    if (running.lock?.isHeld()) {
      running.observer
        ?.query(`SELECT pg_cancel_backend(pid) FROM (${workingSession}) working`)
        .catch(() => undefined);
    }
    timer = setTimeout(() => running.open.forEach(cutConnection), cancelGraceMs);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  return () => {
    signal.removeEventListener('abort', onAbort);
    clearTimeout(timer);
  };
}
