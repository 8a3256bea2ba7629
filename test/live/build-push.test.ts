import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createExec, directHttp, Redactor, systemClock } from '@slipway/kernel';
import type { OpenOptions, Platform } from '@slipway/platform';
import {
  decodeRecord,
  emptyState,
  encodeRecord,
  encodeState,
  parseState,
  provenRelease,
} from '@slipway/release';
import { programFinder } from '@slipway/runner/programs';
import { openPlatform } from '@slipway/targets';
import {
  type Engine,
  findFreePort,
  importImage,
  provision,
  type Registry,
  startEngine,
  startRegistry,
} from '@slipway/test-services';
import { type BundleResult, type BundleRun, runBundle } from '../support/action.ts';
import { releaseEntry } from '../support/releases.ts';

const login = { username: 'pusher', password: 'correct-horse' };
const base = 'local/slipway-build-push:1';
const app = `buildpush${process.pid}`;
/** Of this run alone: what it built is found by it and removed. */
const commit = `0123456789ab${String(process.pid).padStart(28, '0')}`;
let engine: Engine;
let open: Registry;
let guarded: Registry;
let workspace: string;
let home: string;

beforeAll(async () => {
  await provision(['engine', 'compose', 'buildx', 'registry'], () => {});
  engine = await startEngine(() => {});
  [open, guarded] = await Promise.all([startRegistry(), startRegistry({ auth: login })]);
  await importImage(engine, base, { files: { '/bin/sh': { from: '/bin/sh' } } });
  home = mkdtempSync(path.join(tmpdir(), 'slipway-home-'));
}, 120_000);

afterAll(async () => {
  await Promise.all([open?.stop(), guarded?.stop()]);
  const label = `label=org.opencontainers.image.revision=${commit}`;
  const built = docker('image', 'ls', '--quiet', '--filter', label).split('\n').filter(Boolean);
  docker('image', 'rm', '--force', base, ...new Set(built));
  for (const name of docker('volume', 'ls', '--quiet', '--filter', `name=slipway-${app}`).split('\n')) {
    if (name) docker('volume', 'rm', name);
  }
  await engine?.stop();
  for (const folder of [workspace, home]) if (folder) rmSync(folder, { recursive: true, force: true });
}, 60_000);

beforeEach(() => {
  if (workspace) rmSync(workspace, { recursive: true, force: true });
  workspace = mkdtempSync(path.join(tmpdir(), 'slipway-build-push-'));
  mkdirSync(path.join(workspace, '.github'));
  for (const service of ['backend', 'frontend']) {
    mkdirSync(path.join(workspace, service));
    dockerfile(service, 'FROM scratch', 'ARG VERSION', 'COPY content /', 'ENV VERSION=$VERSION');
    writeFileSync(path.join(workspace, service, 'content'), `${service} of ${app}\n`);
  }
});

function docker(...args: string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8', env: { ...process.env, ...engine.env } }).trim();
}

function dockerfile(service: string, ...lines: string[]): void {
  writeFileSync(path.join(workspace, service, 'Dockerfile'), `${lines.join('\n')}\n`);
}

/** @param more further lines of the configuration */
function run(
  address: string,
  inputs: Record<string, string> = {},
  more = '',
  started: BundleRun['started'] = () => {},
): Promise<BundleResult> {
  const service = (name: string): string => `${name}: {image: ${address}/${name}, build: {context: ${name}}}`;
  const text = `app: ${app}\nservices:\n  ${service('backend')}\n  ${service('frontend')}\n${more}`;
  writeFileSync(path.join(workspace, '.github/slipway.yml'), text);
  const env = { ...engine.env, HOME: home, GITHUB_SHA: commit, GITHUB_RUN_ID: '1' };
  return runBundle('build-push', {
    inputs: { version: inputs.promote ? '' : '1.2.0', ...inputs },
    env,
    workspace,
    started,
  });
}

async function digestOf(repository: string, tag: string): Promise<string | null> {
  const types = ['index.v1', 'manifest.v1'].map((type) => `application/vnd.oci.image.${type}+json`);
  const accept = [...types, 'application/vnd.docker.distribution.manifest.v2+json'].join(', ');
  const reply = await fetch(`http://${open.address}/v2/${repository}/manifests/${tag}`, {
    headers: { accept },
  });
  return reply.ok ? reply.headers.get('docker-content-digest') : null;
}

describe('build', () => {
  test('pushes every service with tags and labels; record and output hold what the registry has', async () => {
    const { code, outputs, stdout } = await run(open.address);
    expect(stdout).toContain('backend | ');
    expect(code).toBe(0);
    const digests = JSON.parse(outputs.digests ?? '') as Record<string, string>;
    const record = decodeRecord(outputs.release ?? '');
    for (const service of ['backend', 'frontend']) {
      const digest = await digestOf(service, '1.2.0');
      expect(digests[service]).toBe(digest);
      expect(await digestOf(service, 'sha-0123456789ab')).toBe(digest);
      expect(record.services[service]).toEqual({
        image: `${open.address}/${service}`,
        digest,
        previous: null,
      });
    }
    const image = `${open.address}/backend@${digests.backend}`;
    docker('pull', '--quiet', image);
    const { Config } = JSON.parse(docker('image', 'inspect', image))[0];
    docker('image', 'rm', '--force', image);
    expect(Config.Env).toContain('VERSION=1.2.0');
    expect(Config.Labels).toMatchObject({
      'org.opencontainers.image.title': 'backend',
      'org.opencontainers.image.version': '1.2.0',
      'org.opencontainers.image.revision': commit,
    });
  }, 30_000);

  test('a failing step names the service, the step, its line and its output, and ends the other build', async () => {
    dockerfile('backend', `FROM ${base}`, 'RUN echo "the compiler is unhappy"; exit 3');
    dockerfile('frontend', `FROM ${base}`, 'RUN while :; do :; done');
    const { code, outputs, errors } = await run(open.address, { version: '1.2.2' });
    expect(code).toBe(1);
    expect(outputs.outcome).toBe('failed');
    expect(outputs.digests).toBeUndefined();
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(
      /^the build of backend failed: step \[.*2\/2\] RUN echo .* failed with exit code: 3; the build of frontend was cancelled\n.*the compiler is unhappy/,
    );
  }, 30_000);

  test('a cancelled run ends the builds and says so', async () => {
    for (const service of ['backend', 'frontend'])
      dockerfile(service, `FROM ${base}`, 'RUN while :; do :; done');
    const { code, outputs, errors, stdout } = await run(open.address, { version: '1.2.1' }, '', (child) => {
      const interrupt = (text: Buffer): unknown => /RUN while/.test(`${text}`) && child.kill('SIGINT');
      child.stdout?.on('data', interrupt);
    });
    expect(stdout).toContain('RUN while');
    expect([code, outputs.outcome]).toEqual([1, 'failed']);
    expect(errors).toEqual([
      'build-push was cancelled during docker\nThe run was cancelled; run it again to continue.',
    ]);
    expect(await digestOf('backend', '1.2.1')).toBeNull();
  }, 30_000);

  test('a registry that is down is named', async () => {
    const address = `127.0.0.1:${await findFreePort()}`;
    const { code, outputs, errors } = await run(address);
    expect([code, outputs.outcome]).toEqual([1, 'failed']);
    expect(errors[0]).toMatch(/^cannot reach registry 127\.0\.0\.1:\d+: connection refused\n/);
    expect(errors[0]).toContain('that this machine can reach it');
  }, 30_000);

  test('a missing folder and a missing Dockerfile are refused together, before anything is built', async () => {
    rmSync(path.join(workspace, 'backend'), { recursive: true });
    rmSync(path.join(workspace, 'frontend/Dockerfile'));
    const { outputs, errors } = await run(open.address);
    expect(outputs.outcome).toBe('refused');
    expect(errors[0]).toContain('services.backend.build.context: folder backend does not exist');
    expect(errors[0]).toContain(
      'services.frontend.build.dockerfile: file frontend/Dockerfile does not exist',
    );
  });
});

describe('login', () => {
  test('right: pushed and proven with it, and nothing of it stays', async () => {
    const { code, stdout, stderr, outputs } = await run(guarded.address, login);
    expect(code).toBe(0);
    expect(Object.keys(JSON.parse(outputs.digests ?? ''))).toEqual(['backend', 'frontend']);
    const config = path.join(home, '.docker/config.json');
    expect(existsSync(config) ? readFileSync(config, 'utf8') : '').not.toContain(guarded.address);
    expect(stdout + stderr).not.toContain(login.password);
  }, 30_000);

  test('wrong: refused before anything is built', async () => {
    const { outputs, errors } = await run(guarded.address, { ...login, password: 'battery-staple' });
    expect(outputs.outcome).toBe('refused');
    expect(errors[0]).toMatch(
      /^registry 127\.0\.0\.1:\d+ refused the login of pusher: .*\nCheck the inputs/s,
    );
  }, 30_000);

  test('none where one is needed: failed, with the remedy', async () => {
    const { outputs, errors } = await run(guarded.address);
    expect(outputs.outcome).toBe('failed');
    expect(errors[0]).toContain('Check the inputs "username" and "password"');
  }, 30_000);
});

describe('promote', () => {
  const compose = 'compose: {files: [compose.yml]}\n';

  async function target(): Promise<Platform> {
    const env = { ...(process.env as Record<string, string>), ...engine.env };
    const [redactor, { signal }] = [new Redactor(), new AbortController()];
    const exec = createExec({ env, signal, redactor });
    const services = 'services: {backend: {image: x}, frontend: {image: x}}\n';
    writeFileSync(path.join(workspace, 'compose.yml'), services);
    const step = { workspace, temp: workspace, exec, redactor, clock: systemClock, signal };
    const options: OpenOptions = {
      ...step,
      config: { app, services: {} },
      environment: 'production',
      log: { info() {}, warn() {}, debug() {}, annotate() {}, group: (_, body) => body() },
    };
    const find = programFinder({ ...step, http: directHttp, config: { programs: {} } });
    return openPlatform({ name: 'compose', config: { files: ['compose.yml'] } }, options, find);
  }

  test('moves latest to the very same digests and marks the release as proven', async () => {
    const built = await run(open.address, { version: '2.0.0' });
    const platform = await target();
    const record = decodeRecord(built.outputs.release ?? '');
    const serving = releaseEntry({ sequence: 1, id: record.id, version: '2.0.0', phase: 'serving' });
    const state = { ...emptyState(app, 'production'), sequence: 1, releases: [serving] };
    expect(await platform.store.state.replace(encodeState(state, 'test'), null)).toBe('replaced');
    const inputs = { promote: 'true', release: built.outputs.release ?? '' };
    const promoted = await run(open.address, inputs, compose);
    expect(promoted.errors).toEqual([]);
    for (const service of ['backend', 'frontend']) {
      expect(await digestOf(service, 'latest')).toBe(record.services[service]?.digest);
    }
    expect(decodeRecord(promoted.outputs.release ?? '').verdict).toBe('verified');
    const written = (await platform.store.state.read())?.text ?? '';
    expect(provenRelease(parseState(written, app, 'production'))?.id).toBe(record.id);
    const again = await run(open.address, inputs, compose);
    expect(again.code).toBe(0);
  }, 60_000);

  test('of a release that the target does not run is refused and moves nothing', async () => {
    const built = await run(open.address, { version: '3.0.0' });
    const before = await digestOf('backend', 'latest');
    await target();
    const inputs = { promote: 'true', release: built.outputs.release ?? '' };
    const { outputs, errors } = await run(open.address, inputs, compose);
    expect(outputs.outcome).toBe('refused');
    expect(errors[0]).toContain('the target does not run release 3.0.0-1');
    expect(await digestOf('backend', 'latest')).toBe(before);
  }, 60_000);

  test('an index keeps its digest too', async () => {
    const built = await run(open.address, { version: '4.0.0' });
    const record = decodeRecord(built.outputs.release ?? '');
    const member = record.services.backend?.digest;
    const index = JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [
        { mediaType: 'application/vnd.docker.distribution.manifest.v2+json', digest: member, size: 1 },
      ],
    });
    const headers = { 'content-type': 'application/vnd.oci.image.index.v1+json' };
    const put = await fetch(`http://${open.address}/v2/backend/manifests/index`, {
      method: 'PUT',
      headers,
      body: index,
    });
    const digest = put.headers.get('docker-content-digest');
    expect(put.status).toBe(201);
    Object.assign(record.services.backend ?? {}, { digest });
    const { errors } = await run(open.address, { promote: 'true', release: encodeRecord(record) });
    expect(errors).toEqual([]);
    expect(await digestOf('backend', 'latest')).toBe(digest);
  }, 30_000);

  test('a digest that the registry has lost moves no tag', async () => {
    const built = await run(open.address, { version: '5.0.0' });
    const record = decodeRecord(built.outputs.release ?? '');
    const before = await digestOf('backend', 'latest');
    Object.assign(record.services.frontend ?? {}, { digest: `sha256:${'0'.repeat(64)}` });
    const { outputs, errors } = await run(open.address, { promote: 'true', release: encodeRecord(record) });
    expect(outputs.outcome).toBe('failed');
    expect(errors[0]).toContain('of frontend; no tag was moved');
    expect(await digestOf('backend', 'latest')).toBe(before);
  }, 30_000);
});
