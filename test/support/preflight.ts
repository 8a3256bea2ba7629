import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals';
import { decodeRecord } from '@slipway/release';
import { type BundleResult, runBundle } from './action.ts';
import { type GitHubServer, type GitHubState, releasable, startGitHub } from './github.ts';

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
export const secrets = {
  DATABASE_URL: 'postgresql://docs:Xq7vBn2LkP@db.example.com:5432/docs',
  ANTHROPIC_API_KEY: 'sk-ant-Yt5wRm8ZcQ41',
  CORS_ORIGINS: 'https://hidden-origin.example.com',
};

/** A checkout that is ready to be released, and a GitHub that says so. */
export interface ReadyRelease {
  workspace: string;
  github: GitHubServer;
  /** One step of the shipped action, with all that it wants; undefined takes a variable away. */
  preflight(env?: Record<string, string | undefined>, inputs?: Record<string, string>): Promise<BundleResult>;
}

/**
 * One for the tests of a file; GitHub is green again before each.
 * @param take Called with it before the first test.
 */
export function readyRelease(take: (ready: ReadyRelease) => void): void {
  let workspace: string;
  let github: GitHubServer;
  let green: GitHubState;
  beforeAll(async () => {
    workspace = checkout();
    green = releasable({ repository: 'docsense/docsense', sha: commitAll(workspace), run: '77' });
    green.checks.push({ name: 'docs', conclusion: 'skipped' });
    github = await startGitHub(green);
    const { url } = github;
    const preflight: ReadyRelease['preflight'] = (env, inputs) =>
      runPreflight({ workspace, url, green }, env, inputs);
    take({ workspace, github, preflight });
  });
  beforeEach(() => github.set({ ...green, fail: [] }));
  afterAll(async () => {
    await github?.stop();
    rmSync(workspace, { recursive: true, force: true });
  });
}

function checkout(): string {
  const workspace = mkdtempSync(path.join(tmpdir(), 'slipway-preflight-'));
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
  return workspace;
}

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

function runPreflight(
  at: { workspace: string; url: string; green: GitHubState },
  env: Record<string, string | undefined> = {},
  inputs: Record<string, string> = {},
): Promise<BundleResult> {
  const all = {
    ...secrets,
    DB_POOL_MIN_SIZE: '10',
    DB_POOL_MAX_SIZE: '50',
    LOG_LEVEL: 'INFO',
    API_URL: 'https://api.example.com',
    PATH: `${path.join(at.workspace, '.bin')}:${process.env.PATH}`,
    GITHUB_SHA: at.green.sha,
    GITHUB_REPOSITORY: at.green.repository,
    GITHUB_API_URL: at.url,
    GITHUB_RUN_ID: '77',
    ...env,
  };
  const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return runBundle('preflight-checklist', {
    workspace: at.workspace,
    inputs: { version: '2.0.0', 'github-token': 'ghs_Kd93jfLq20xZ', ...inputs },
    env: Object.fromEntries(given),
  });
}

/** `id: state` of every item that is not passed. */
export function notPassed(result: BundleResult): string[] {
  const items = JSON.parse(result.outputs.checklist ?? '[]') as { id: string; state: string }[];
  expect(items.length).toBeGreaterThan(9);
  return items.filter(({ state }) => state !== 'passed').map(({ id, state }) => `${id}: ${state}`);
}

/** Everything that leaves the step, but for the masks, which are there to hide it. */
export function everythingSaid(result: BundleResult): string {
  const log = result.stdout.replace(/^::add-mask::.*$/gm, '');
  const report = result.outputs.report ? readFileSync(result.outputs.report, 'utf8') : '';
  const { release = '', ...outputs } = result.outputs;
  const record = release === '' ? '' : JSON.stringify(decodeRecord(release));
  return [log, result.stderr, result.summary, report, record, ...Object.values(outputs)].join('\n');
}

/** Sees that no secret, whole or in part, is in anything that leaves the step. */
export function expectNoSecret(result: BundleResult): void {
  const said = everythingSaid(result);
  const parts = [...Object.values(secrets), 'Xq7vBn2LkP', 'hidden-origin', 'ghs_Kd93jfLq20xZ'];
  expect(parts.filter((part) => said.includes(part))).toEqual([]);
}
