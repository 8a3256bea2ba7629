import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

/**
 * Serves the page. There is no build step: the version and the API's address are filled in at start.
 */
const { PORT = '3000', APP_VERSION = '0.0.0-dev', APP_COMMIT = 'unknown', API_URL } = process.env;
const apiOrigin = URL.parse(API_URL ?? '')?.origin;
if (!apiOrigin) {
  process.stderr.write('Error: Configuration validation failed: API_URL must be the address of the API\n');
  process.exit(1);
}

/** @param {string} name */
const read = (name) => readFile(new URL(`public/${name}`, import.meta.url), 'utf8');
const page = (await read('index.html')).replaceAll(/{{(version|apiUrl)}}/g, (_, name) =>
  escapeHtml(name === 'version' ? APP_VERSION : apiOrigin),
);

/** @type {Record<string, {type: string, body: string}>} */
const pages = {
  '/': { type: 'text/html; charset=utf-8', body: page },
  '/app.js': { type: 'text/javascript; charset=utf-8', body: await read('app.js') },
  '/health': { type: 'application/json', body: JSON.stringify({ status: 'healthy' }) },
  '/version': {
    type: 'application/json',
    body: JSON.stringify({ version: APP_VERSION, commit: APP_COMMIT }),
  },
};

const server = createServer((request, response) => {
  const found = Object.hasOwn(pages, pathOf(request.url)) ? pages[pathOf(request.url)] : undefined;
  const allowed = request.method === 'GET' || request.method === 'HEAD';
  const status = !found ? 404 : allowed ? 200 : 405;
  response.writeHead(status, {
    'Content-Type': found?.type ?? 'text/plain',
    'Cache-Control': 'no-cache',
    'Content-Security-Policy': `default-src 'self'; connect-src ${apiOrigin}; style-src 'self' 'unsafe-inline'`,
    'X-Content-Type-Options': 'nosniff',
    ...(server.listening ? {} : { Connection: 'close' }),
  });
  response.end(status === 200 ? found?.body : `${status}\n`);
});
server.listen(Number(PORT), () => log('listening', { address: server.address() }));

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    log('shutting down', { signal });
    server.close(() => process.exit(0));
    setTimeout(() => process.exit(1), 10_000).unref();
  });
}

/** @param {string | undefined} url */
function pathOf(url = '/') {
  return url.split('?', 1)[0] ?? '/';
}

/** @param {string} text */
function escapeHtml(text) {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/**
 * @param {string} message
 * @param {Record<string, unknown>} fields
 */
function log(message, fields) {
  const entry = {
    time: new Date().toISOString(),
    level: 'INFO',
    message,
    service: 'docsense-frontend',
    ...fields,
  };
  process.stdout.write(`${JSON.stringify({ ...entry, version: APP_VERSION })}\n`);
}
