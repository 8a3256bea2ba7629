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

export interface AttemptOptions {
  request: Pick<HttpRequest, 'url' | 'method' | 'headers' | 'body'>;
  expected: Expectation;
  /** For one request. */
  timeout: Duration;
  /** From now until giving up. */
  within: Duration;
  every: Duration;
  /** Named in the error of a cancelled wait. */
  during: string;
  http: Http;
  clock: Clock;
  signal: AbortSignal;
}

/** How a request that was repeated until it was answered right ended. */
export interface Attempted {
  ok: boolean;
  /** Why the last answer was not right; empty when it was. */
  failures: string[];
  attempts: number;
  last: HttpReply;
  /** Milliseconds since the first attempt. */
  ms: number;
}

/** The request that begins at the deadline still gets this long, or a late success would never be seen. */
const lastChance = 1000;

/** Repeats a request, each time over a fresh connection, until all its assertions hold. @throws Cancelled */
export async function attempt(options: AttemptOptions): Promise<Attempted> {
  const { clock, signal, every, within, during } = options;
  const start = clock.monotonic();
  let attempts = 0;
  let last: HttpReply = { ok: false, kind: 'other', error: 'no request was sent', ms: 0 };
  let missed: string[] = [];
  const polled = await poll({ clock, signal, every, within, during }, async () => {
    const left = Math.max(within - (clock.monotonic() - start), lastChance);
    attempts++;
    last = await options.http.send({
      ...options.request,
      timeoutMs: Math.min(options.timeout, Math.ceil(left)),
      signal,
    });
    if (signal.aborted) throw new Cancelled(during);
    missed = failures(options.expected, last);
    return missed.length === 0 ? { done: true, value: last } : { done: false, seen: missed.join('; ') };
  });
  return { ok: polled.ok, failures: missed, attempts, last, ms: polled.ms };
}
