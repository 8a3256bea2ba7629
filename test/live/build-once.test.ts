import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { decodeRecord } from '@slipway/release';
import { type Engine, importImage, provision, startEngine, startRegistry } from '@slipway/test-services';
import { type BundleResult, runBundle } from '../support/action.ts';
import { type GitRepository, gitRepository } from '../support/git-repository.ts';
import { proxyRegistry, type RegistryProxy } from '../support/registry-proxy.ts';

/*
 * One commit, one image: what is in the registry is used again, and a version is never overwritten. Real buildx, engine
 * and registry; the sources are real checkouts.
 */

const base = `local/slipway-build-once:${process.pid}`;
/** Without it, images of an earlier run of this file would count as built before. */
const nonce = randomBytes(6).toString('hex');
let engine: Engine;
let registry: RegistryProxy;
let repository: GitRepository;
let home: string;

beforeAll(async () => {
  await provision(['engine', 'buildx', 'registry'], () => {});
  engine = await startEngine(() => {});
  registry = await proxyRegistry(await startRegistry());
  await importImage(engine, base, { files: { '/bin/sh': { from: '/bin/sh' } } });
  home = mkdtempSync(path.join(tmpdir(), 'slipway-home-'));
  mkdirSync(path.join(home, 'empty'));
}, 240_000);

afterAll(async () => {
  const listed = await docker('image', 'ls', '--quiet', '--filter', `reference=${registry.address}/*`);
  await docker('image', 'rm', '--force', base, ...new Set(listed.split('\n').filter(Boolean)));
  await registry?.stop();
  await engine?.stop();
  repository?.remove();
  rmSync(home, { recursive: true, force: true });
}, 120_000);

beforeEach(() => {
  repository?.remove();
  repository = gitRepository();
  registry.interfere = () => undefined;
});

/** Without blocking this process: the registry in front of the real one is in it. */
async function docker(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('docker', args, { env: { ...process.env, ...engine.env } });
  return stdout.trim();
}

interface Build {
  version: string;
  /** What is checked out. Default: the newest commit. */
  at?: string;
  workspace?: string;
  inputs?: Record<string, string>;
  env?: Record<string, string>;
}

async function build({ version, at, workspace, inputs, env }: Build): Promise<BundleResult> {
  return runBundle('build-push', {
    inputs: { version, ...inputs },
    env: { ...engine.env, HOME: home, GITHUB_RUN_ID: String(Date.now()), ...env },
    workspace: workspace ?? repository.checkout(at),
  });
}

/** A service `web` whose Dockerfile uses VERSION, unless the test says otherwise. */
function sources(dockerfile = 'FROM scratch\nARG VERSION\nCOPY . /app/\nENV VERSION=$VERSION\n'): string {
  const name = `${registry.address}/web-${nonce}`;
  const services = `services:\n  web: {image: ${name}, build: {context: web, stall-timeout: 2s}}\n`;
  return repository.commit({
    '.github/slipway.yml': `app: once\n${services}environments: {staging: {}}\n`,
    'web/Dockerfile': dockerfile,
    'web/content': nonce,
  });
}

async function digestOf(tag: string, service = 'web'): Promise<string | null> {
  const types = ['oci.image.index.v1', 'oci.image.manifest.v1', 'docker.distribution.manifest.v2'];
  const accept = types.map((type) => `application/vnd.${type}+json`).join(', ');
  const url = `http://${registry.address}/v2/${service}-${nonce}/manifests/${tag}`;
  const reply = await fetch(url, { headers: { accept } });
  return reply.ok ? reply.headers.get('docker-content-digest') : null;
}

const digests = ({ outputs }: BundleResult): Record<string, string> => JSON.parse(outputs.digests ?? '{}');
const isBuilt = ({ stdout }: BundleResult): boolean => stdout.includes('load build definition');

test('run again, or for another environment, a release uses the image that it has built', async () => {
  const commit = sources();
  const first = await build({ version: '1.0.0' });
  expect(first.errors).toEqual([]);
  expect(isBuilt(first)).toBe(true);
  // As after a restart on another machine: the engine has nothing of it any more.
  await docker('builder', 'prune', '--all', '--force');
  for (const inputs of [{}, { environment: 'staging' }]) {
    const again = await build({ version: '1.0.0', inputs });
    expect(again.errors).toEqual([]);
    expect(isBuilt(again)).toBe(false);
    expect(digests(again)).toEqual(digests(first));
    expect(again.outputs.summary).toContain('1 of 1 built from this commit before');
  }
  expect(decodeRecord(first.outputs.release ?? '').commit).toBe(commit);
  expect(await digestOf(`sha-${commit.slice(0, 12)}`)).toBe(digests(first).web);
}, 120_000);

test('a version of another commit is refused with both commits, and its tag stays', async () => {
  const older = sources();
  const first = await build({ version: '2.0.0' });
  expect(first.errors).toEqual([]);
  const newer = repository.commit({ 'web/content': 'other' });
  const { outputs, errors } = await build({ version: '2.0.0' });
  expect(outputs.outcome).toBe('refused');
  expect(errors[0]).toContain(
    `2.0.0 is an image of commit ${older.slice(0, 12)}, this release is of commit ${newer.slice(0, 12)}: a version is never overwritten`,
  );
  expect(await digestOf('2.0.0')).toBe(digests(first).web);
}, 120_000);

test('other sources or arguments of the same commit are refused; files that git does not track do not count', async () => {
  sources();
  const first = await build({ version: '3.0.0' });
  const untracked = repository.checkout();
  writeFileSync(path.join(untracked, 'web/credentials.json'), nonce);
  expect((await build({ version: '3.0.0', workspace: untracked })).errors).toEqual([]);
  const changed = repository.checkout();
  writeFileSync(path.join(changed, 'web/content'), 'changed');
  const { outputs, errors } = await build({ version: '3.0.0', workspace: changed });
  expect(outputs.outcome).toBe('refused');
  expect(errors[0]).toContain('with other build inputs');
  expect(await digestOf('3.0.0')).toBe(digests(first).web);
}, 120_000);

test('a second version of a commit is the same image, unless the Dockerfile uses the version', async () => {
  sources('FROM scratch\nCOPY . /app/\n');
  const candidate = await build({ version: '4.0.0-rc.1' });
  const final = await build({ version: '4.0.0' });
  expect(final.errors).toEqual([]);
  expect(isBuilt(final)).toBe(false);
  expect(await digestOf('4.0.0')).toBe(digests(candidate).web);
  sources();
  const first = await build({ version: '4.1.0-rc.1' });
  const second = await build({ version: '4.1.0' });
  expect([isBuilt(first), isBuilt(second)]).toEqual([true, true]);
  expect(digests(second)).not.toEqual(digests(first));
}, 120_000);

test('services of one image get the digest of its one build, also where the tag exists', async () => {
  const name = `${registry.address}/app-${nonce}`;
  const services = `  worker: {image: ${name}}\n  web: {image: ${name}, build: {context: web}}\n`;
  repository.commit({
    '.github/slipway.yml': `app: once\nservices:\n${services}`,
    'web/Dockerfile': `FROM scratch\nCOPY . /\n`,
    'web/content': nonce,
  });
  const result = await build({ version: '5.0.0' });
  expect(result.errors).toEqual([]);
  const digest = await digestOf('5.0.0', 'app');
  expect(digests(result)).toEqual({ worker: digest, web: digest });
  expect(result.stdout.match(/load build definition from Dockerfile\n/g)).toHaveLength(1);
  expect(digests(await build({ version: '5.0.0' }))).toEqual({ worker: digest, web: digest });
  // What another commit has left under the tag is used by neither of them.
  repository.commit({ 'web/content': 'other' });
  const other = await build({ version: '5.0.0' });
  expect(other.outputs).toMatchObject({ outcome: 'refused' });
  expect(other.outputs.digests).toBeUndefined();
}, 120_000);

test('a secret reaches a step of the Dockerfile and is in no layer and no history', async () => {
  const secret = `npm_${randomBytes(9).toString('hex')}`;
  const name = `${registry.address}/web-${nonce}`;
  const step =
    'RUN --mount=type=secret,id=npm read found < /run/secrets/npm; [ "${#found}" = 22 ] && echo "the secret is there"';
  repository.commit({
    '.github/slipway.yml': `app: once\nservices:\n  web: {image: ${name}, build: {context: web, secrets: {npm: NPM_TOKEN}}}\n`,
    'web/Dockerfile': `FROM ${base}\n${step}\n`,
  });
  const result = await build({ version: '6.0.0', env: { NPM_TOKEN: secret } });
  expect(result.errors).toEqual([]);
  expect(result.stdout).toContain('the secret is there');
  const image = `${name}@${digests(result).web}`;
  await docker('pull', '--quiet', image);
  const readable = [docker('history', '--no-trunc', image), docker('image', 'inspect', image)];
  expect((await Promise.all(readable)).join()).not.toContain(secret);
}, 120_000);

test('an upload that hangs is ended, tried again, and arrives', async () => {
  sources();
  let hangs = 1;
  registry.interfere = ({ method }) => (method === 'PATCH' && hangs-- > 0 ? 'hang' : undefined);
  const result = await build({ version: '7.0.0' });
  expect(result.stdout).toContain('the upload made no progress for 2 s; trying again');
  expect(result.errors).toEqual([]);
  expect(digests(result).web).toBe(await digestOf('7.0.0'));
}, 120_000);
