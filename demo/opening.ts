import { type BundleResult, runBundle } from '../test/support/action.ts';
import { stepEnvironment } from '../test/support/images.ts';
import { environment as demo } from './release.ts';
import type { Stage } from './stage.ts';

/**
 * Brings version 1.0.0 into service before the story begins: the same bundles, one after the other, each on its own
 * with inputs, as in anybody's own workflow.
 */
export async function bringUpFirstVersion(
  stage: Stage,
  version: string,
  sha: string,
  environment = demo,
): Promise<void> {
  const env = {
    ...stepEnvironment(stage),
    GITHUB_SHA: sha,
    GITHUB_RUN_ID: '1',
    GITHUB_REPOSITORY: stage.repository.name,
  };
  let release = '';
  const step = async (name: string, inputs: Record<string, string> = {}): Promise<void> => {
    const all = { config: stage.config, environment, version, release, ...inputs };
    const run = await runBundle(name, { inputs: all, env, workspace: stage.repository.dir });
    if (run.code !== 0) throw new Error(`version ${version} could not be brought up: ${explain(run)}`);
    release = run.outputs.release ?? '';
  };
  await step('db-migrate');
  await step('build-push');
  await step('rollout');
  await step('build-push', { promote: 'true' });
}

function explain(run: BundleResult): string {
  return run.errors.join('\n') || run.stderr || run.stdout;
}
