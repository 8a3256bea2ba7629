import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { beginRelease, decodeRecord, encodeRecord } from '@slipway/release';
import { type BundleResult, type BundleRun, runBundle } from '../support/action.ts';

/** The boundary is the same in every action; this one needs the least around it. */
const action = 'preflight-checklist';
const good = 'app: docsense\nservices: {backend: {image: a/b}}\npreflight: {gate: optional}\n';

let workspace: string;
let silent: Server;

beforeAll(async () => {
  workspace = mkdtempSync(path.join(tmpdir(), 'slipway-boundary-'));
  mkdirSync(path.join(workspace, '.github'));
  silent = createServer((socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
});

afterAll(() => {
  silent.close();
  rmSync(workspace, { recursive: true, force: true });
});

function run(config: string | undefined, more: BundleRun = {}): Promise<BundleResult> {
  const file = path.join(workspace, '.github/slipway.yml');
  if (config === undefined) rmSync(file, { force: true });
  else writeFileSync(file, config);
  return runBundle(action, { workspace, ...more });
}

/** Refused or failed: exit 1, one annotation, and the same sentence in output and job summary. */
function expectStopped(result: BundleResult, outcome: string, sentence: string | RegExp | RegExp): void {
  expect({ code: result.code, outcome: result.outputs.outcome, errors: result.errors.length }).toEqual({
    code: 1,
    outcome,
    errors: 1,
  });
  expect(result.outputs.summary).toMatch(sentence);
  expect(result.errors[0]).toMatch(sentence);
  expect(result.summary).toMatch(new RegExp(`^### ${action}: .*${outcome}`));
  expect(result.stderr).toBe('');
}

test('an input that is neither true nor false', async () =>
  expectStopped(
    await run(good, { inputs: { 'dry-run': 'yes' } }),
    'refused',
    'input "dry-run": expected true or false',
  ));

test('all wrong inputs are named at once', async () => {
  const result = await run(good, { inputs: { 'dry-run': 'on', environment: '../x' } });
  expectStopped(result, 'refused', '2 inputs are wrong');
  expect(result.errors[0]).toMatch(
    /\ninput "environment": expected the name of an environment\ninput "dry-run": /,
  );
});

test('no configuration file, or a folder in its place', async () => {
  const sentence = 'there is no configuration file .github/slipway.yml in the workspace';
  expectStopped(await run(undefined), 'refused', sentence);
  expectStopped(
    await run(good, { inputs: { config: '.github' } }),
    'refused',
    'no configuration file .github in',
  );
});

test('problems in the configuration, with their places', async () => {
  const result = await run(`${good}smoke: {within: soon, chekcs: []}\n`);
  expectStopped(result, 'refused', 'the configuration has 3 problems');
  expect(result.outputs.summary).not.toContain('\n');
  expect(result.errors[0]?.split('\n').slice(1, 4)).toEqual([
    '.github/slipway.yml:4:1: "smoke.checks": expected a list, but it is missing',
    '.github/slipway.yml:4:17: "smoke.within": expected a duration such as 90s, 30m or 1h30m, found "soon"',
    '.github/slipway.yml:4:23: unknown key "smoke.chekcs"; did you mean "checks"?',
  ]);
});

test.each([
  [
    'of an unknown version',
    'SLW.BGT.BBB.BBB',
    'the release record has version 99; this action reads version 2',
  ],
  [
    'of an older Slipway',
    '{"schema": 1}',
    'the release record is JSON, as older releases of Slipway wrote it',
  ],
  ['that is another text', '***', 'input "release" is not a release record, or a part of it is missing'],
])('a record %s', async (_title, release, sentence) =>
  expectStopped(await run(good, { inputs: { release } }), 'refused', sentence),
);

const of = { id: '1.0.0-7', app: 'docsense', environment: 'production', version: '', commit: '' };

test.each([
  ['in a new release', ''],
  ['in one that has a record', encodeRecord(beginRelease(of))],
])('a version that cannot be a tag: %s', async (_where, release) =>
  expectStopped(
    await run(good, { inputs: { version: '2.0 / x', release } }),
    'refused',
    'version "2.0 / x" cannot be an image tag',
  ),
);

const database = `${good}database: {url: "\${DATABASE_URL}", migrations: {dir: m}}\n`;

function silentDatabase(): Record<string, string> {
  const { port } = silent.address() as AddressInfo;
  return { DATABASE_URL: `postgresql://docs:Rj8sKq31Tz@127.0.0.1:${port}/docs` };
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s during the work: it ends at once, and says so once',
  async (signal) => {
    const connected = new Promise((resolve) => silent.once('connection', resolve));
    const result = await run(database, {
      env: silentDatabase(),
      started: (child) => void connected.then(() => child.kill(signal)),
    });
    expect(result.signal).toBeNull();
    // The database and the platform are looked at side by side; either may hear of the signal first.
    expectStopped(
      result,
      'failed',
      /^preflight-checklist was cancelled during (connecting to the database|the inspection of the database|docker)/,
    );
    expect(decodeRecord(result.outputs.release ?? '')).toMatchObject({
      verdict: 'failed',
      phases: [{ name: action }],
    });
    expect(readdirSync(result.temp).filter((name) => name.startsWith('slipway-step-'))).toEqual([]);
  },
);

test('secrets are masked before anything else is printed', async () => {
  const { DATABASE_URL } = silentDatabase() as { DATABASE_URL: string };
  const SLIPWAY_SECRETS = `DATABASE_URL=${DATABASE_URL}\nAPI_KEY="first line\nsecond line"\nLOG_LEVEL=INFO`;
  const env = { SLIPWAY_SECRETS, STRIPE_SECRET: 'Pw93LmZx77', DB_POOL: '50' };
  const result = await run(good, { env, inputs: { 'dry-run': 'maybe' } });
  const lines = result.stdout.trim().split('\n');
  const firstOther = lines.findIndex((line) => !line.startsWith('::add-mask::'));
  const masks = lines.slice(0, firstOther).map((line) => line.replace('::add-mask::', ''));
  expect(masks).toEqual(
    expect.arrayContaining([DATABASE_URL, 'Rj8sKq31Tz', 'first line', 'second line', 'Pw93LmZx77']),
  );
  expect(masks).not.toContain('INFO');
  expect(lines.slice(firstOther).join('\n')).not.toMatch(/add-mask|Rj8sKq31Tz|second line|Pw93LmZx77/);
});

test('secrets that cannot be read refuse the step by their line, and are masked', async () => {
  const SLIPWAY_SECRETS = 'API_KEY=Rj8sKq31Tz\nMIIEvQIBADAN\n';
  const result = await run(good, { env: { SLIPWAY_SECRETS } });
  expect(result.outputs).toEqual({
    outcome: 'refused',
    summary: 'cannot read SLIPWAY_SECRETS: line 2 is not NAME=value',
  });
  expect(result.errors).toHaveLength(1);
  const said = result.stdout.replace(/^::add-mask::.*$/gm, '') + result.stderr + result.summary;
  expect(said).not.toMatch(/Rj8sKq31Tz|MIIEvQIBADAN/);
  expect(result.stdout).toMatch(/^::add-mask::Rj8sKq31Tz$/m);
});

test('a disk that takes no report fails the step, with one annotation', async () => {
  const blocked = path.join(workspace, 'blocked');
  writeFileSync(blocked, '');
  const result = await run(good, { env: { GITHUB_OUTPUT: path.join(blocked, 'output') } });
  expect(result.code).toBe(1);
  expect(result.errors).toHaveLength(1);
  expect(result.errors[0]).toContain('Its outputs could not be written: ');
});
