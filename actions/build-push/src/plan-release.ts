import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { isRemoteContext } from '@slipway/config';
import { UserError } from '@slipway/kernel';
import { git } from '@slipway/runner';
import { buildKey, keyLabel } from './build-key.ts';
import type { BuildPushContext } from './context.ts';
import { type ImagePlan, planImages } from './image-plan.ts';
import { checkBuildSecrets } from './secret-arguments.ts';

/** The images of the release. @throws UserError for whatever would stop a build, before anything is built. */
export async function planRelease(context: BuildPushContext): Promise<ImagePlan[]> {
  const { config, record, run, workspace } = context;
  const plans = planImages(config.services, record, {
    source: run.repositoryUrl,
    committed: await commitTime(context),
  });
  if (plans.length === 0) throw new UserError('the configuration has no services to build');
  checkSources(plans, workspace);
  checkBuildSecrets(config.services, context);
  const sources = { workspace, exec: context.exec, head: run.head };
  return Promise.all(
    plans.map(async (plan) => {
      if (!plan.build) return plan;
      const key = await buildKey({ ...plan, build: plan.build }, sources);
      return { ...plan, build: { ...plan.build, labels: { ...plan.build.labels, [keyLabel]: key } } };
    }),
  );
}

/** When the commit was made; null when the workspace is not a git checkout. */
async function commitTime(context: BuildPushContext): Promise<Date | null> {
  if (context.run.head === '') return null;
  const shown = await git(context, ['show', '--no-patch', '--format=%ct', context.run.head]);
  const seconds = Number(shown?.ok ? shown.stdout.data.trim() : Number.NaN);
  return Number.isInteger(seconds) ? new Date(seconds * 1000) : null;
}

/** @throws UserError that names every missing folder and file, before anything is built. */
function checkSources(plans: readonly ImagePlan[], workspace: string): void {
  const problems = plans.flatMap(({ services: [service], build }) => {
    if (!build || isRemoteContext(build.context)) return [];
    const folder = path.resolve(workspace, build.context);
    if (!existsSync(folder))
      return [`services.${service}.build.context: folder ${build.context} does not exist`];
    const file = path.resolve(folder, build.dockerfile);
    const shown = path.relative(workspace, file);
    return existsSync(file) ? [] : [`services.${service}.build.dockerfile: file ${shown} does not exist`];
  });
  if (problems.length > 0) {
    throw new UserError(problems.join('\n'), {
      hint: 'Check out the repository before this step. "dockerfile" is relative to "context".',
    });
  }
}
