import { Cancelled } from '@slipway/kernel';

/** GitHub ends the process 10 s after it cancelled the step; writing outputs must have begun by then. */
const cancellationGraceMs = 8000;

export interface Cancellation {
  signal: AbortSignal;
  /** Rejects when the work has not stopped within 8 s of the signal, so that there is time left to say so. */
  overdue: Promise<never>;
  dispose(): void;
}

/**
 * GitHub cancels a step by SIGINT, 7.5 s later by SIGTERM, 2.5 s later by force. Both become one AbortSignal, which
 * every poll and every child process honours.
 */
export function cancellation(): Cancellation {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_resolve, reject) => {
    const late = (): void => reject(new Cancelled('a step of the work that could not be interrupted'));
    controller.signal.addEventListener('abort', () => {
      timer = setTimeout(late, cancellationGraceMs);
    });
  });
  overdue.catch(() => undefined);
  const abort = (): void => controller.abort();
  process.on('SIGINT', abort);
  process.on('SIGTERM', abort);
  return {
    signal: controller.signal,
    overdue,
    dispose() {
      clearTimeout(timer);
      process.off('SIGINT', abort);
      process.off('SIGTERM', abort);
    },
  };
}
