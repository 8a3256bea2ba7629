import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type BundleResult, runBundle } from '../support/action.ts';
import { type GitHubServer, type GitHubState, releasable, startGitHub } from '../support/github.ts';

const slipwayYml = `app: docsense
compose: {files: [docker-compose.prod.yml]}
services:
  backend: {image: registry.example.com/docsense-backend, build: {context: backend}}
smoke: {base: "\${API_URL}", checks: [{path: /health}]}
watch: {scrape: {urls: ["https://api.example.com/metrics"]}}
preflight:
  env:
    DATABASE_URL: {type: postgres-url}
    CORS_ORIGINS: {type: origins}
    DB_POOL_MIN_SIZE: {type: integer, min: 1, at-most: DB_POOL_MAX_SIZE}
    DB_POOL_MAX_SIZE: {type: integer, max: 500}
    LOG_LEVEL: {one-of: [INFO, WARNING, ERROR]}
    ANTHROPIC_API_KEY: {optional: true, starts-with: sk-ant-}
  any-of: [[ANTHROPIC_API_KEY, OPENAI_API_KEY]]
  checks: {}
  reviews: {approvals: 2}
  rollback-plan: docs/rollback.md
  manual: [Performance testing completed]
`;

/** What the API, Compose and the engine would print of these must never be seen anywhere. */
const secrets = {
  DATABASE_URL: 'postgresql://docs:Xq7vBn2LkP@db.example.com:5432/docs',
  ANTHROPIC_API_KEY: 'sk-ant-Yt5wRm8ZcQ41',
  CORS_ORIGINS: 'https://hidden-origin.example.com',
};

let workspace: string;
let github: GitHubServer;
let green: GitHubState;

beforeAll(async () => {
  workspace = mkdtempSync(path.join(tmpdir(), 'slipway-preflight-'));
  const files = {
    '.github/slipway.yml': slipwayYml,
    'docker-compose.prod.yml': 'services: {backend: {image: x}}\n',
    'backend/Dockerfile': 'FROM scratch\n',
    'docs/rollback.md': 'Run the rollback workflow.\n',
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(workspace, name)), { recursive: true });
    writeFileSync(path.join(workspace, name), text);
  }
  replayDocker(path.join(workspace, '.bin'));
  green = releasable({ repository: 'docsense/docsense', sha: commitAll(workspace), run: '77' });
  green.checks.push({ name: 'docs', conclusion: 'skipped' });
  github = await startGitHub(green);
});

beforeEach(() => github.set({ ...green, fail: [] }));

afterAll(async () => {
  await github.stop();
  rmSync(workspace, { recursive: true, force: true });
});

/** The replies of Docker Engine 28 and Compose 2.33 to what the platform asks. */
function replayDocker(folder: string): void {
  mkdirSync(folder);
  const model = JSON.stringify({
    name: 'docsense',
    services: { backend: { image: 'x', networks: { default: null } } },
  });
  const script = `#!/bin/sh
case "$*" in
  --version) echo 'Docker version 28.2.2, build 1' ;;
  compose*"version --short") echo 2.33.0 ;;
  version*) echo 28.2.2 ;;
  *config*) echo '${model}' ;;
  *) ;;
esac
`;
  writeFileSync(path.join(folder, 'docker'), script);
  chmodSync(path.join(folder, 'docker'), 0o755);
}

function commitAll(folder: string): string {
  const identity = ['-c', 'user.name=docsense', '-c', 'user.email=docsense@example.com'];
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', folder, ...identity, ...args], { encoding: 'utf8' }).trim();
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '--message', 'Release');
  return git('rev-parse', 'HEAD');
}

function preflight(env: Record<string, string | undefined> = {}, inputs: Record<string, string> = {}) {
  const all = {
    ...secrets,
    DB_POOL_MIN_SIZE: '10',
    DB_POOL_MAX_SIZE: '50',
    LOG_LEVEL: 'INFO',
    API_URL: 'https://api.example.com',
    PATH: `${path.join(workspace, '.bin')}:${process.env.PATH}`,
    GITHUB_SHA: green.sha,
    GITHUB_REPOSITORY: green.repository,
    GITHUB_API_URL: github.url,
    GITHUB_RUN_ID: '77',
    ...env,
  };
  const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return runBundle('preflight-checklist', {
    workspace,
    inputs: { version: '2.0.0', 'github-token': 'ghs_Kd93jfLq20xZ', ...inputs },
    env: Object.fromEntries(given),
  });
}

/** `id: state` of every item that is not passed. */
function notPassed(result: BundleResult): string[] {
  const items = JSON.parse(result.outputs.checklist ?? '[]') as { id: string; state: string }[];
  expect(items.length).toBeGreaterThan(9);
  return items.filter(({ state }) => state !== 'passed').map(({ id, state }) => `${id}: ${state}`);
}

/** Everything that leaves the step, but for the masks, which are there to hide it. */
function everythingSaid(result: BundleResult): string {
  const log = result.stdout.replace(/^::add-mask::.*$/gm, '');
  const report = result.outputs.report ? readFileSync(result.outputs.report, 'utf8') : '';
  return [log, result.stderr, result.summary, report, ...Object.values(result.outputs)].join('\n');
}

function expectNoSecret(result: BundleResult): void {
  const said = everythingSaid(result);
  const parts = [...Object.values(secrets), 'Xq7vBn2LkP', 'hidden-origin', 'ghs_Kd93jfLq20xZ'];
  expect(parts.filter((part) => said.includes(part))).toEqual([]);
}

test('when everything is ready, it passes and says what it saw', async () => {
  const result = await preflight();
  expect(result.outputs.summary).toBe(
    'Preflight passed: 17 checks passed; 1 not configured, 1 left to the approvers.',
  );
  expect(notPassed(result)).toEqual(['database: skipped', 'manual.1: manual']);
  expect(result).toMatchObject({ code: 0, errors: [], outputs: { outcome: 'passed' } });
  const { phases, verdict } = JSON.parse(result.outputs.release ?? '{}');
  expect([verdict, phases[0].evidence.items.length]).toEqual(['in-progress', 19]);
  expectNoSecret(result);
});

test('a missing variable, a wrong one and a red check are reported together, once', async () => {
  github.set({
    checks: [
      { name: 'test', conclusion: 'failure' },
      { name: 'lint', status: 'queued', conclusion: null },
    ],
  });
  const result = await preflight({ CORS_ORIGINS: undefined, DB_POOL_MIN_SIZE: '100', API_URL: undefined });
  expect(notPassed(result)).toEqual([
    'configuration: failed',
    'env.CORS_ORIGINS: failed',
    'env.DB_POOL_MIN_SIZE: failed',
    'database: skipped',
    'checks: failed',
    'manual.1: manual',
  ]);
  expect(result.outputs.summary).toBe(
    'Preflight refused: 4 of 17 checks failed: .github/slipway.yml:5:15: "smoke.base": expected the environment variable API_URL, which is not set in this step; CORS_ORIGINS is not set; DB_POOL_MIN_SIZE is larger than DB_POOL_MAX_SIZE; check "test" is red (failure), check "lint" is pending (queued).',
  );
  expect(result.code).toBe(1);
  expect(result.outputs.outcome).toBe('refused');
  expect(result.errors).toHaveLength(1);
  expect(result.errors[0]).toContain(
    '- Environment variable CORS_ORIGINS: Set CORS_ORIGINS as a secret or variable',
  );
  expect(JSON.parse(result.outputs.release ?? '{}').verdict).toBe('refused');
  expectNoSecret(result);
});

test('a red check on the second page is seen', async () => {
  const many = Array.from({ length: 100 }, (_, at) => ({
    name: `test ${at}`,
    conclusion: 'success' as const,
  }));
  github.set({ checks: [...many, { name: 'last', conclusion: 'timed_out' }] });
  expect((await preflight()).outputs.summary).toContain(
    '1 of 17 checks failed: check "last" is red (timed_out).',
  );
});

test('wrong secrets are named, never shown', async () => {
  const result = await preflight({
    DATABASE_URL: secrets.DATABASE_URL.replace('postgresql', 'mysql'),
    CORS_ORIGINS: `${secrets.CORS_ORIGINS}/,*`,
    ANTHROPIC_API_KEY: secrets.ANTHROPIC_API_KEY.replace('sk-ant-', 'sk-oops-'),
  });
  expect(notPassed(result)).toEqual(
    expect.arrayContaining([
      'env.DATABASE_URL: failed',
      'env.CORS_ORIGINS: failed',
      'env.ANTHROPIC_API_KEY: failed',
    ]),
  );
  expectNoSecret(result);
  expect(everythingSaid(result)).not.toContain('Yt5wRm8ZcQ41');
});

test('a database that does not answer and a missing platform are failures, with reasons', async () => {
  const config = `app: docsense
services: {backend: {image: a/b}}
database: {url: "\${DATABASE_URL}", migrations: {dir: docs}}
preflight: {gate: optional}
`;
  writeFileSync(path.join(workspace, 'other.yml'), config);
  const DATABASE_URL = secrets.DATABASE_URL.replace('db.example.com:5432', '127.0.0.1:9');
  const result = await preflight({ DATABASE_URL }, { config: 'other.yml', 'github-token': '' });
  expect(notPassed(result)).toEqual([
    'proof: failed',
    'env: skipped',
    'database: failed',
    'platform: failed',
    'checks: skipped',
    'reviews: skipped',
    'gate: waived',
    'rollback-plan: skipped',
  ]);
  expect(result.outputs.summary).toMatch(
    /the database cannot be reached: nothing listens at the address; the configuration names no platform/i,
  );
  expectNoSecret(result);
});

describe('what GitHub does not say is not taken for good', () => {
  test('no permission: unknown, with the permission to add', async () => {
    github.set({ fail: [{ path: '/check-runs', status: 403 }] });
    const result = await preflight();
    expect(notPassed(result)).toContain('checks: unknown');
    expect(result.outputs.summary).toBe(
      'Preflight refused: 1 of 17 checks could not be decided: GitHub answered 403 to GET /commits/{ref}/check-runs (Resource not accessible by integration).',
    );
    expect(result.errors[0]).toContain('Add "checks: read" to the permissions of this job');
  });

  test('no token, or one that is refused', async () => {
    const without = await preflight({}, { 'github-token': '' });
    expect(notPassed(without)).toEqual(
      expect.arrayContaining(['checks: unknown', 'reviews: unknown', 'gate: unknown']),
    );
    expect(without.outputs.summary).toContain('there is no token for the GitHub API');
    github.set({ fail: [{ path: '/', status: 401, message: 'Bad credentials' }] });
    const refused = await preflight();
    expect(refused.errors[0]).toContain('The token is not valid: check the input github-token.');
  });

  test('a short outage is waited for, a long one is not', async () => {
    github.set({ fail: [{ path: '/environments/', status: 502, times: 2 }] });
    expect((await preflight()).outputs.outcome).toBe('passed');
    github.set({ fail: [{ path: '/environments/', status: 502, message: 'Bad gateway' }] });
    const result = await preflight();
    expect(result.outputs.summary).toContain(
      'GitHub answered 502 to GET /environments/{environment_name} (Bad gateway), 3 times',
    );
  });

  test('a rate limit is respected when it is short and named when it is long', async () => {
    const limit = { path: '/reviews', status: 429, message: 'API rate limit exceeded' };
    github.set({ fail: [{ ...limit, headers: { 'retry-after': '1' }, times: 1 }] });
    expect((await preflight()).outputs.outcome).toBe('passed');
    github.set({ fail: [{ ...limit, headers: { 'retry-after': '3600' } }] });
    const result = await preflight();
    expect(notPassed(result)).toContain('reviews: unknown');
    expect(result.outputs.summary).toContain('the rate limit is used up');
  });

  test('no server at all', async () => {
    const result = await preflight({ GITHUB_API_URL: 'http://127.0.0.1:9' });
    expect(notPassed(result)).toEqual(
      expect.arrayContaining(['checks: unknown', 'reviews: unknown', 'gate: unknown']),
    );
    expect(result.outputs.summary).toContain('GitHub gave no answer');
  });
});

describe('the gate', () => {
  test.each([
    [{}, 'the environment production-approval does not exist; GitHub would create it unprotected'],
    [
      { 'production-approval': { reviewers: false } },
      'the environment production-approval has no required reviewers: nobody has to approve',
    ],
  ])('%j is refused', async (environments, why) => {
    github.set({ environments });
    const result = await preflight();
    expect(notPassed(result)).toContain('gate: failed');
    expect(result.outputs.summary).toContain(why);
    expect(result.code).toBe(1);
  });
});

describe('the workspace', () => {
  test('at another commit, or no checkout at all', async () => {
    const other = await preflight({ GITHUB_SHA: 'c'.repeat(40) });
    expect(notPassed(other)).toContain('checkout: failed');
    expect(other.outputs.summary).toContain('the run is about ccccccc');
  });

  test('without what the configuration names', async () => {
    rmSync(path.join(workspace, 'backend/Dockerfile'));
    writeFileSync(path.join(workspace, 'docs/rollback.md'), ' \n');
    const result = await preflight();
    expect(notPassed(result)).toEqual(expect.arrayContaining(['files: failed', 'rollback-plan: failed']));
    expect(result.outputs.summary).toContain('backend/Dockerfile (services.backend.build) does not exist');
    expect(result.outputs.summary).toContain('the rollback plan docs/rollback.md is empty');
    execFileSync('git', ['-C', workspace, 'checkout', '--quiet', '--', '.']);
  });
});
