import { provenRelease, releaseName } from '@slipway/release';
import { readTarget } from './invariants.ts';
import type { Story } from './plan.ts';
import { type JobResult, type Prepared, type RunStep, releaseJob } from './release.ts';
import { undisturbed } from './run.ts';
import type { Site } from './site.ts';

/** A job of a story, as its run does it first and once more. */
export interface Job {
  prepared: Prepared;
  /** The version that serves before it. */
  before: string;
  /** Serves when the job is through. */
  after: string;
  /** How its run ends when nothing disturbs it. */
  goal: JobResult['state'];
  run(attempt: number, runStep: RunStep): Promise<JobResult>;
  /** What the rescue job does, or a person who finds the target unfinished. */
  rescue(runStep: RunStep): Promise<string>;
}

/** Lays out a story on a site that serves a proven version. */
export async function makeJob(site: Site, story: Story): Promise<Job> {
  const { versions } = site;
  const before = await provenVersion(site);
  if (story !== 'rollback') {
    const prepared = await versions.prepare(story === 'good' ? 'none' : story);
    const after = story === 'good' ? prepared.version : before;
    const { version, record } = prepared;
    const inputs = { to: 'own', version, release: record };
    return {
      ...{ prepared, before, after },
      goal: story === 'good' ? 'proven' : 'rolled back',
      run: (attempt, runStep) => releaseJob(prepared, attempt, runStep),
      rescue: (runStep) => rollBack(prepared, 1, runStep, inputs, 'rescue'),
    };
  }
  const released = await versions.prepare();
  const finished = await releaseJob(released, 1, undisturbed(site));
  if (finished.state !== 'proven') throw new Error(`${released.version} was not released: ${finished.why}`);
  const prepared = { ...released, runId: `${released.runId}7` };
  const other = { ...released, runId: `${released.runId}8` };
  return {
    ...{ prepared, before: released.version, after: before },
    goal: 'rolled back',
    async run(attempt, runStep) {
      const why = await rollBack(prepared, attempt, runStep, { to: 'previous' }, 'rollback');
      const state = why === killed ? 'killed' : why === '' ? 'rolled back' : 'broken';
      return { state, step: 'rollback', why, backMs: 0 };
    },
    rescue: (runStep) => rollBack(other, 1, runStep, { to: 'unfinished', 'take-over': 'true' }, 'rescue'),
  };
}

const killed = 'killed';

/** @returns why it failed; empty when it did not. */
async function rollBack(
  prepared: Prepared,
  attempt: number,
  runStep: RunStep,
  inputs: Record<string, string>,
  name: string,
): Promise<string> {
  const result = await runStep({ name, action: 'rollback', inputs }, { prepared, attempt });
  if (result === null) return killed;
  return result.code === 0 ? '' : `${name}: ${result.errors.join(' ') || result.stderr}`;
}

export async function provenVersion(site: Site): Promise<string> {
  const proven = provenRelease(await readTarget(site));
  return proven ? releaseName(proven) : 'none';
}
