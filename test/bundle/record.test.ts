import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Masks } from '@slipway/local-runner';
import { beginRelease, decodeRecord, encodeRecord } from '@slipway/release';
import { type BundleResult, runBundle } from '../support/action.ts';
import { folderEach } from '../support/folder.ts';
import { largeRecord } from '../support/large-record.ts';

let workspace: string;
folderEach((folder) => {
  workspace = folder;
});

let app: Server;
let asked: string[];
let answer: string;
beforeEach(async () => {
  asked = [];
  answer = 'broken';
  app = createServer((request, response) => {
    asked.push(String(request.headers['x-password'] ?? ''));
    response.writeHead(500).end(answer);
  });
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
});
afterEach(() => void app.close());

const of = { id: '2.0.0-7', app: 'shop', environment: 'production', version: '2.0.0', commit: 'c0ffee' };
const image = `registry.example.com/shopco/web`;
const digest = `sha256:${'a'.repeat(64)}`;
const record = { ...beginRelease(of), services: { web: { image, digest, previous: null } } };

interface Step {
  inputs?: Record<string, string>;
  env?: Record<string, string>;
  send?: string;
}

function smokeTest({ inputs = {}, env = {}, send = 'x' }: Step): Promise<BundleResult> {
  const { port } = app.address() as AddressInfo;
  const smoke = `smoke: {base: 'http://127.0.0.1:${port}', within: 1s, checks: [{path: /, send: {x-password: "${send}"}, status: 200}]}\n`;
  mkdirSync(path.join(workspace, '.github'), { recursive: true });
  writeFileSync(
    path.join(workspace, '.github/slipway.yml'),
    `app: shop\nservices: {web: {image: ${image}}}\n${smoke}`,
  );
  return runBundle('smoke-test', { workspace, env, inputs: { release: encodeRecord(record), ...inputs } });
}

/** What GitHub masks in a step with this environment: its secrets, and what the step asks it to mask. */
function masksOf(result: BundleResult, secrets: readonly string[]): Masks {
  const masks = new Masks();
  for (const secret of secrets) masks.add(secret);
  for (const [, value = ''] of result.stdout.matchAll(/^::add-mask::(.*)$/gm)) masks.add(value);
  return masks;
}

describe('names that are secrets as well', () => {
  test.each<[string, Record<string, string>]>([
    [
      'user, password and database of one name',
      { DATABASE_URL: 'postgresql://shop:shop@db.example.com/shop' },
    ],
    [
      'an env file with the environment and the version',
      { SLIPWAY_SECRETS: 'ADMIN_USER=prod\nAPP_VERSION=2.0.0' },
    ],
    ['the user of the registry', { SLIPWAY_SECRETS: 'REGISTRY_USERNAME=shopco\nID=2.0.0-7' }],
  ])('the record keeps them, and GitHub passes it on: %s', async (_, env) => {
    const first = await smokeTest({ env, inputs: { 'dry-run': 'true' } });
    expect(first.outputs.outcome).toBe('skipped');
    const { release = '' } = first.outputs;
    expect(decodeRecord(release)).toMatchObject({ ...record, phases: [{}] });
    expect(masksOf(first, Object.values(env)).touches(release)).toBe(false);
    const second = await smokeTest({ env, inputs: { 'dry-run': 'true', release } });
    expect(second.outputs.outcome).toBe('skipped');
    expect(decodeRecord(second.outputs.release ?? '')).toMatchObject({ ...record, phases: [{}, {}] });
  });

  test('what was observed is without them', async () => {
    answer = 'no such user: shopco-admin';
    const env = { SLIPWAY_SECRETS: 'ADMIN_USER=shopco-admin' };
    const { outputs } = await smokeTest({ env });
    expect(JSON.stringify(decodeRecord(outputs.release ?? ''))).toContain('no such user: ***');
    const file = path.join(path.dirname(outputs.report ?? ''), 'release.json');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ ...of, phases: [{ name: 'smoke-test' }] });
  });
});

test.each([
  ['on one line', 'ADMIN_PASSWORD=S3cr3t#Passw0rd'],
  ['in JSON', JSON.stringify({ ADMIN_PASSWORD: 'S3cr3t#Passw0rd' })],
])('a password with # arrives whole, and is masked whole: %s', async (_, SLIPWAY_SECRETS) => {
  answer = 'bad credentials: S3cr3t#Passw0rd';
  const result = await smokeTest({ env: { SLIPWAY_SECRETS }, send: '${ADMIN_PASSWORD}' });
  expect(asked).toContain('S3cr3t#Passw0rd');
  expect(result.outputs.outcome).toBe('failed');
  const { outputs, summary } = result;
  const log = result.stdout.replace(/^::add-mask::.*$/gm, '');
  const said = [log, summary, outputs.summary, readFileSync(outputs.report ?? '', 'utf8')].join('\n');
  expect(said).toContain('bad credentials: ***');
  expect(said).not.toMatch(/S3cr3t|Passw0rd/);
});

describe('a step that requires phases', () => {
  const phase = (name: string) => ({
    ...{ name, outcome: 'passed' as const, summary: 's' },
    ...{ startedAt: '2026-01-01T00:00:00Z', endedAt: '2026-01-01T00:00:00Z' },
  });
  const checked = encodeRecord({ ...record, phases: [phase('preflight-checklist')] });
  const built = encodeRecord({ ...record, phases: [phase('build-push')] });
  const requires = 'preflight-checklist, build-push';

  test.each([
    ['one of two records', `\n${checked}\n\n`, 'build-push'],
    ['no record', '\n\n', 'preflight-checklist and build-push'],
  ])('is refused with %s, before it does anything', async (_, release, missing) => {
    const { outputs, errors } = await smokeTest({ inputs: { release, requires, version: '2.0.0' } });
    expect(outputs).toMatchObject({
      outcome: 'refused',
      summary: `cannot continue the release: input "release" lacks what ${missing} recorded`,
    });
    expect(errors[0]).toContain('GitHub dropped the record because a secret occurs in it');
    expect(asked).toEqual([]);
  });

  test('works with both', async () => {
    const inputs = { release: `${checked}\n${built}\n`, requires, 'dry-run': 'true' };
    expect((await smokeTest({ inputs })).outputs.outcome).toBe('skipped');
  });
});

test('a record of 50 services and 500 migrations passes from step to step', async () => {
  const large = largeRecord(50, 500);
  const twice = `${encodeRecord(large)}\n${encodeRecord(large)}`;
  expect(twice.length).toBeLessThan(64 * 1024);
  const { outputs } = await smokeTest({ inputs: { release: encodeRecord(large), 'dry-run': 'true' } });
  expect(outputs.outcome).toBe('skipped');
  expect(outputs.release?.length).toBeLessThan(32 * 1024);
  expect(decodeRecord(outputs.release ?? '').services).toEqual(large.services);
});
