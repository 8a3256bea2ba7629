import * as path from 'node:path';
import type { Command } from '@slipway/kernel';
import type { CommandPrefix } from '@slipway/runner/programs';
import type { ImagePlan } from './image-plan.ts';

export interface BuildPaths {
  workspace: string;
  /** Where buildx writes what it pushed. */
  metadata: string;
}

/**
 * Builds and pushes one image. Whether attestations are added is left to buildx, which adds them where the builder
 * can and leaves them out where it cannot.
 */
export function buildCommand(
  buildx: CommandPrefix,
  plan: ImagePlan & { build: NonNullable<ImagePlan['build']> },
  paths: BuildPaths,
): Command {
  const { build } = plan;
  const context = path.resolve(paths.workspace, build.context);
  const options = [
    ['--file', path.resolve(context, build.dockerfile)],
    ...(build.target === undefined ? [] : [['--target', build.target]]),
    ...plan.tags.map((tag) => ['--tag', `${plan.repository}:${tag}`]),
    ...Object.entries(plan.labels).map(([name, value]) => ['--label', `${name}=${value}`]),
    ...Object.entries(plan.args).map(([name, value]) => ['--build-arg', `${name}=${value}`]),
  ];
  const [program, ...sub] = buildx;
  return {
    argv: [
      program,
      ...sub,
      'build',
      '--push',
      '--progress=plain',
      '--metadata-file',
      paths.metadata,
      ...options.flat(),
      context,
    ],
    cwd: paths.workspace,
  };
}

/** A command line as it would be typed in a shell. */
export function shellLine(command: Command): string {
  return command.argv
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}
