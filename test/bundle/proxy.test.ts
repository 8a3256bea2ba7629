import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { decodeRecord } from '@slipway/release';
import { runBundle } from '../support/action.ts';
import { type Authority, createAuthority } from '../support/certificate-authority.ts';
import { folderEach } from '../support/folder.ts';
import { type ForwardProxy, startForwardProxy } from '../support/forward-proxy.ts';
import { type ReadyRelease, readyRelease } from '../support/preflight.ts';

let workspace: string;
folderEach((folder) => {
  workspace = folder;
});

let authority: Authority;
let server: Server;
let proxy: ForwardProxy;
let answer: RequestListener;

/** Behind a proxy that alone knows the way: a server at secure.test, with a certificate of the company. */
beforeEach(async () => {
  mkdirSync(path.join(workspace, '.github'));
  authority = createAuthority(workspace);
  server = createServer(authority.issue('secure.test'), (request, response) => answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await startForwardProxy({ hosts: { 'secure.test': (server.address() as AddressInfo).port } });
});
afterEach(async () => {
  server.close();
  await proxy.close();
});

function configure(text: string): void {
  writeFileSync(path.join(workspace, '.github/slipway.yml'), `app: shop\n${text}`);
}

const smoke = `services: {web: {image: registry.example.com/web}}
smoke:
  base: https://secure.test
  within: 1s
  version: {samples: 3}
  checks: [{name: health, path: /health}]
`;

describe('the smoke test', () => {
  beforeEach(() => {
    answer = (_request, response) => response.end('{"version": "1.0.0"}');
  });
  const run = (env: Record<string, string>) =>
    runBundle('smoke-test', { workspace, inputs: { version: '1.0.0' }, env });

  test.each([
    ['variables of the step', () => ({ HTTPS_PROXY: proxy.url })],
    ['SLIPWAY_ENV', () => ({ SLIPWAY_ENV: `HTTPS_PROXY=${proxy.url}` })],
    ['SLIPWAY_SECRETS', () => ({ SLIPWAY_SECRETS: `https_proxy=${proxy.url}` })],
  ])('goes through the proxy of %s, with a tunnel for each sample', async (_where, env) => {
    configure(`${smoke}network: {ca: ca.pem}\n`);
    const { outputs } = await run(env());
    expect(outputs.outcome).toBe('passed');
    expect(proxy.requests).toEqual(Array.from({ length: 4 }, () => 'CONNECT secure.test:443'));
  });

  test('takes the authority as PEM text too', async () => {
    configure(`${smoke}network: {ca: "\${COMPANY_CA}"}\n`);
    const env = { HTTPS_PROXY: proxy.url, SLIPWAY_ENV: `COMPANY_CA="${authority.pem}"` };
    expect((await run(env)).outputs.outcome).toBe('passed');
  });

  test('takes the authority of NODE_EXTRA_CA_CERTS, also from SLIPWAY_ENV', async () => {
    configure(smoke);
    const env = { SLIPWAY_ENV: `HTTPS_PROXY=${proxy.url}\nNODE_EXTRA_CA_CERTS=${authority.file}` };
    expect((await run(env)).outputs.outcome).toBe('passed');
  });

  test('does not trust the certificate without it, and says so', async () => {
    configure(smoke);
    const { outputs } = await run({ HTTPS_PROXY: proxy.url });
    expect(outputs.outcome).toBe('failed');
    expect(outputs.summary).toContain('certificate not trusted');
  });

  test.each([
    ['nowhere.pem', 'cannot read the certificate authority nowhere.pem'],
    ['.github/slipway.yml', 'network.ca: .github/slipway.yml holds no certificate'],
  ])('is refused with network.ca: %s', async (ca, why) => {
    configure(`${smoke}network: {ca: ${ca}}\n`);
    const { outputs } = await run({});
    expect(outputs.outcome).toBe('refused');
    expect(outputs.summary).toContain(why);
  });
});

test('an image is looked up in its registry through the proxy', async () => {
  const manifest = '{"schemaVersion":2}';
  answer = (_request, response) => response.end(manifest);
  configure('services: {web: {image: secure.test/web}}\nnetwork: {ca: ca.pem}\n');
  const env = { HTTPS_PROXY: proxy.url };
  const { outputs } = await runBundle('build-push', { workspace, inputs: { version: '1.0.0' }, env });
  const digest = `sha256:${createHash('sha256').update(manifest).digest('hex')}`;
  expect(decodeRecord(outputs.release ?? '').services.web?.digest).toBe(digest);
  expect(proxy.requests).toContain('CONNECT secure.test:443');
});

describe('the checklist', () => {
  let ready: ReadyRelease;
  readyRelease((made) => {
    ready = made;
  });

  test('asks GitHub through the proxy', async () => {
    const through = await startForwardProxy({
      hosts: { 'github.test': Number(new URL(ready.github.url).port) },
    });
    const env = { GITHUB_API_URL: 'http://github.test', SLIPWAY_ENV: `HTTP_PROXY=${through.url}` };
    const { outputs } = await ready.preflight(env);
    await through.close();
    expect(outputs.outcome).toBe('passed');
    expect(through.requests).toContainEqual(
      expect.stringMatching(/^GET http:\/\/github\.test\/repos\/docsense\/docsense\/commits\//),
    );
  });
});
