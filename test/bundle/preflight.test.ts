import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { decodeRecord } from '@slipway/release';
import {
  everythingSaid,
  expectNoSecret,
  notPassed,
  type ReadyRelease,
  readyRelease,
  secrets,
} from '../support/preflight.ts';

let workspace: string;
let github: ReadyRelease['github'];
let preflight: ReadyRelease['preflight'];
readyRelease((ready) => {
  ({ workspace, github, preflight } = ready);
});

test('when everything is ready, it passes and says what it saw', async () => {
  const result = await preflight();
  expect(result.outputs.summary).toBe(
    'Preflight passed: 18 checks passed; 1 not configured, 1 left to the approvers.',
  );
  expect(notPassed(result)).toEqual(['database: skipped', 'manual.1: manual']);
  expect(result).toMatchObject({ code: 0, errors: [], outputs: { outcome: 'passed' } });
  const { phases, verdict } = decodeRecord(result.outputs.release ?? '');
  expect([verdict, phases.length]).toEqual(['in-progress', 1]);
  expect(phases[0]?.evidence).toMatchObject({ kind: 'checklist', items: { length: 20 } });
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
    'Preflight refused: 4 of 18 checks failed: .github/slipway.yml:5:15: "smoke.base": expected the environment variable API_URL, which is not set in this step; CORS_ORIGINS is not set; DB_POOL_MIN_SIZE is larger than DB_POOL_MAX_SIZE; check "test" is red (failure), check "lint" is pending (queued).',
  );
  expect(result.code).toBe(1);
  expect(result.outputs.outcome).toBe('refused');
  expect(result.errors).toHaveLength(1);
  expect(result.errors[0]).toContain(
    '- Environment variable CORS_ORIGINS: Set CORS_ORIGINS as a secret or variable',
  );
  expect(decodeRecord(result.outputs.release ?? '').verdict).toBe('refused');
  expectNoSecret(result);
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
    'rollback-path: skipped',
    'checks: skipped',
    'reviews: skipped',
    'gate: waived',
    'rollback-plan: skipped',
  ]);
  expect(result.outputs.summary).toMatch(
    /cannot connect to the database: nothing listens at that address; the configuration has no platform/i,
  );
  expectNoSecret(result);
});

describe('the workspace', () => {
  test('at another commit, or no checkout at all', async () => {
    const other = await preflight({ GITHUB_SHA: 'c'.repeat(40) });
    expect(notPassed(other)).toContain('checkout: failed');
    expect(other.outputs.summary).toContain('the run is for ccccccc');
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
