import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createExec, createHttp, directHttp, Redactor, systemClock } from '@slipway/kernel';
import { type FindOptions, findPostgresProgram, findPrograms } from '@slipway/runner/programs';
import { startForwardProxy } from '../../support/forward-proxy.ts';
import { type PageServer, servePages } from '../../support/pages.ts';

let folder: string;
let bin: string;
let before: NodeJS.ProcessEnv;
let server: PageServer;
/** What the server holds, at any path below /file. */
let served: string | Buffer = '';
let downloads = 0;

beforeEach(async () => {
  downloads = 0;
  server = await servePages((request, response) => {
    if (request.url?.startsWith('/latest')) return void response.writeHead(302, { location: '/file' }).end();
    if (request.url?.startsWith('/gone')) return void response.writeHead(404).end();
    downloads++;
    response.end(served);
  });
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-programs-'));
  bin = path.join(folder, 'bin');
  mkdirSync(bin);
  before = { ...process.env };
  process.env.RUNNER_TOOL_CACHE = path.join(folder, 'cache');
  process.env.RUNNER_TEMP = folder;
});

afterEach(async () => {
  await server.close();
  process.env = before;
  rmSync(folder, { recursive: true, force: true });
});

function script(name: string, body: string): void {
  writeFileSync(path.join(bin, name), `#!/bin/sh\n${body}\n`);
  chmodSync(path.join(bin, name), 0o755);
}

/** A Docker CLI of this version with these plug-ins. */
function dockerCli(version: string, plugins: Record<string, string> = {}): void {
  const cases = Object.entries(plugins).map(([name, said]) => `${name}) echo "${said}";;`);
  script(
    'docker',
    `case "$1" in --version) echo "Docker version ${version}, build 1";; ${cases.join(' ')} *) exit 1;; esac`,
  );
}

function options(programs: FindOptions['programs'] = {}): FindOptions {
  const { signal } = new AbortController();
  const exec = createExec({ env: { PATH: bin }, signal, redactor: new Redactor() });
  return { programs, exec, temp: path.join(folder, 'step'), http: directHttp, clock: systemClock, signal };
}

const sha = (content: string): string => createHash('sha256').update(content).digest('hex');
const compose = '#!/bin/sh\necho 2.29.7\n';
const pin = () => ({
  version: 'v2.29.7',
  url: `${server.url}/file/docker-compose-linux`,
  sha256: sha(compose),
});
/** Finds Docker Compose, which the server holds with this content. */
function find(content: string | Buffer, change: Partial<ReturnType<typeof pin>> = {}) {
  served = content;
  return findPrograms(['docker-compose'], options({ 'docker-compose': { ...pin(), ...change } }));
}

test('plug-ins of the Docker CLI are preferred, a separate program is the second choice', async () => {
  dockerCli('28.2.2', { buildx: 'github.com/docker/buildx 0.13.1+ds1 0.13.1+ds1-3' });
  script('docker-compose', 'echo v2.26.1-4');
  const found = await findPrograms(['docker', 'docker-compose', 'docker-buildx'], options());
  expect(found).toEqual({
    docker: { command: ['docker'], version: '28.2.2' },
    'docker-compose': { command: ['docker-compose'], version: '2.26.1' },
    'docker-buildx': { command: ['docker', 'buildx'], version: '0.13.1' },
  });
});

test('everything missing and too old is named at once, with the way to get it', async () => {
  dockerCli('20.10.24+dfsg1', { compose: '1.29.2' });
  const finding = findPrograms(['docker', 'docker-compose', 'docker-buildx'], options());
  await expect(finding).rejects.toMatchObject({
    name: 'UserError',
    message:
      'Docker Compose 1.29.2 is too old: at least 2.20.0 is needed. Install the package docker-compose-plugin on the runner\n' +
      'Docker Buildx was not found: at least 0.10.0 is needed. Install the package docker-buildx-plugin on the runner',
  });
});

test('a pinned program is installed once and then taken from the cache', async () => {
  const first = await find(compose);
  const second = await find(compose);
  expect(downloads).toBe(1);
  expect(first['docker-compose'].version).toBe('2.29.7');
  expect(second).toEqual(first);
});

test('a download that is not the pinned file is deleted and never runs', async () => {
  const ran = path.join(folder, 'ran');
  const evil = `#!/bin/sh\n: > ${ran}\necho 2.29.7\n`;
  await expect(find(evil)).rejects.toMatchObject({
    name: 'Fault',
    message: expect.stringContaining(
      `expected sha256 ${sha(compose)}, found ${sha(evil)}; the file was deleted`,
    ),
  });
  expect(existsSync(ran)).toBe(false);
});

test('a cached program that was changed since is not run but downloaded again', async () => {
  const first = await find(compose);
  const file = first['docker-compose'].command[0];
  writeFileSync(file, '#!/bin/sh\necho 2.29.7 # changed\n');
  const second = await find(compose);
  expect(readFileSync(second['docker-compose'].command[0], 'utf8')).toBe(compose);
});

test('a pin whose file is another version is refused', async () => {
  await expect(find(compose, { version: '2.30.0' })).rejects.toThrow(
    'programs.docker-compose is pinned to 2.30.0, but',
  );
});

test('an archive is unpacked after it was verified', async () => {
  mkdirSync(path.join(folder, 'docker'));
  writeFileSync(path.join(folder, 'docker', 'docker'), '#!/bin/sh\necho Docker version 28.2.2\n', {
    mode: 0o755,
  });
  const tgz = path.join(folder, 'docker.tgz');
  execFileSync('tar', ['-czf', tgz, '-C', folder, 'docker']);
  served = readFileSync(tgz);
  const sha256 = createHash('sha256').update(served).digest('hex');
  const docker = { version: '28.2.2', url: `${server.url}/file/docker-28.2.2.tgz`, sha256 };
  const found = await findPrograms(['docker'], options({ docker }));
  expect(found.docker.version).toBe('28.2.2');
  expect(path.isAbsolute(found.docker.command[0])).toBe(true);
});

test('a redirect is followed, as those of releases on GitHub are', async () => {
  const found = await find(compose, { url: `${server.url}/latest` });
  expect(found['docker-compose'].version).toBe('2.29.7');
});

test('a download goes through the HTTP client of the step, and so through its proxy', async () => {
  served = compose;
  const proxy = await startForwardProxy({ hosts: { 'downloads.test': Number(new URL(server.url).port) } });
  try {
    const http = createHttp({ env: { HTTP_PROXY: proxy.url }, redactor: new Redactor() });
    const programs = { 'docker-compose': { ...pin(), url: 'http://downloads.test/file' } };
    await findPrograms(['docker-compose'], { ...options(programs), http });
    expect(proxy.requests).toEqual(['GET http://downloads.test/file']);
  } finally {
    await proxy.close();
  }
});

test('a server that refuses is named with its status', async () => {
  await expect(find(compose, { url: `${server.url}/gone` })).rejects.toThrow('HTTP status 404');
});

test('only the pg_dump of the same major will do', async () => {
  script('pg_dump', 'echo "pg_dump (PostgreSQL) 77.4 (Debian 77.4-1)"');
  await expect(findPostgresProgram('pg_dump', 77, options())).resolves.toEqual({
    command: ['pg_dump'],
    version: '77.4.0',
  });
  await expect(findPostgresProgram('pg_dump', 78, options())).rejects.toThrow(
    "pg_dump 78 was not found, which the server's version 78 needs (pg_dump is 77.4.0)",
  );
});
