import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import {
  type AttemptResult,
  type Clock,
  describeTransport,
  Fault,
  failureClass,
  type Http,
  type HttpDownload,
  parseRetryAfter,
  type RetryPolicy,
  retry,
} from '@slipway/kernel';

export interface DownloadOptions {
  http: Http;
  clock: Clock;
  signal: AbortSignal;
}

const policy: RetryPolicy = { maxAttempts: 3, firstDelayMs: 1000 };
/** Until the headers of an answer. */
const timeoutMs = 30_000;
/** A release on GitHub is one redirect away from its file. */
const maxRedirects = 5;

/**
 * Downloads a file by the HTTP client of the step, and so through its proxy and with its certificate authorities.
 * @throws Fault that says why it cannot be had; Cancelled.
 */
export async function downloadFile(url: string, file: string, options: DownloadOptions): Promise<void> {
  const { clock, signal } = options;
  const downloaded = await retry<void, string>(
    { ...policy, clock, signal, during: `the download of ${url}` },
    () => attempt(url, file, options),
  );
  if (!downloaded.ok) throw new Fault(downloaded.error);
}

async function attempt(
  url: string,
  file: string,
  { http, clock, signal }: DownloadOptions,
): Promise<AttemptResult<void, string>> {
  let at = url;
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const reply = await http.open({ url: at, timeoutMs, signal });
    if (!reply.ok) return { state: 'failed', class: failureClass(reply), error: reply.error };
    if (reply.status === 200) return save(reply, file);
    await reply.read();
    const { location, 'retry-after': retryAfter } = reply.headers;
    if (reply.status < 300 || reply.status >= 400 || location === undefined) {
      const retryAfterMs = parseRetryAfter(retryAfter, clock.now());
      return {
        state: 'failed',
        class: failureClass(reply),
        error: `HTTP status ${reply.status}`,
        retryAfterMs,
      };
    }
    at = new URL(location, at).href;
  }
  return { state: 'failed', class: 'permanent', error: `more than ${maxRedirects} redirects` };
}

async function save({ body }: HttpDownload, file: string): Promise<AttemptResult<void, string>> {
  try {
    await pipeline(body, createWriteStream(file));
    return { state: 'done', value: undefined };
  } catch (thrown) {
    return { state: 'failed', class: 'transport', error: describeTransport(thrown).error };
  }
}
