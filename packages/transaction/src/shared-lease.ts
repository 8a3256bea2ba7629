import { Cancelled, type Clock } from '@slipway/kernel';
import { TargetLocked, TargetOvertaken } from './target-errors.ts';

/** How often the lease is asked for: a sibling that leaves it leaves it alive for two minutes. */
const askAgainMs = 10_000;

export interface SharedLease {
  /** Id of the workflow run. */
  run: string;
  clock: Clock;
  signal: AbortSignal;
  /** Takes the lease and renews it during the work. @throws TargetLocked while somebody else holds it. */
  hold(work: (signal: AbortSignal) => Promise<void>): Promise<void>;
}

/** Whether another job of the run holds the lease, or was faster. */
export function isLockedBySibling(error: unknown, run: string): boolean {
  return error instanceof TargetLocked && (error.holder === null || error.holder.run === run);
}

/**
 * Works while another job of the run renews the lease, and renews it from the moment on at which no other job does.
 * @throws what the work throws; why the lease was lost, when that is what stopped it.
 */
export async function workInShared<T>(
  shared: SharedLease,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const [done, lost] = [new AbortController(), new AbortController()];
  const holding = holdWhenLeft(shared, done.signal).catch((error: unknown) => lost.abort(error));
  try {
    return await work(AbortSignal.any([shared.signal, lost.signal]));
  } catch (error) {
    throw lost.signal.aborted ? lost.signal.reason : error;
  } finally {
    done.abort();
    await holding;
  }
}

async function holdWhenLeft(shared: SharedLease, done: AbortSignal): Promise<void> {
  const { clock, signal, hold } = shared;
  while (!done.aborted) {
    try {
      return await hold(async (held) => {
        await aborted(AbortSignal.any([done, held]));
        held.throwIfAborted();
      });
    } catch (error) {
      if (mustStop(error, shared.run)) throw error;
    }
    await clock.sleep(askAgainMs, AbortSignal.any([signal, done])).catch(() => undefined);
    if (signal.aborted) throw new Cancelled('waiting for the lease');
  }
}

/** A target that does not answer is asked again: whether somebody else holds it now will show then. */
function mustStop(error: unknown, run: string): boolean {
  if (error instanceof TargetLocked) return !isLockedBySibling(error, run);
  return error instanceof TargetOvertaken || error instanceof Cancelled;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });
}
