import type * as http from 'node:http';

export interface HttpRequest {
  url: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  /** Milliseconds for the whole exchange, body included. */
  timeout: number;
  signal?: AbortSignal;
  /** Bytes of body that are read at the most. Default 1 MiB. */
  mostBody?: number;
}

/** Times are milliseconds from the first byte sent to the last received, connection set-up included. */
export type HttpReply =
  | { ok: true; status: number; headers: Record<string, string>; body: string; ms: number }
  | { ok: false; error: string; ms: number };

/** One request over a connection of its own. Transport errors are values; redirects are not followed. */
export type Http = (request: HttpRequest) => Promise<HttpReply>;

const defaultMostBody = 1024 * 1024;

/**
 * Never reuses a connection: behind a load balancer a kept-alive one would ask the same replica again and again, and
 * say nothing of the others. (The built-in fetch cannot be told so.)
 */
export const freshHttp: Http = (request) => {
  const url = URL.parse(request.url);
  const transport = url && transportOf(url);
  const start = performance.now();
  const elapsed = (): number => performance.now() - start;
  const deadline = AbortSignal.timeout(request.timeout);
  const signal = request.signal ? AbortSignal.any([deadline, request.signal]) : deadline;
  return new Promise((resolve) => {
    const fail = (error: Error): void =>
      resolve({
        ok: false,
        error: deadline.aborted ? `no answer within ${request.timeout} ms` : describeTransport(error),
        ms: elapsed(),
      });
    if (!url || !transport) return fail(new Error(`not an http(s) URL: ${request.url}`));
    const outgoing = transport.request(
      url,
      { method: request.method ?? 'GET', headers: request.headers ?? {}, agent: false, signal },
      (incoming) => {
        readBody(incoming, request.mostBody ?? defaultMostBody).then(
          (body) =>
            resolve({
              ok: true,
              status: incoming.statusCode ?? 0,
              headers: flatHeaders(incoming.headers),
              body,
              ms: elapsed(),
            }),
          fail,
        );
      },
    );
    outgoing.on('error', fail);
    outgoing.end(request.body);
  });
};

/** Loaded with the first request, whose time it is not to count to: many steps send none. */
function transportOf({ protocol }: URL): Pick<typeof http, 'request'> | null {
  if (protocol === 'https:') return process.getBuiltinModule('node:https');
  return protocol === 'http:' ? process.getBuiltinModule('node:http') : null;
}

async function readBody(incoming: http.IncomingMessage, most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) throw new Error(`the answer is larger than ${most} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function flatHeaders(headers: http.IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

function describeTransport(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code;
  const sentences: Record<string, string> = {
    ECONNREFUSED: 'connection refused',
    ECONNRESET: 'connection reset before the answer was complete',
    ENOTFOUND: 'host name not found',
    EAI_AGAIN: 'host name could not be resolved',
    ETIMEDOUT: 'connection timed out',
    EHOSTUNREACH: 'host unreachable',
  };
  return (code && sentences[code]) || error.message || code || 'request failed';
}
