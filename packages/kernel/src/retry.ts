import type { Clock } from './clock.ts';
import type { Duration } from './duration.ts';
import { Cancelled } from './errors.ts';

/**
 * Why an attempt failed: no connection, asked to wait, a server in trouble, contention with others; or for good
 * (`permanent`), so that another attempt would fail as well.
 */
export type FailureClass = 'transport' | 'throttled' | 'server' | 'contention' | 'permanent';

/** How one attempt went. */
export type AttemptResult<T, E> =
  | { state: 'done'; value: T }
  | { state: 'failed'; class: FailureClass; error: E; retryAfterMs?: number | undefined };

export type RetryResult<T, E> =
  | { ok: true; value: T; attempts: number }
  | { ok: false; error: E; class: FailureClass; attempts: number };

export interface RetryPolicy {
  /** Attempts in all, the first one included. */
  maxAttempts: number;
  /** Before the second attempt; later ones wait `factor` times as long as the one before. */
  firstDelayMs: Duration;
  /** Default 2. */
  factor?: number;
  /** Default one minute. */
  maxDelayMs?: Duration;
  /** A server that asks for a longer wait is not asked again. Default one minute. */
  maxRetryAfterMs?: Duration;
  /** No attempt starts later than this after the first one. */
  deadlineMs?: Duration;
}

export interface RetryOptions<E> extends RetryPolicy {
  clock: Clock;
  signal: AbortSignal;
  /** Named in the error of a cancelled wait. */
  during: string;
  /** Called before each wait. */
  onRetry?: (failure: { error: E; attempt: number; delayMs: Duration }) => void;
  /** Between 0 and 1; spreads out those who failed at the same moment. */
  random?: () => number;
}

const defaultMaxMs = 60_000;

/**
 * The one retry loop: exponential backoff with jitter (half of each delay is random), `Retry-After` where the server
 * names a time, and no further attempt after a permanent failure.
 * @throws Cancelled when the signal aborts; what the operation throws.
 */
export async function retry<T, E>(
  options: RetryOptions<E>,
  operation: (attempt: number) => Promise<AttemptResult<T, E>>,
): Promise<RetryResult<T, E>> {
  const { clock, signal, during } = options;
  const start = clock.monotonic();
  for (let attempt = 1; ; attempt++) {
    const result = await operation(attempt);
    if (result.state === 'done') return { ok: true, value: result.value, attempts: attempt };
    if (signal.aborted) throw new Cancelled(during);
    const { error } = result;
    const delayMs = delayBefore(options, attempt, result, clock.monotonic() - start);
    if (delayMs === null) return { ok: false, error, class: result.class, attempts: attempt };
    options.onRetry?.({ error, attempt, delayMs });
    await clock.sleep(delayMs, signal).catch(() => {
      throw new Cancelled(during);
    });
  }
}

/** null when there is to be no further attempt. */
function delayBefore<E>(
  options: RetryOptions<E>,
  attempt: number,
  failure: { class: FailureClass; retryAfterMs?: number | undefined },
  spent: Duration,
): Duration | null {
  const { maxAttempts, maxRetryAfterMs = defaultMaxMs, deadlineMs = Number.POSITIVE_INFINITY } = options;
  if (failure.class === 'permanent' || attempt >= maxAttempts) return null;
  const asked = failure.retryAfterMs;
  if (asked !== undefined && asked > maxRetryAfterMs) return null;
  const delay = Math.max(asked ?? 0, backoff(options, attempt));
  return spent + delay > deadlineMs ? null : delay;
}

function backoff(
  { firstDelayMs, factor = 2, maxDelayMs = defaultMaxMs, random = Math.random }: RetryOptions<never>,
  attempt: number,
): Duration {
  const full = Math.min(maxDelayMs, firstDelayMs * factor ** (attempt - 1));
  return Math.round(full / 2 + (full / 2) * random());
}
