import type { FindPrograms } from '@slipway/platform';
import {
  changingRelease,
  provenRelease,
  type ReleaseEntry,
  type RollbackTarget,
  releaseName,
  type TargetState,
} from '@slipway/release';
import { reachTarget, readState } from '@slipway/transaction';
import type { RollbackContext } from './context.ts';

/**
 * The release that a person sees on the target and wants to leave, read before the lease is waited for: with `previous`,
 * two people who act at the same moment mean the same one. null for every other rollback.
 */
export async function askedFor(context: RollbackContext, find: FindPrograms): Promise<ReleaseEntry | null> {
  if (context.inputs.to !== 'previous') return null;
  const { platform } = await reachTarget(context, find);
  return releaseOn(await readState(context, platform.store)) ?? null;
}

/** Nothing to do when somebody else has replaced what was to be left; null when it is still there. Pure. */
export function replacedSince(
  asked: ReleaseEntry | null,
  state: TargetState,
): Extract<RollbackTarget, { kind: 'nothing' }> | null {
  const now = releaseOn(state);
  if (!asked || !now || now.sequence === asked.sequence) return null;
  return {
    kind: 'nothing',
    reason: `${releaseName(asked)} was replaced by ${releaseName(now)} while this rollback waited`,
    proven: now.phase === 'proven' ? now : null,
  };
}

function releaseOn(state: TargetState): ReleaseEntry | undefined {
  return changingRelease(state) ?? provenRelease(state);
}
