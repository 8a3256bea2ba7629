import { mkdtemp } from 'node:fs/promises';
import * as path from 'node:path';
import { type RunHandle, type RunnerEvent, type RunOptions, runWorkflow } from '@slipway/local-runner';
import { type GitHubServer, type GitHubState, startGitHub } from '../test/support/github.ts';
import { root, type Site, type Stage } from './stage.ts';

export const environment = 'demo';

/** A release of a commit of the stage's repository, as GitHub would run it. */
export interface Release {
  version: string;
  sha: string;
  runId: number;
  /** Settings that the environment lacks this time. */
  without?: readonly string[];
  /** Default: the caller that belongs to the platform of the stage. */
  workflow?: string;
  event?: RunOptions['event'];
  /** Ref of the event. Default: the tag of the version. */
  ref?: string;
  /** Secrets of the repository. */
  secrets?: Record<string, string>;
  /** Where each environment is; the stage's own place when nothing is said. */
  sites?: Readonly<Record<string, Site>>;
  approve: () => Promise<'approved' | 'rejected'>;
  on: (event: RunnerEvent) => void;
  signal?: AbortSignal;
  artifactStorage?: RunOptions['artifactStorage'];
}

/** GitHub's view of a commit that may go out: its check is green, two people approved it, the gates have reviewers. */
export function goodCommit(
  stage: Stage,
  sha: string,
  checks: GitHubState['checks'],
  runId: number,
  environments: readonly string[] = [environment],
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
    environments: Object.fromEntries(
      environments.flatMap((name) => [
        [name, { reviewers: false }],
        [`${name}-approval`, { reviewers: true }],
      ]),
    ),
  };
}

export const green: GitHubState['checks'] = [{ name: 'test', status: 'completed', conclusion: 'success' }];
export const red: GitHubState['checks'] = [{ name: 'test', status: 'completed', conclusion: 'failure' }];

/** Starts the caller workflow of the example for a release tag. */
export async function startRelease(stage: Stage, github: GitHubServer, release: Release): Promise<RunHandle> {
  const { version, sites = { [environment]: stage } } = release;
  return runWorkflow({
    workflow: release.workflow ?? stage.workflow,
    repository: {
      name: stage.repository.name,
      dir: stage.repository.dir,
      sha: release.sha,
      ref: release.ref ?? `refs/tags/v${version}`,
    },
    repositories: { 'OWNER/slipway': root },
    event: release.event ?? { name: 'push' },
    actor: 'author',
    ...settingsOnGitHub(sites, release.without ?? []),
    ...(release.secrets ? { secrets: release.secrets } : {}),
    approve: release.approve,
    apiUrl: github.url,
    token: 'ghs_localOnly',
    baseEnv: stage.engine.env,
    work: await mkdtemp(path.join(stage.dir, `run-${version}-`)),
    on: release.on,
    runId: release.runId,
    ...(release.signal ? { signal: release.signal } : {}),
    ...(release.artifactStorage ? { artifactStorage: release.artifactStorage } : {}),
  });
}

/** What the settings page of the repository says: a gate before each environment, its secrets and its variables. */
function settingsOnGitHub(
  sites: Readonly<Record<string, Site>>,
  without: readonly string[],
): Required<Pick<RunOptions, 'vars' | 'environments'>> {
  const vars: Record<string, string> = {};
  const environments: NonNullable<RunOptions['environments']> = {};
  for (const [name, { settings, secrets }] of Object.entries(sites)) {
    const lines = Object.entries(settings).filter(([setting]) => !without.includes(setting));
    vars[`${name.toUpperCase()}_ENV`] = lines.map(([setting, value]) => `${setting}=${value}`).join('\n');
    environments[name] = { secrets };
    environments[`${name}-approval`] = { reviewers: true };
  }
  return { vars, environments };
}

export { startGitHub };
