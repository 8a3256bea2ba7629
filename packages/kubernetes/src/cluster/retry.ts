import { type Clock, type Log, retry } from '@slipway/kernel';
import { ClusterUnreachable } from './cluster-error.ts';

/** How long an unreachable API server is retried. */
const deadlineMs = 30_000;
const delayMs = 2000;

/**
 * Runs an operation that may run twice (a read, a server-side apply), again while the API server is unreachable.
 * @throws what the operation throws; ClusterUnreachable when the server stays away for longer.
 */
export async function retryWhileUnreachable<T>(
  { clock, signal, log }: { clock: Clock; signal: AbortSignal; log: Log },
  operation: () => Promise<T>,
): Promise<T> {
  const result = await retry<T, ClusterUnreachable>(
    {
      clock,
      signal,
      during: 'the wait for the API server',
      maxAttempts: Number.POSITIVE_INFINITY,
      firstDelayMs: delayMs,
      factor: 1,
      deadlineMs,
      onRetry: ({ error }) => log.info(`${error.message}; retrying`),
    },
    async () => {
      try {
        return { state: 'done', value: await operation() };
      } catch (error) {
        if (error instanceof ClusterUnreachable) return { state: 'failed', class: 'transport', error };
        throw error;
      }
    },
  );
  if (result.ok) return result.value;
  throw result.error;
}
