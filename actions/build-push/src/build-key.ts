import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import * as path from 'node:path';
import { isRemoteContext } from '@slipway/config';
import type { Exec } from '@slipway/kernel';
import { git } from '@slipway/runner';
import type { BuiltPlan } from './image-plan.ts';

/** The label that says which build inputs an image was made from. */
export const keyLabel = 'dev.slipway.build';

export interface BuildSources {
  workspace: string;
  exec: Exec;
  /** Commit that is checked out; empty when the workspace is not a git checkout. */
  head: string;
}

/**
 * A hash of everything that a build is made from and that is known before it: the sources in the context, the Dockerfile
 * with the names of its base images, target, arguments, the names of its secrets, and the platform of this machine.
 */
export async function buildKey({ build }: BuiltPlan, sources: BuildSources): Promise<string> {
  const { target = '', secrets } = build;
  const dockerfile = readDockerfile(build, sources.workspace);
  // Most Dockerfiles do not use the version: the same image may then have several.
  const usesVersion = dockerfile === undefined || /^\s*ARG\s[^\n]*\bVERSION\b/im.test(dockerfile);
  const args = Object.entries(build.args).filter(([name]) => name !== 'VERSION' || usesVersion);
  const inputs = {
    sources: await describeSources(build.context, sources),
    dockerfile: dockerfile ?? build.dockerfile,
    ...{ target, args: args.sort(), secrets: Object.keys(secrets).sort() },
    platform: process.arch,
  };
  return hash(JSON.stringify(inputs));
}

function readDockerfile(build: BuiltPlan['build'], workspace: string): string | undefined {
  if (isRemoteContext(build.context)) return undefined;
  return readFileSync(path.resolve(workspace, build.context, build.dockerfile), 'utf8');
}

/**
 * The sources as git names them: the tree of the commit, and what was changed since in files that git tracks. Files that
 * git does not track (caches, credentials of other steps) do not count; without a commit, every file counts.
 */
async function describeSources(context: string, sources: BuildSources): Promise<string> {
  if (isRemoteContext(context)) return context;
  const { workspace, head } = sources;
  const folder = path.resolve(workspace, context);
  const inside = path.relative(workspace, folder);
  if (head === '' || inside.startsWith('..') || path.isAbsolute(inside)) return hashFolder(folder);
  const tree = await git(sources, ['rev-parse', '--verify', '--quiet', `${head}:${inside}`]);
  if (!tree?.ok) return hashFolder(folder);
  const diff = ['diff', head, '--binary', '--full-index', '--no-ext-diff', '--no-textconv', '--no-color'];
  const changes = await git(sources, [...diff, '--', inside || '.']);
  if (!changes?.ok) return hashFolder(folder);
  const { data: changed } = changes.stdout;
  return [tree.stdout.data.trim(), changed === '' ? '' : hash(changed)].join('+');
}

function hashFolder(folder: string): string {
  const whole = createHash('sha256');
  for (const file of filesIn(folder)) {
    const { mode, link, content } = file;
    whole.update(JSON.stringify([file.name, mode, link, hash(content)]));
  }
  return whole.digest('hex');
}

function* filesIn(
  root: string,
  folder = '',
): Generator<{ name: string; mode: number; link: string; content: Buffer | string }> {
  const names = readdirSync(path.join(root, folder)).sort();
  for (const name of names.map((name) => path.join(folder, name)).filter((name) => name !== '.git')) {
    const file = path.join(root, name);
    const stat = lstatSync(file);
    if (stat.isDirectory()) yield* filesIn(root, name);
    else if (stat.isSymbolicLink()) yield { name, mode: 0, link: readlinkSync(file), content: '' };
    else if (stat.isFile()) yield { name, mode: stat.mode & 0o111, link: '', content: readFileSync(file) };
  }
}

function hash(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}
