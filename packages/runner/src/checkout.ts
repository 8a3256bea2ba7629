import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { type CommandResult, type Exec, lastLine, UserError } from '@slipway/kernel';

/** The folder of a checkout, and what runs git in it. */
export interface Checkout {
  workspace: string;
  exec: Exec;
}

/** The commit that is checked out; undefined when the workspace is not a git checkout, or git cannot read it. */
export async function headCommit(checkout: Checkout): Promise<string | undefined> {
  return existsSync(path.join(checkout.workspace, '.git')) ? commitOf(checkout, 'HEAD') : undefined;
}

/** The commit that a revision names in the checkout; an annotated tag is followed. */
export async function commitOf(checkout: Checkout, revision: string): Promise<string | undefined> {
  const result = await git(checkout, ['rev-parse', '--verify', '--quiet', `${revision}^{commit}`]);
  return result?.ok ? result.stdout.data.trim() : undefined;
}

export type TagLookup =
  | { state: 'found'; tag: string; commit: string }
  | { state: 'none' }
  | { state: 'unknown'; reason: string };

/**
 * The first of these tags that exists, and its commit. A checkout usually has the history of one commit alone, so the
 * repository that it came from is asked as well.
 * @param token Reads the repository; empty uses the login that the checkout has.
 */
export async function findTag(
  checkout: Checkout,
  names: readonly string[],
  { token, server }: { token: string; server: string },
): Promise<TagLookup> {
  for (const tag of names) {
    const commit = await commitOf(checkout, `refs/tags/${tag}`);
    if (commit) return { state: 'found', tag, commit };
  }
  const remote = await git(checkout, ['config', '--get', 'remote.origin.url']);
  if (!remote?.ok) return { state: 'none' };
  const patterns = names.flatMap((name) => [`refs/tags/${name}`, `refs/tags/${name}^{}`]);
  const asked = await git(checkout, ['ls-remote', 'origin', ...patterns], loginFor(token, server));
  if (!asked?.ok) return { state: 'unknown', reason: asked ? lastLine(asked) : 'git is not installed' };
  const commits = new Map(
    asked.stdout.data
      .trim()
      .split('\n')
      .map((line) => line.split('\t'))
      .map(([commit = '', ref = '']) => [ref, commit]),
  );
  for (const tag of names) {
    const commit = commits.get(`refs/tags/${tag}^{}`) ?? commits.get(`refs/tags/${tag}`);
    if (commit) return { state: 'found', tag, commit };
  }
  return { state: 'none' };
}

/** As actions/checkout logs in, but in the environment of one command. The empty value replaces what is configured. */
function loginFor(token: string, server: string): Record<string, string> {
  if (token === '' || server === '') return {};
  const key = `http.${server}/.extraheader`;
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  return {
    GIT_CONFIG_COUNT: '2',
    ...{ GIT_CONFIG_KEY_0: key, GIT_CONFIG_VALUE_0: '' },
    ...{ GIT_CONFIG_KEY_1: key, GIT_CONFIG_VALUE_1: `AUTHORIZATION: basic ${basic}` },
  };
}

/**
 * Runs git in the checkout; in containers, another user usually owns it. Undefined when git is not installed.
 * @throws Cancelled
 */
export async function git(
  { workspace, exec }: Checkout,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<CommandResult | undefined> {
  try {
    return await exec({
      argv: ['git', '-c', `safe.directory=${workspace}`, '-C', workspace, ...args],
      env: { ...env, GIT_TERMINAL_PROMPT: '0' },
      timeoutMs: 30_000,
    });
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
