import { Cancelled } from '@slipway/kernel';
import { isOlderVersion, provenRelease, type TargetState } from '@slipway/release';
import * as z from 'zod';
import { askGitHub } from './ask-github.ts';
import type { TargetContext } from './context.ts';

type AgeContext = Pick<TargetContext, 'record' | 'exec' | 'workspace' | 'http' | 'signal' | 'run'>;

/** How a commit relates to another one; null when neither came before the other, or that is not known. */
type Order = 'older' | 'newer' | null;

/**
 * Whether the release of the record is older than the proven one: by the history of the checkout when it has both commits,
 * else by that on GitHub, else by the version.
 * @param token Needs `contents: read`; empty does not ask GitHub.
 */
export async function isOlderRelease(
  context: AgeContext,
  state: TargetState,
  token: string,
): Promise<boolean> {
  const proven = provenRelease(state);
  if (!proven) return false;
  const { version, commit } = context.record;
  if (commit !== proven.commit && [commit, proven.commit].every(isCommit)) {
    const order =
      (await orderInCheckout(context, commit, proven.commit)) ??
      (await orderOnGitHub({ ...context, token }, commit, proven.commit));
    if (order !== null) return order === 'older';
  }
  return isOlderVersion(version, proven.version);
}

async function orderInCheckout(context: AgeContext, commit: string, other: string): Promise<Order> {
  const isOlder = await isAncestor(context, commit, other);
  if (isOlder) return 'older';
  return isOlder === false && (await isAncestor(context, other, commit)) ? 'newer' : null;
}

/** null when git or one of the commits is missing: a checkout usually has a single commit. */
async function isAncestor(context: AgeContext, older: string, newer: string): Promise<boolean | null> {
  const { exec, workspace } = context;
  const argv = ['git', '-C', workspace, 'merge-base', '--is-ancestor', older, newer] as const;
  const done = await exec({ argv }).catch((error: unknown) => {
    if (error instanceof Cancelled) throw error;
    return null;
  });
  if (done?.state !== 'exited' || done.code > 1) return null;
  return done.ok;
}

const comparisonSchema = z.object({ status: z.enum(['ahead', 'behind', 'identical', 'diverged']) });

/**
 * By `GET /repos/{owner}/{repo}/compare/{base}...{head}`, whose second page has no files.
 * Source: https://docs.github.com/en/rest/commits/commits#compare-two-commits
 */
async function orderOnGitHub(
  access: Parameters<typeof askGitHub>[0],
  commit: string,
  other: string,
): Promise<Order> {
  const answer = await askGitHub(access, `compare/${other}...${commit}?page=2&per_page=1`);
  const { data } = comparisonSchema.safeParse(answer);
  if (data?.status === 'ahead') return 'newer';
  return data?.status === 'behind' ? 'older' : null;
}

function isCommit(text: string): boolean {
  return /^[0-9a-f]{7,64}$/.test(text);
}
