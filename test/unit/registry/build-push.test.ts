import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { directHttp, Redactor, systemClock } from '@slipway/kernel';
import { type Credentials, Registry, readImageLabels } from '@slipway/registry';

type Answer = { status: number; headers?: Record<string, string>; body?: string };

let server: Server | undefined;
afterEach(() => {
  server?.close();
});

/** A registry that answers as the test says, and the repository name that leads there. */
async function answering(answer: (request: IncomingMessage, host: string) => Answer): Promise<string> {
  const started = createServer((request, response) => {
    const { status, headers, body } = answer(request, addressOf(started));
    response.writeHead(status, headers).end(body);
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  return `${addressOf(started)}/app`;
}

function addressOf(listening: Server): string {
  return `127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

const pauses: number[] = [];
/** Its clock moves only when it waits. */
function registry(credentials?: Credentials, retryForMs?: number): Registry {
  pauses.length = 0;
  let now = 0;
  const sleep = async (ms: number): Promise<void> => {
    pauses.push(ms);
    now += ms;
  };
  const clock = { ...systemClock, monotonic: () => now, sleep };
  const signal = new AbortController().signal;
  const options = { http: directHttp, redactor: new Redactor(), clock, signal };
  const more = retryForMs === undefined ? {} : { retryForMs };
  return new Registry({ ...options, ...more, credentials: async () => credentials });
}

const body = '{"schemaVersion":2}';
const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
const manifest: Answer = {
  status: 200,
  body,
  headers: { 'content-type': 'application/vnd.oci.image.manifest.v1+json' },
};

test('a token is fetched for exactly the repository, and used for the next request', async () => {
  const asked: string[] = [];
  const repository = await answering((request, host) => {
    asked.push(
      `${request.method} ${decodeURIComponent(request.url ?? '')} ${request.headers.authorization ?? '-'}`,
    );
    if (request.url?.startsWith('/token')) return { status: 200, body: '{"token":"t0ken"}' };
    if (request.headers.authorization === 'Bearer t0ken') return manifest;
    return {
      status: 401,
      headers: { 'www-authenticate': `Bearer realm="http://${host}/token",service="r"` },
    };
  });
  const subject = registry({ kind: 'password', username: 'me', password: 'secret' });
  await expect(subject.manifest(repository, '1')).resolves.toMatchObject({ digest });
  await subject.manifest(repository, '2');
  const basic = `Basic ${Buffer.from('me:secret').toString('base64')}`;
  expect(asked).toEqual([
    'GET /v2/app/manifests/1 -',
    `GET /token?service=r&scope=repository:app:pull ${basic}`,
    'GET /v2/app/manifests/1 Bearer t0ken',
    'GET /v2/app/manifests/2 Bearer t0ken',
  ]);
});

test('a login is never sent to a token server in the clear elsewhere', async () => {
  const repository = await answering(() => ({
    status: 401,
    headers: { 'www-authenticate': 'Bearer realm="http://auth.example.com/token"' },
  }));
  const subject = registry({ kind: 'password', username: 'me', password: 'secret' });
  await expect(subject.manifest(repository, '1')).rejects.toThrow('which is not https');
});

test('trouble that passes is waited out, trouble that stays is named', async () => {
  let left = 2;
  const repository = await answering(() => (left-- > 0 ? { status: 503 } : manifest));
  await expect(registry().manifest(repository, '1')).resolves.toMatchObject({ digest });
  expect(pauses).toHaveLength(2);
  const [first = 0, second = 0] = pauses;
  expect([first >= 500 && first <= 1000, second >= 1500 && second <= 3000]).toEqual([true, true]);
  left = 9;
  await expect(registry().manifest(repository, '1')).rejects.toThrow(
    `cannot read ${repository}:1: the registry answered 503`,
  );
});

test('a registry that asks to wait is asked again when it said', async () => {
  let left = 1;
  const limited: Answer = { status: 429, headers: { 'retry-after': '8' } };
  const repository = await answering(() => (left-- > 0 ? limited : manifest));
  await expect(registry().manifest(repository, '1')).resolves.toMatchObject({ digest });
  expect(pauses).toEqual([8000]);
});

test('what must not fail because of a restart is repeated for its time, and no longer', async () => {
  let restarts = 100;
  const repository = await answering(() => (restarts-- > 0 ? { status: 503 } : manifest));
  const long = registry(undefined, 300_000);
  await expect(long.manifest(repository, '1')).rejects.toThrow('the registry answered 503');
  const waited = (): number => pauses.reduce((sum, ms) => sum + ms, 0);
  expect(waited()).toBeGreaterThan(250_000);
  // The time is for all requests together.
  await expect(long.manifest(repository, '2')).rejects.toThrow('the registry answered 503');
  expect(waited()).toBeLessThanOrEqual(300_000);
});

test('a registry that does not listen yet is waited for only when there is time', async () => {
  const repository = await answering(() => manifest);
  await new Promise((resolve) => server?.close(resolve));
  await expect(registry().manifest(repository, '1')).rejects.toThrow('connection refused');
  expect(pauses).toEqual([]);
  await expect(registry(undefined, 10_000).manifest(repository, '1')).rejects.toThrow('connection refused');
  expect(pauses.length).toBeGreaterThan(2);
});

test('a token server in trouble is trouble of the registry, not a refusal', async () => {
  let left = 1;
  const repository = await answering((request, host) => {
    if (request.url?.startsWith('/token'))
      return left-- > 0 ? { status: 503 } : { status: 200, body: '{"token":"t0ken"}' };
    if (request.headers.authorization === 'Bearer t0ken') return manifest;
    return {
      status: 401,
      headers: { 'www-authenticate': `Bearer realm="http://${host}/token",service="r"` },
    };
  });
  await expect(registry().manifest(repository, '1')).resolves.toMatchObject({ digest });
  expect(pauses).toHaveLength(1);
});

test('a blob in an object store is read from there, without the login', async () => {
  const asked: string[] = [];
  const login = `Basic ${Buffer.from('me:secret').toString('base64')}`;
  const repository = await answering((request, host) => {
    asked.push(`${request.url} ${request.headers.authorization ?? '-'}`);
    if (request.url?.startsWith('/store')) return { status: 200, body };
    if (request.headers.authorization !== login)
      return { status: 401, headers: { 'www-authenticate': 'Basic realm="r"' } };
    return { status: 307, headers: { location: `http://${host}/store?signature=1` } };
  });
  const subject = registry({ kind: 'password', username: 'me', password: 'secret' });
  expect((await subject.blob(repository, digest)).toString()).toBe(body);
  expect(asked.at(-1)).toBe('/store?signature=1 -');
  const other = `sha256:${'0'.repeat(64)}`;
  await expect(subject.blob(repository, other)).rejects.toThrow(`the registry answered ${digest} when asked`);
});

test('the labels of an index are those of its first image, not of an attestation', async () => {
  const config = JSON.stringify({ config: { Labels: { color: 'blue' } } });
  const hashOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
  const image = JSON.stringify({ config: { digest: hashOf(config) } });
  const attestation = JSON.stringify({ config: { digest: hashOf('{}') } });
  const index = JSON.stringify({
    manifests: [
      { digest: hashOf(attestation), platform: { os: 'unknown' } },
      { digest: hashOf(image), platform: { os: 'linux' } },
    ],
  });
  const contents = new Map([config, image, attestation, index].map((text) => [hashOf(text), text]));
  const repository = await answering(({ url = '' }) => {
    const found = url.endsWith('/1') ? index : contents.get(url.split('/').at(-1) ?? '');
    return found === undefined ? { status: 404 } : { status: 200, body: found };
  });
  const subject = registry();
  const found = await subject.manifest(repository, '1');
  expect(found && (await readImageLabels(subject, repository, found))).toEqual({ color: 'blue' });
});

test('an answer that is not what the digest says is not taken', async () => {
  const repository = await answering(() => manifest);
  const other = `sha256:${'0'.repeat(64)}`;
  await expect(registry().manifest(repository, other)).rejects.toThrow(
    `the registry answered ${digest} when asked for`,
  );
});

test.each([
  [{ status: 404 }, undefined],
  [
    { status: 403, body: '{"errors":[{"code":"DENIED","message":"no access"}]}' },
    'it answered 403 (no access)',
  ],
  [{ status: 401, headers: { 'www-authenticate': 'Basic realm="r"' } }, 'it answered 401'],
])('%j', async (answer, message) => {
  const repository = await answering(() => answer as Answer);
  const asking = registry().manifest(repository, '1');
  if (message) await expect(asking).rejects.toThrow(message);
  else await expect(asking).resolves.toBeUndefined();
  expect(pauses).toEqual([]);
});
