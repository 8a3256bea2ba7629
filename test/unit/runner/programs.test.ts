import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createExec, Redactor } from '@slipway/kernel';
import { type FindOptions, findPostgresProgram, findPrograms } from '@slipway/runner/programs';

let folder: string;
let bin: string;
let before: NodeJS.ProcessEnv;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-programs-'));
  bin = path.join(folder, 'bin');
  mkdirSync(bin);
  before = { ...process.env };
  process.env.RUNNER_TOOL_CACHE = path.join(folder, 'cache');
  process.env.RUNNER_TEMP = folder;
});

afterEach(() => {
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

function options(programs: FindOptions['programs'] = {}, more: Partial<FindOptions> = {}): FindOptions {
  const exec = createExec({
    env: { PATH: bin },
    signal: new AbortController().signal,
    redactor: new Redactor(),
  });
  return { programs, exec, temp: path.join(folder, 'step'), ...more };
}

const sha = (content: string): string => createHash('sha256').update(content).digest('hex');
const compose = '#!/bin/sh\necho 2.29.7\n';
const pin = { version: 'v2.29.7', url: 'https://example.com/docker-compose-linux', sha256: sha(compose) };
const serve = (content: string) => async (_: string, file: string) => writeFileSync(file, content);

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
  const first = await findPrograms(
    ['docker-compose'],
    options({ 'docker-compose': pin }, { download: serve(compose) }),
  );
  const never = async (): Promise<void> => {
    throw new Error('downloaded again');
  };
  const second = await findPrograms(
    ['docker-compose'],
    options({ 'docker-compose': pin }, { download: never }),
  );
  expect(first['docker-compose'].version).toBe('2.29.7');
  expect(second).toEqual(first);
});

test('a download that is not the pinned file is deleted and never runs', async () => {
  const ran = path.join(folder, 'ran');
  const evil = `#!/bin/sh\n: > ${ran}\necho 2.29.7\n`;
  const finding = findPrograms(
    ['docker-compose'],
    options({ 'docker-compose': pin }, { download: serve(evil) }),
  );
  await expect(finding).rejects.toMatchObject({
    name: 'Fault',
    message: expect.stringContaining(
      `expected sha256 ${pin.sha256}, found ${sha(evil)}; the file was deleted`,
    ),
  });
  expect(existsSync(ran)).toBe(false);
});

test('a cached program that was changed since is not run but downloaded again', async () => {
  const programs = { 'docker-compose': pin };
  const first = await findPrograms(['docker-compose'], options(programs, { download: serve(compose) }));
  const file = first['docker-compose'].command[0];
  writeFileSync(file, '#!/bin/sh\necho 2.29.7 # changed\n');
  const second = await findPrograms(['docker-compose'], options(programs, { download: serve(compose) }));
  expect(readFileSync(second['docker-compose'].command[0], 'utf8')).toBe(compose);
});

test('a pin whose file is another version is refused', async () => {
  const programs = { 'docker-compose': { ...pin, version: '2.30.0' } };
  const finding = findPrograms(['docker-compose'], options(programs, { download: serve(compose) }));
  await expect(finding).rejects.toThrow('programs.docker-compose is pinned to 2.30.0, but');
});

test('an archive is unpacked after it was verified', async () => {
  mkdirSync(path.join(folder, 'docker'));
  writeFileSync(path.join(folder, 'docker', 'docker'), '#!/bin/sh\necho Docker version 28.2.2\n', {
    mode: 0o755,
  });
  const tgz = path.join(folder, 'docker.tgz');
  execFileSync('tar', ['-czf', tgz, '-C', folder, 'docker']);
  const content = readFileSync(tgz);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const docker = { version: '28.2.2', url: 'https://example.com/docker-28.2.2.tgz', sha256 };
  const download = async (_: string, file: string): Promise<void> => writeFileSync(file, content);
  const found = await findPrograms(['docker'], options({ docker }, { download }));
  expect(found.docker.version).toBe('28.2.2');
  expect(path.isAbsolute(found.docker.command[0])).toBe(true);
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
