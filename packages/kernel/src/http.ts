import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { formatDuration } from './duration.ts';
import { type Connection, Connections, type HttpOptions } from './http-connections.ts';
import { describeTransport, refusedByProxy, type TransportError, TransportFailure } from './http-errors.ts';
import { basicAuthorization } from './http-proxy.ts';
import type { Http, HttpAnswer, HttpDownload, HttpFailure, HttpReply, HttpRequest } from './http-types.ts';
import { OutsideText } from './outside-text.ts';
import { Redactor } from './redact.ts';

const defaultMaxBodyBytes = 1024 * 1024;

/** The HTTP client of a step. */
export function createHttp(options: HttpOptions): Http {
  const connections = new Connections(options);
  const { redactor } = options;
  return {
    send: (request) =>
      exchange(connections, request, (response, start) => readAnswer(response, request, redactor, start)),
    open: (request) =>
      exchange(connections, request, (response, start) => openDownload(response, request, redactor, start)),
  };
}

/** Without proxies, for tools of development. */
export const directHttp: Http = createHttp({ env: {}, redactor: new Redactor() });

type Response = Dispatcher.ResponseData & { release(): void };

/** Sends the request and lets `read` make an answer of the response, both within the deadline. */
async function exchange<T>(
  connections: Connections,
  request: HttpRequest,
  read: (response: Response, start: number) => Promise<T>,
): Promise<T | HttpFailure> {
  const url = URL.parse(request.url);
  if (!url || !/^https?:$/.test(url.protocol))
    return { ok: false, kind: 'request', error: `not an http(s) URL: ${request.url}`, ms: 0 };
  let connection: Connection | undefined;
  let start = performance.now();
  const deadline = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  try {
    connection = await connections.to({ ...request, url });
    start = performance.now();
    timer = setTimeout(() => deadline.abort(), request.timeoutMs);
    const signal = request.signal ? AbortSignal.any([deadline.signal, request.signal]) : deadline.signal;
    const response = await dispatch(connection, url, request, signal);
    return await read({ ...response, release: connection.release }, start);
  } catch (thrown) {
    connection?.release();
    const ms = performance.now() - start;
    if (deadline.signal.aborted)
      return {
        ok: false,
        kind: 'timeout',
        error: `no answer within ${formatDuration(request.timeoutMs)}`,
        ms,
      };
    if (request.signal?.aborted)
      return { ok: false, kind: 'aborted', error: 'the request was cancelled', ms };
    return { ok: false, ...throughProxy(describeTransport(thrown), connection), ms };
  } finally {
    clearTimeout(timer);
  }
}

async function dispatch(
  { dispatcher, proxy }: Connection,
  url: URL,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const { method = 'GET', headers = {}, body = null, connection = 'separate' } = request;
  const login = url.username === '' ? {} : { authorization: basicAuthorization(url.username, url.password) };
  const named = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const response = await dispatcher.request({
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: method as Dispatcher.HttpMethod,
    headers: named.has('authorization') ? { ...headers } : { ...login, ...headers },
    body,
    signal,
    reset: connection === 'separate',
    // The deadline covers both.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  if (proxy && response.statusCode === 407) throw new TransportFailure(refusedByProxy(407));
  return response;
}

async function readAnswer(
  response: Response,
  request: HttpRequest,
  redactor: Redactor,
  start: number,
): Promise<HttpAnswer> {
  const bytes = await readBytes(response.body, request.maxBodyBytes ?? defaultMaxBodyBytes);
  const ms = performance.now() - start;
  response.release();
  return { ok: true, ...headOf(response), body: OutsideText.of(bytes, redactor), bytes, ms };
}

async function openDownload(
  response: Response,
  request: HttpRequest,
  redactor: Redactor,
  start: number,
): Promise<HttpDownload> {
  response.body.once('close', response.release);
  const read = (): Promise<HttpReply> =>
    readAnswer(response, request, redactor, start).catch((thrown: unknown) => ({
      ok: false,
      ...describeTransport(thrown),
      ms: performance.now() - start,
    }));
  return { ok: true, ...headOf(response), body: response.body, read };
}

async function readBytes(body: Readable, max: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > max)
      throw new TransportFailure({ kind: 'too-large', error: `the answer is larger than ${max} bytes` });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function headOf({ statusCode, headers }: Response): Pick<HttpAnswer, 'status' | 'headers'> {
  const flat = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as const],
  );
  return { status: statusCode, headers: Object.fromEntries(flat) };
}

function throughProxy(error: TransportError, connection: Connection | undefined): TransportError {
  if (!connection?.proxy) return error;
  return { ...error, error: `${error.error} (through the proxy ${new URL(connection.proxy.uri).host})` };
}
