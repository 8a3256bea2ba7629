import { mkdtemp, rm } from 'node:fs/promises';
import * as path from 'node:path';
import { execOrThrow } from '@slipway/test-services';
import type { Stage } from '../../demo/stage.ts';
import { type BundleResult, runBundle } from '../../test/support/action.ts';
import { stepEnvironment } from '../../test/support/images.ts';

/** A version that was built, and the workflow run that releases it. */
export interface Prepared {
  version: string;
  commit: string;
  runId: string;
  /** What the build job handed on. */
  record: string;
  /** The checkout of the release job. */
  workspace: string;
}

/** How a step of a run is run. */
export interface Step {
  /** Its name in deploy.yml. */
  name: string;
  action: string;
  inputs: Record<string, string>;
}

/** Runs a step; null when it was killed. */
export type RunStep = (
  step: Step,
  run: { prepared: Prepared; attempt: number },
) => Promise<BundleResult | null>;

export const environment = 'production';

/** Makes versions, one after the other, as commits of the repository of a stage. */
export class Versions {
  readonly #stage: Stage;
  #count = 0;
  #commits: Promise<unknown> = Promise.resolve();

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** Commits, tags, checks out and builds a version. @param fault What is wrong with it; see `app/app/server.mjs`. */
  async prepare(fault: 'none' | 'smoke' | 'watch' = 'none'): Promise<Prepared> {
    this.#count += 1;
    const number = this.#count;
    const version = `${number}.0.0`;
    const commits = this.#commits.then(() => this.#commit(number, version, fault));
    this.#commits = commits;
    const commit = await commits;
    const { repository, config, dir } = this.#stage;
    const workspace = await mkdtemp(path.join(dir, 'checkout-'));
    const argv = [
      'git',
      'clone',
      '--quiet',
      '--shared',
      '--branch',
      `v${version}`,
      repository.dir,
      workspace,
    ];
    await execOrThrow('check out', argv as [string, ...string[]]);
    const prepared = { version, commit, runId: `${1000 + number}`, record: '', workspace };
    const inputs = { config, environment, version };
    const env = environmentOf(this.#stage, prepared, { attempt: 1, job: 'build' });
    const built = await runBundle('build-push', { inputs, env, workspace });
    if (built.code !== 0)
      throw new Error(`${version} was not built: ${built.errors.join('\n') || built.stderr}`);
    return { ...prepared, record: built.outputs.release ?? '' };
  }

  #commit(number: number, version: string, fault: string): Promise<string> {
    const migration = `migrations/${String(number + 1).padStart(4, '0')}_release.sql`;
    return this.#stage.repository.commit(version, {
      'app/FAULT': `${fault}\n`,
      [migration]: `CREATE TABLE release_${number} (id int);\n`,
    });
  }

  async discard({ workspace }: Prepared): Promise<void> {
    await rm(workspace, { recursive: true, force: true });
  }
}

/** What the runner gives to every step of a run. */
export function environmentOf(
  stage: Stage,
  { version, commit, runId }: Prepared,
  { attempt, job }: { attempt: number; job: string },
): Record<string, string> {
  return {
    ...stepEnvironment(stage),
    GITHUB_REPOSITORY: stage.repository.name,
    GITHUB_REF: `refs/tags/v${version}`,
    GITHUB_REF_TYPE: 'tag',
    GITHUB_REF_NAME: `v${version}`,
    GITHUB_RUN_ID: runId,
    GITHUB_RUN_ATTEMPT: String(attempt),
    GITHUB_JOB: job,
    GITHUB_ACTOR: 'sam',
    GITHUB_SHA: commit,
  };
}

/** How a release job finished. `refused`: another run held the lease; `killed`: in the step of that name. */
export interface JobResult {
  state: 'proven' | 'rolled back' | 'unchanged' | 'refused' | 'killed' | 'broken';
  step: string;
  /** Why it did not end well; empty when it did. */
  why: string;
  /** From the end of the step that failed to the end of the rollback. */
  backMs: number;
}

/** The steps of the job `release` in deploy.yml, in its order and by its conditions. */
export async function releaseJob(
  prepared: Prepared,
  attempt: number,
  runStep: RunStep,
  { takeOver = false }: { takeOver?: boolean } = {},
): Promise<JobResult> {
  const taken: Record<string, string> = takeOver ? { 'take-over': 'true' } : {};
  const steps: Step[] = [
    { name: 'migrate', action: 'db-migrate', inputs: { requires: 'build-push', ...taken } },
    {
      name: 'rollout',
      action: 'rollout',
      inputs: { requires: 'db-migrate', 'proven-by': 'promote', ...taken },
    },
    { name: 'smoke', action: 'smoke-test', inputs: { requires: 'rollout' } },
    { name: 'watch', action: 'watch-metrics', inputs: { requires: 'smoke-test' } },
    { name: 'promote', action: 'build-push', inputs: { requires: 'watch-metrics', promote: 'true' } },
  ];
  let release = prepared.record;
  let changed = false;
  for (const step of steps) {
    const result = await runStep({ ...step, inputs: { ...step.inputs, release } }, { prepared, attempt });
    if (result === null) return { state: 'killed', step: step.name, why: '', backMs: 0 };
    const { outputs, code } = result;
    release = outputs.release ?? release;
    changed ||= step.name === 'rollout' && outputs.changed === 'true';
    if (code === 0) continue;
    const why = `${step.name}: ${result.errors.join(' ') || result.stderr}`;
    if (outputs.proven === 'true') return { state: 'proven', step: step.name, why, backMs: 0 };
    if (!changed) return { state: isLocked(why) ? 'refused' : 'unchanged', step: step.name, why, backMs: 0 };
    return rollBackOwn(prepared, attempt, runStep, { step: step.name, why, release });
  }
  return { state: 'proven', step: 'promote', why: '', backMs: 0 };
}

function isLocked(why: string): boolean {
  return /the target is locked by/.test(why);
}

async function rollBackOwn(
  prepared: Prepared,
  attempt: number,
  runStep: RunStep,
  failed: { step: string; why: string; release: string },
): Promise<JobResult> {
  const start = performance.now();
  const { version } = prepared;
  const inputs = { to: 'own', version, release: failed.release };
  const back = await runStep({ name: 'rollback', action: 'rollback', inputs }, { prepared, attempt });
  const backMs = performance.now() - start;
  if (back === null) return { state: 'killed', step: 'rollback', why: '', backMs };
  if (back.code === 0) return { state: 'rolled back', step: failed.step, why: failed.why, backMs };
  return { state: 'broken', step: 'rollback', why: back.errors.join(' ') || back.stderr, backMs };
}
