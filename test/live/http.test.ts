import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server as NetServer } from 'node:net';
import * as path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createHttp, directHttp, type HttpOptions, type HttpReply, Redactor } from '@slipway/kernel';
import { createAuthority } from '../support/certificate-authority.ts';
import { folderEach } from '../support/folder.ts';
import { type ForwardProxyOptions, startForwardProxy } from '../support/forward-proxy.ts';
import { servePages } from '../support/pages.ts';

let folder: string;
folderEach((made) => {
  folder = made;
});

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function listen(server: NetServer): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function pages(...[answer]: Parameters<typeof servePages>) {
  const server = await servePages(answer);
  open.push(() => server.close());
  return server;
}

async function proxy(options?: ForwardProxyOptions) {
  const started = await startForwardProxy(options);
  open.push(() => started.close());
  return started;
}

function tlsServer(names: string[], answer = 'over TLS'): { server: Server; pem: string; file: string } {
  const authority = createAuthority(folder);
  const server = createTlsServer(authority.issue(...names), (_request, response) => response.end(answer));
  return { server, pem: authority.pem, file: authority.file };
}

const stepHttp = (options: Omit<HttpOptions, 'redactor'>) =>
  createHttp({ ...options, redactor: new Redactor() });
const timeoutMs = 5000;
const bodyOf = (reply: HttpReply): string => (reply.ok ? `${reply.status} ${reply.body.data}` : reply.error);

describe('through a proxy', () => {
  test('an http request goes to it in absolute form, an https one through a tunnel', async () => {
    const plain = createServer((_request, response) => response.end('plain'));
    const { server, pem } = tlsServer(['secure.test']);
    const hosts = { 'plain.test': await listen(plain), 'secure.test': await listen(server) };
    const { url, requests } = await proxy({ hosts });
    const http = stepHttp({ env: { HTTP_PROXY: url, https_proxy: url }, ca: [pem] });
    expect(bodyOf(await http.send({ url: 'http://plain.test/a?b=c', timeoutMs }))).toBe('200 plain');
    expect(bodyOf(await http.send({ url: 'https://secure.test/', timeoutMs }))).toBe('200 over TLS');
    expect(requests).toEqual(['GET http://plain.test/a?b=c', 'CONNECT secure.test:443']);
  });

  test('shared connections and downloads go through it as well', async () => {
    const { server, pem } = tlsServer(['secure.test']);
    const { url, requests } = await proxy({ hosts: { 'secure.test': await listen(server) } });
    const http = stepHttp({ env: { HTTPS_PROXY: url }, ca: [pem] });
    const request = { url: 'https://secure.test/', timeoutMs, connection: 'shared' as const };
    await http.send(request);
    const download = await http.open(request);
    expect(download.ok && (await text(download.body))).toBe('over TLS');
    expect(new Set(requests)).toEqual(new Set(['CONNECT secure.test:443']));
  });

  test('NO_PROXY and loopback addresses are reached directly', async () => {
    const { url, requests } = await proxy();
    const { url: page } = await pages((_request, response) => response.end('direct'));
    const http = stepHttp({ env: { HTTP_PROXY: url, NO_PROXY: 'exempt.invalid' } });
    expect(bodyOf(await http.send({ url: page, timeoutMs }))).toBe('200 direct');
    expect(bodyOf(await http.send({ url: 'http://exempt.invalid/', timeoutMs }))).toBe('host name not found');
    expect(requests).toEqual([]);
  });

  test('it gets the user name and password of its URL', async () => {
    const plain = createServer((request, response) =>
      response.end(request.headers['proxy-authorization'] ?? 'none'),
    );
    const hosts = { 'plain.test': await listen(plain) };
    const { url } = await proxy({ hosts, login: 'me:p w' });
    const env = { HTTP_PROXY: url.replace('p w', 'p%20w') };
    expect(bodyOf(await stepHttp({ env }).send({ url: 'http://plain.test/', timeoutMs }))).toBe('200 none');
  });

  test.each(['http', 'https'])(
    'one that requires a login is named in the failure of an %s request',
    async (scheme) => {
      const { url } = await proxy({ login: 'me:secret' });
      const bare = url.replace('me:secret@', '');
      const http = stepHttp({ env: { HTTP_PROXY: bare, HTTPS_PROXY: bare } });
      const reply = await http.send({ url: `${scheme}://plain.test/`, timeoutMs });
      const why = 'the proxy answered 407 (it requires a user name and password)';
      expect(reply).toMatchObject({
        ok: false,
        kind: 'proxy',
        error: `${why} (through the proxy ${new URL(bare).host})`,
      });
    },
  );

  test('one that is down is named', async () => {
    const http = stepHttp({ env: { HTTPS_PROXY: 'http://127.0.0.1:9' } });
    const reply = await http.send({ url: 'https://secure.test/', timeoutMs });
    expect(reply).toMatchObject({ ok: false, error: 'connection refused (through the proxy 127.0.0.1:9)' });
  });
});

describe('TLS', () => {
  test('a certificate of an unknown authority is refused, whatever the environment says', async () => {
    const { server } = tlsServer(['localhost']);
    const url = `https://localhost:${await listen(server)}/`;
    const http = stepHttp({ env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } });
    const reply = await http.send({ url, timeoutMs });
    expect(reply).toMatchObject({
      ok: false,
      kind: 'tls',
      error: expect.stringContaining('certificate not trusted'),
    });
  });

  test('an authority of the company is trusted in addition to the public ones', async () => {
    const { server, pem } = tlsServer(['localhost']);
    const url = `https://localhost:${await listen(server)}/`;
    expect(bodyOf(await stepHttp({ env: {}, ca: [pem] }).send({ url, timeoutMs }))).toBe('200 over TLS');
  });

  test('the name in the certificate must be that of the host', async () => {
    const { server, pem } = tlsServer(['other.test']);
    const url = `https://localhost:${await listen(server)}/`;
    const reply = await stepHttp({ env: {}, ca: [pem] }).send({ url, timeoutMs });
    expect(reply).toMatchObject({ ok: false, kind: 'tls' });
  });

  test('HTTP/2 is spoken where it is asked for, and only there', async () => {
    const authority = createAuthority(folder);
    const server = createSecureServer(
      { ...authority.issue('localhost'), allowHTTP1: true },
      (request, response) => response.end(`HTTP/${request.httpVersion}`),
    );
    const url = `https://localhost:${await listen(server)}/`;
    const http = stepHttp({ env: {}, ca: [authority.pem] });
    expect(bodyOf(await http.send({ url, timeoutMs, http2: true }))).toBe('200 HTTP/2.0');
    expect(bodyOf(await http.send({ url, timeoutMs }))).toBe('200 HTTP/1.1');
  });
});

describe('connections', () => {
  test('each request has a separate one unless they are shared', async () => {
    const server = await pages((_request, response) => response.end());
    const request = { url: server.url, timeoutMs };
    for (let times = 0; times < 3; times++) await directHttp.send(request);
    expect(server.connections()).toBe(3);
    for (let times = 0; times < 9; times++) await directHttp.send({ ...request, connection: 'shared' });
    expect(server.connections()).toBeLessThan(3 + 9);
  });

  test('a Unix socket is an address too', async () => {
    const socketPath = path.join(folder, 'http.sock');
    const server = createServer((request, response) => response.end(`${request.headers.host}${request.url}`));
    server.listen(socketPath);
    await once(server, 'listening');
    open.push(() => server.close());
    const reply = await directHttp.send({ url: 'http://docker/_ping', timeoutMs, socketPath });
    expect(bodyOf(reply)).toBe('200 docker/_ping');
  });

  test('a user name and password in the URL are sent as basic authentication', async () => {
    const server = await pages((request, response) => response.end(request.headers.authorization));
    const login = Buffer.from('me:p@ss').toString('base64');
    const url = server.url.replace('//', '//me:p%40ss@');
    expect(bodyOf(await directHttp.send({ url, timeoutMs }))).toBe(`200 Basic ${login}`);
    const headers = { Authorization: 'Bearer token' };
    expect(bodyOf(await directHttp.send({ url, timeoutMs, headers }))).toBe('200 Bearer token');
  });
});

describe('an exchange', () => {
  test('has one deadline for connection, headers and body', async () => {
    const silent = await pages(() => undefined);
    const slow = await pages((_request, response) => void response.write('a beginning'));
    for (const { url } of [silent, slow]) {
      const reply = await directHttp.send({ url, timeoutMs: 200 });
      expect(reply).toMatchObject({ ok: false, kind: 'timeout', error: 'no answer within 200 ms' });
    }
  });

  test('ends when the step is cancelled', async () => {
    const cancel = new AbortController();
    const silent = await pages(() => cancel.abort());
    const reply = await directHttp.send({ url: silent.url, timeoutMs, signal: cancel.signal });
    expect(reply).toMatchObject({ ok: false, kind: 'aborted' });
  });

  test('does not follow redirects', async () => {
    const server = await pages((_request, response) => response.writeHead(302, { location: '/other' }).end());
    const reply = await directHttp.send({ url: server.url, timeoutMs });
    expect(reply).toMatchObject({ ok: true, status: 302, headers: { location: '/other' } });
  });

  test('reads no more of a body than it is allowed to', async () => {
    const server = await pages((_request, response) => response.end('0123456789'));
    const reply = await directHttp.send({ url: server.url, timeoutMs, maxBodyBytes: 9 });
    expect(reply).toMatchObject({ ok: false, kind: 'too-large', error: 'the answer is larger than 9 bytes' });
    expect(bodyOf(await directHttp.send({ url: server.url, timeoutMs, maxBodyBytes: 10 }))).toBe(
      '200 0123456789',
    );
  });

  test('that is cut off is a failure', async () => {
    const server = await pages((request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('a beginning');
      setTimeout(() => request.socket.resetAndDestroy(), 20);
    });
    const reply = await directHttp.send({ url: server.url, timeoutMs });
    expect(reply).toMatchObject({ ok: false, kind: 'reset' });
  });

  test.each([
    ['ftp://example.com/', 'not an http(s) URL: ftp://example.com/'],
    ['http://127.0.0.1:9/', 'connection refused'],
    ['http://no-such-host.invalid/', 'host name not found'],
  ])('%s: %s', async (url, error) => {
    expect(await directHttp.send({ url, timeoutMs })).toMatchObject({ ok: false, error });
  });
});
