import type { Http } from '@slipway/kernel';

/** What Octokit passes to its `fetch`. */
interface FetchInit {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  signal?: AbortSignal;
}

/** For one call; a page of a list may be large. */
const limits = { timeoutMs: 10_000, maxBodyBytes: 32 * 1024 * 1024, connection: 'shared' } as const;
/** Answers to which the Fetch standard allows no body. */
const withoutBody = new Set([204, 205, 304]);

/** The HTTP client of the step as the `fetch` of Octokit, so that proxies and certificate authorities are the same everywhere. */
export function fetchOver(http: Http): (url: string, init?: FetchInit) => Promise<Response> {
  return async (url, { method, headers, body, signal } = {}) => {
    const reply = await http.send({
      url,
      ...limits,
      ...(method === undefined ? {} : { method }),
      ...(headers === undefined ? {} : { headers }),
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (!reply.ok) throw new Error(reply.error);
    const { status } = reply;
    return new Response(withoutBody.has(status) ? null : reply.bytes, { status, headers: reply.headers });
  };
}
