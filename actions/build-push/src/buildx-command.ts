import * as path from 'node:path';
import { isRemoteContext } from '@slipway/config';
import type { Command } from '@slipway/kernel';
import type { CommandPrefix } from '@slipway/runner/programs';
import type { BuiltPlan } from './image-plan.ts';

export interface BuildPaths {
  workspace: string;
  /** Where buildx writes what it pushed. */
  metadata: string;
}

/**
 * Builds an image and pushes it under its tags. Whether attestations are added is left to buildx, which adds them where
 * the builder can and leaves them out where it cannot. Secrets are named, and read from the environment.
 */
export function buildCommand(
  buildx: CommandPrefix,
  { repository, build }: BuiltPlan,
  tags: readonly string[],
  paths: BuildPaths,
): Command {
  const remote = isRemoteContext(build.context);
  const context = remote ? build.context : path.resolve(paths.workspace, build.context);
  const file = remote ? build.dockerfile : path.resolve(context, build.dockerfile);
  const options = [
    ['--file', file],
    ...(build.target === undefined ? [] : [['--target', build.target]]),
    ...tags.map((tag) => ['--tag', `${repository}:${tag}`]),
    ...Object.entries(build.labels).map(([name, value]) => ['--label', `${name}=${value}`]),
    ...Object.entries(build.args).map(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...Object.entries(build.secrets).map(([id, variable]) => ['--secret', `id=${id},env=${variable}`]),
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
    ...sourceDate(build.labels),
  };
}

/** BuildKit takes it for the times in the image, so that building the same sources again makes the same image. */
function sourceDate(labels: Readonly<Record<string, string>>): Pick<Command, 'env'> {
  const created = labels['org.opencontainers.image.created'];
  return created === undefined ? {} : { env: { SOURCE_DATE_EPOCH: String(Date.parse(created) / 1000) } };
}

/** A command line as it would be typed in a shell. */
export function shellLine(command: Command): string {
  return command.argv
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}
