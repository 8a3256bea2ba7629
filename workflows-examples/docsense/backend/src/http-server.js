import { createServer as createHttpServer } from 'node:http';

const BODY_LIMIT = 64 * 1024;

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {unknown} [body] sent as JSON, unless it is a string
 * @property {Record<string, string>} [headers]
 *
 * @typedef {object} Route
 * @property {string} method
 * @property {string} path `:name` stands for one path segment
 * @property {boolean} counted into http_requests_total: API traffic is, probes and scrapes are not
 * @property {(request: Request) => Promise<Answer> | Answer} handle
 *
 * @typedef {object} Request
 * @property {Record<string, string>} params
 * @property {URLSearchParams} query
 * @property {import('node:http').IncomingHttpHeaders} headers
 * @property {() => Promise<unknown>} json
 */

/** An error with an answer that the client may see. */
export class HttpError extends Error {
  /**
   * @param {number} status
   * @param {string} message
   */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * @param {object} parts
 * @param {Route[]} parts.routes
 * @param {string[]} parts.corsOrigins
 * @param {import('./instruments.js').Instruments} parts.instruments
 * @param {import('./log.js').Log} parts.log
 */
export function createServer({ routes, corsOrigins, instruments, log }) {
  const server = createHttpServer(async (incoming, outgoing) => {
    const startedAt = performance.now();
    const url = URL.parse(incoming.url ?? '/', 'http://backend') ?? new URL('http://backend/');
    const found = findRoute(routes, incoming.method ?? 'GET', url.pathname);
    outgoing.once('close', () => {
      const route = found?.route.path ?? 'unmatched';
      // An answer that the client did not wait for is neither ours nor a success.
      const status = outgoing.writableFinished ? String(outgoing.statusCode) : '499';
      const seconds = (performance.now() - startedAt) / 1_000;
      log.debug('request', { method: incoming.method, route, status, seconds });
      if (found && !found.route.counted) return;
      instruments.requests.increment({ method: knownMethod(incoming.method), route, status });
      instruments.durations.observe({ route }, seconds);
    });
    const answer = await answerOf(incoming, url, found, log);
    // A server that no longer listens asks its clients for a new connection, which reaches another container.
    if (!server.listening) outgoing.setHeader('Connection', 'close');
    send(outgoing, answer, corsHeaders(incoming, corsOrigins));
  });
  return server;
}

/**
 * @param {Route[]} routes
 * @param {string} method
 * @param {string} pathname
 */
function findRoute(routes, method, pathname) {
  const segments = pathname.split('/');
  for (const route of routes) {
    const expected = route.path.split('/');
    const matches = expected.every((part, i) => (part.startsWith(':') ? segments[i] : part === segments[i]));
    if (route.method !== method || expected.length !== segments.length || !matches) continue;
    const params = expected.flatMap((part, i) =>
      part.startsWith(':') ? [[part.slice(1), segments[i] ?? '']] : [],
    );
    return { route, params: /** @type {Record<string, string>} */ (Object.fromEntries(params)) };
  }
  return null;
}

/**
 * @param {import('node:http').IncomingMessage} incoming
 * @param {URL} url
 * @param {ReturnType<typeof findRoute>} found
 * @param {import('./log.js').Log} log
 * @returns {Promise<Answer>}
 */
async function answerOf(incoming, url, found, log) {
  if (incoming.method === 'OPTIONS') return { status: 204 };
  if (!found) return { status: 404, body: { error: 'not found' } };
  try {
    return await found.route.handle({
      params: found.params,
      query: url.searchParams,
      headers: incoming.headers,
      json: () => readJson(incoming),
    });
  } catch (error) {
    if (error instanceof HttpError) return { status: error.status, body: { error: error.message } };
    const reason = error instanceof Error ? error.message : String(error);
    log.error('request failed', { method: incoming.method, route: found.route.path, error: reason });
    return { status: 500, body: { error: 'internal error' } };
  }
}

/** @param {import('node:http').IncomingMessage} incoming */
async function readJson(incoming) {
  /** @type {Buffer[]} */
  const chunks = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > BODY_LIMIT) throw new HttpError(413, `body must not exceed ${BODY_LIMIT} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new HttpError(400, 'body must be JSON');
  }
}

/**
 * @param {import('node:http').IncomingMessage} incoming
 * @param {string[]} allowed
 * @returns {Record<string, string>}
 */
function corsHeaders(incoming, allowed) {
  const { origin } = incoming.headers;
  if (!origin || !allowed.includes(origin)) return { Vary: 'Origin' };
  return {
    Vary: 'Origin',
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Methods': 'GET, POST',
    'Access-Control-Allow-Headers': 'Content-Type, Idempotency-Key',
    'Access-Control-Max-Age': '600',
  };
}

/**
 * @param {import('node:http').ServerResponse} outgoing
 * @param {Answer} answer
 * @param {Record<string, string>} headers
 */
function send(outgoing, { status, body, headers: own }, headers) {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/plain; version=0.0.4; charset=utf-8' : 'application/json';
  outgoing.writeHead(status, {
    ...headers,
    ...(text === undefined ? {} : { 'Content-Type': type, 'Cache-Control': 'no-store' }),
    ...own,
  });
  outgoing.end(text);
}

/** @param {string | undefined} method A label must not grow with what strangers send. */
function knownMethod(method = '') {
  return ['GET', 'HEAD', 'POST', 'OPTIONS', 'PUT', 'PATCH', 'DELETE'].includes(method) ? method : 'other';
}
