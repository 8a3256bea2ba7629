import { parseVersion, tagsOfVersion, UserError } from '@slipway/kernel';
import type { ReleaseRecord } from '@slipway/release';
import type { ActionContext } from './action.ts';
import { commitOf, findTag, type TagLookup } from './checkout.ts';
import type { CommonInputs } from './inputs.ts';

type Context = Pick<
  ActionContext<CommonInputs, never>,
  'record' | 'run' | 'env' | 'workspace' | 'exec' | 'log' | 'redactor'
>;
type Inputs = Pick<CommonInputs, 'version' | 'release'> & { 'github-token'?: string };

/** Whether the sources in the workspace are those of the version, and the tag that says so. */
export type VersionCommit =
  | { state: 'bound'; tag: string | null }
  | { state: 'mismatch' | 'unknown'; problem: string; remedy: string };

/**
 * Compares the checkout with the tag of the version: a version is its tag's commit, and a version without a tag is
 * whatever is checked out.
 */
export async function judgeVersionCommit(context: Context, inputs: Inputs): Promise<VersionCommit> {
  const { version } = context.record;
  const { head } = context.run;
  if (head === '' || version === '') return { state: 'bound', tag: null };
  const { names, required } = tagsOfVersion(inputs.version || runTag(context) || version);
  const found = await findTagOfVersion(context, inputs, names, required);
  if (found.state === 'found') {
    const { tag, commit } = found;
    return commit === head
      ? { state: 'bound', tag }
      : mismatch(`version ${version} is the tag ${tag} at commit ${short(commit)}`, head, `refs/tags/${tag}`);
  }
  if (found.state === 'unknown') {
    return {
      state: 'unknown',
      problem: `cannot determine whether version ${version} has a tag: ${found.reason}`,
      remedy: 'Let the token of the step read the repository (contents: read), or check out with tags.',
    };
  }
  if (!required) return { state: 'bound', tag: null };
  return {
    state: 'mismatch',
    problem: `the repository has no tag ${names[0]}`,
    remedy: 'Push the tag first, or set the input "version" to a version without a prefix.',
  };
}

/**
 * For an action that works with the sources in the workspace: they must be those of the release.
 * @throws UserError that names both commits when they are not.
 */
export async function requireCommitOfRelease(context: Context, inputs: Inputs): Promise<void> {
  const { record, run, log } = context;
  if (inputs.release.trim() !== '') return requireCommitOfRecord(record, run.head);
  const judged = await judgeVersionCommit(context, inputs);
  if (judged.state === 'mismatch') throw new UserError(judged.problem, { hint: judged.remedy });
  if (judged.state === 'unknown') log.warn(judged.problem);
}

function requireCommitOfRecord(record: ReleaseRecord, head: string): void {
  if (head === '' || record.commit === '' || record.commit === head) return;
  const release = `release ${record.id} is of commit ${short(record.commit)}`;
  const { problem, remedy } = mismatch(release, head, record.commit);
  throw new UserError(problem, { hint: remedy });
}

function mismatch(what: string, head: string, ref: string): Exclude<VersionCommit, { state: 'bound' }> {
  return {
    state: 'mismatch',
    problem: `${what}, but the workspace is at commit ${short(head)}`,
    remedy: `Check out the commit of the version before this step (actions/checkout with ref: ${ref}), or choose another version.`,
  };
}

/** The run's own tag is taken as it was when the run began, where the checkout has its commit; any other is looked up. */
async function findTagOfVersion(
  context: Context,
  inputs: Inputs,
  names: readonly string[],
  required: boolean,
): Promise<TagLookup> {
  const { record, run, env, redactor } = context;
  const own = runTag(context);
  const isOwn = required || inputs.version === '' ? names.includes(own) : versionOf(own) === record.version;
  const commit = isOwn ? await commitOf(context, run.sha) : undefined;
  if (commit) return { state: 'found', tag: own, commit };
  const token = inputs['github-token'] ?? '';
  redactor.add(token);
  return findTag(context, isOwn ? [own] : names, { token, server: env.GITHUB_SERVER_URL ?? '' });
}

/** The tag that started the run; empty for any other event. */
function runTag({ env }: Context): string {
  return env.GITHUB_REF_TYPE === 'tag' ? (env.GITHUB_REF_NAME ?? '') : '';
}

function versionOf(tag: string): string | undefined {
  try {
    return parseVersion(tag);
  } catch {
    return undefined;
  }
}

/** A commit as people write it. */
export function short(commit: string): string {
  return commit.slice(0, 7);
}
