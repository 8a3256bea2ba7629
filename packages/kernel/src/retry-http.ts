import type { HttpAnswer, HttpReply } from './http-types.ts';
import type { AttemptResult, FailureClass } from './retry.ts';

type Headers = Readonly<Record<string, string | number | undefined>>;

/** A host without an address, a refused certificate and a refusing proxy stay so; a server that starts refuses at first. */
const permanent = new Set(['name', 'tls', 'proxy', 'too-large', 'request', 'aborted']);

/**
 * The class of a reply that is not what was hoped for: 429 and a 503 that names a time are `throttled`, any other 5xx
 * is `server`; every other status is `permanent`. Pure.
 */
export function failureClass(
  reply: Pick<HttpReply, 'ok'> & { status?: number; headers?: Headers; kind?: string },
): FailureClass {
  if (!reply.ok) return permanent.has(reply.kind ?? 'other') ? 'permanent' : 'transport';
  const { status = 0, headers = {} } = reply;
  if (status === 429 || (status === 503 && headers['retry-after'] !== undefined)) return 'throttled';
  return status >= 500 ? 'server' : 'permanent';
}

/** A reply as an attempt: done unless waiting may help. The last reply is what a retry that gave up returns. */
export function replyAttempt(reply: HttpReply, now: Date): AttemptResult<HttpAnswer, HttpReply> {
  const failure = failureClass(reply);
  if (reply.ok && failure === 'permanent') return { state: 'done', value: reply };
  const retryAfterMs = reply.ok ? parseRetryAfter(reply.headers['retry-after'], now) : undefined;
  return { state: 'failed', class: failure, error: reply, retryAfterMs };
}

/** `Retry-After`: seconds or a date (RFC 9110, 10.2.3), in milliseconds from now. undefined when it is neither. Pure. */
export function parseRetryAfter(header: string | number | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined;
  const text = String(header).trim();
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime());
}
