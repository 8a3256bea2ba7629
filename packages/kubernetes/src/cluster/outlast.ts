import { Cancelled } from '@slipway/kernel';
import type { KubernetesTarget } from '../target.ts';
import { ClusterUnreachable } from './cluster-error.ts';

/** Milliseconds for which an API server may be away before an errand is given up, and between two attempts. */
const patience = 30_000;
const every = 2000;

/**
 * Does an errand that may be done twice (reading, server-side apply), again while the API server is away for a moment.
 * @throws what the errand throws; ClusterUnreachable when it is away for longer.
 */
export async function outlast<T>(
  { clock, signal, log }: Pick<KubernetesTarget, 'clock' | 'signal' | 'log'>,
  errand: () => Promise<T>,
): Promise<T> {
  const start = clock.monotonic();
  for (;;) {
    try {
      return await errand();
    } catch (error) {
      const isOver = clock.monotonic() - start >= patience || signal.aborted;
      if (!(error instanceof ClusterUnreachable) || isOver) throw error;
      log.info(`${error.message}; asking again`);
      await clock.sleep(every, signal).catch(() => {
        throw new Cancelled('the wait for the API server');
      });
    }
  }
}
