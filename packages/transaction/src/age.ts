import { Cancelled } from '@slipway/kernel';
import { isOlderVersion, provenRelease, type TargetState } from '@slipway/release';
import type { TargetContext } from './context.ts';

type AgeContext = Pick<TargetContext, 'record' | 'exec' | 'workspace'>;

/**
 * Whether the release of the record is older than the proven one: by the history of the checkout when it has both commits,
 * else by the version.
 */
export async function isOlderRelease(context: AgeContext, state: TargetState): Promise<boolean> {
  const proven = provenRelease(state);
  if (!proven) return false;
  const { version, commit } = context.record;
  if (commit !== proven.commit && [commit, proven.commit].every(isCommit)) {
    const ancestor = await isAncestor(context, commit, proven.commit);
    if (ancestor) return true;
    if (ancestor === false && (await isAncestor(context, proven.commit, commit))) return false;
  }
  return isOlderVersion(version, proven.version);
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

function isCommit(text: string): boolean {
  return /^[0-9a-f]{7,64}$/.test(text);
}
