import { mkdir } from 'node:fs/promises';
import * as path from 'node:path';
import { type RunHandle, type RunnerEvent, runWorkflow } from '@slipway/local-runner';
import { type GitHubServer, type GitHubState, startGitHub } from '../test/support/github.ts';
import { root, type Stage } from './stage.ts';

export const environment = 'demo';

/** A release of a commit of the stage's repository, as GitHub would run it. */
export interface Release {
  version: string;
  sha: string;
  runId: number;
  /** Settings that the environment lacks this time. */
  without?: readonly string[];
  workflow?: string;
  approve: () => Promise<'approved' | 'rejected'>;
  on: (event: RunnerEvent) => void;
  signal?: AbortSignal;
}

/** GitHub's view of a commit that may go out: its check is green, two people approved it, the gate has reviewers. */
export function goodCommit(
  stage: Stage,
  sha: string,
  checks: GitHubState['checks'],
  runId: number,
): GitHubState {
  return {
    repository: stage.repository.name,
    sha,
    runs: { [runId]: { suite: 2, workflow: 1 } },
    checks,
    statuses: [],
    pulls: [
      {
        number: 7,
        author: 'author',
        head: sha,
        reviews: [
          { user: 'reviewer-one', state: 'APPROVED' },
          { user: 'reviewer-two', state: 'APPROVED' },
        ],
      },
    ],
    environments: { [environment]: { reviewers: false }, [`${environment}-approval`]: { reviewers: true } },
  };
}

export const green: GitHubState['checks'] = [{ name: 'test', status: 'completed', conclusion: 'success' }];
export const red: GitHubState['checks'] = [{ name: 'test', status: 'completed', conclusion: 'failure' }];

/** Starts the caller workflow of the example for a release tag. */
export async function startRelease(stage: Stage, github: GitHubServer, release: Release): Promise<RunHandle> {
  const work = path.join(stage.dir, `run-${release.version}`);
  await mkdir(work, { recursive: true });
  const settings = Object.entries(stage.settings).filter(([name]) => !release.without?.includes(name));
  return runWorkflow({
    workflow: release.workflow ?? '.github/workflows/demo.yml',
    repository: {
      name: stage.repository.name,
      dir: stage.repository.dir,
      sha: release.sha,
      ref: `refs/tags/v${release.version}`,
    },
    repositories: { 'OWNER/slipway': root },
    event: { name: 'push' },
    actor: 'author',
    vars: { DEMO_ENV: settings.map(([name, value]) => `${name}=${value}`).join('\n') },
    environments: {
      [environment]: { secrets: stage.secrets },
      [`${environment}-approval`]: { reviewers: true },
    },
    approve: release.approve,
    apiUrl: github.url,
    token: 'ghs_localOnly',
    baseEnv: stage.engine.env,
    work,
    on: release.on,
    runId: release.runId,
    ...(release.signal ? { signal: release.signal } : {}),
  });
}

export { startGitHub };
