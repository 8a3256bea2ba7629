import { Fault, UserError } from '@slipway/kernel';
import type { ReleaseEntry, RolledService } from '@slipway/release';
import { findNotServing } from './not-serving.ts';
import { TargetOvertaken } from './target-errors.ts';
import type { OpenTarget } from './with-transaction.ts';

/**
 * Ends a restore that replaced nothing: a proven release of which every service still serves is proven as before. Left as
 * it is, the next release would go back beyond it. Nobody may have changed the database for that restore.
 * @param from The release that should have been replaced.
 * @param services What became of each service; empty when nothing was tried.
 * @returns false when the release was not proven, or does not serve whole, or that is not known.
 * @throws TargetOvertaken; Cancelled.
 */
export async function callOffRestore(
  { platform, transaction }: OpenTarget,
  from: ReleaseEntry,
  services: readonly Pick<RolledService, 'state'>[] = [],
): Promise<boolean> {
  if (from.provenAt === null || services.some(({ state }) => state === 'restored')) return false;
  try {
    const replaced = await findNotServing(platform, from);
    if (replaced.length > 0) return false;
    await transaction.send({ kind: 'call-off', sequence: from.sequence });
    return true;
  } catch (error) {
    if (error instanceof TargetOvertaken) throw error;
    if (error instanceof Fault || error instanceof UserError) return false;
    throw error;
  }
}
