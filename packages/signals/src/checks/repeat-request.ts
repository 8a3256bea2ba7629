import {
  Cancelled,
  type Clock,
  type Duration,
  type Http,
  type HttpReply,
  type HttpRequest,
  poll,
} from '@slipway/kernel';
import { type Expectation, failures } from './assertions.ts';

export interface RepeatOptions {
  request: Pick<HttpRequest, 'url' | 'method' | 'headers' | 'body' | 'http2'>;
  expected: Expectation;
  /** For one request. */
  timeoutMs: Duration;
  /** From now until giving up. */
  withinMs: Duration;
  intervalMs: Duration;
  /** Named in the error of a cancelled wait. */
  during: string;
  http: Http;
  clock: Clock;
  signal: AbortSignal;
}

/** A request that was repeated until all assertions held, or until the deadline passed. */
export interface RepeatResult {
  ok: boolean;
  /** What the last reply failed; empty when it failed nothing. */
  failures: string[];
  attempts: number;
  last: HttpReply;
  /** Since the first attempt. */
  ms: number;
}

/** For a request that begins at the deadline: without it, a late success would be missed. */
const minLastTimeoutMs = 1000;

/** Repeats a request, each time over a new connection, until all its assertions hold. @throws Cancelled */
export async function repeatRequest(options: RepeatOptions): Promise<RepeatResult> {
  const { clock, signal, intervalMs, withinMs, during } = options;
  const start = clock.monotonic();
  let attempts = 0;
  let last: HttpReply = { ok: false, kind: 'other', error: 'no request was sent', ms: 0 };
  let failed: string[] = [];
  const polled = await poll({ clock, signal, intervalMs, timeoutMs: withinMs, during }, async () => {
    const left = Math.max(withinMs - (clock.monotonic() - start), minLastTimeoutMs);
    attempts++;
    last = await options.http.send({
      ...options.request,
      timeoutMs: Math.min(options.timeoutMs, Math.ceil(left)),
      signal,
    });
    if (signal.aborted) throw new Cancelled(during);
    failed = failures(options.expected, last);
    return failed.length === 0 ? { done: true, value: last } : { done: false, seen: failed.join('; ') };
  });
  return { ok: polled.ok, failures: failed, attempts, last, ms: polled.ms };
}
