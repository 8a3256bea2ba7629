import { Fault, UserError } from '@slipway/kernel';
import type { RunningService } from '@slipway/platform';
import { type RestoreTarget, type RolledService, releasesInvolved } from '@slipway/release';
import { notServing } from './not-serving.ts';
import { TargetOvertaken } from './target-errors.ts';
import type { OpenTarget } from './with-transaction.ts';

/**
 * Ends a restore that replaced nothing: a proven release of which every service still serves is proven as before. Left as
 * it is, the next release would go back beyond it. Nobody may have changed the database for that restore.
 * @param services What became of each service; empty when nothing was tried.
 * @returns false when the release was not proven, or does not serve whole, or that is not known.
 * @throws TargetOvertaken; Cancelled.
 */
export async function callOffRestore(
  { platform, transaction }: OpenTarget,
  choice: RestoreTarget,
  services: readonly Pick<RolledService, 'state'>[] = [],
): Promise<boolean> {
  const { from } = choice;
  if (from.provenAt === null || services.some(({ state }) => state === 'restored')) return false;
  const names = new Set([...Object.keys(from.services), ...Object.keys(choice.services)]);
  try {
    const observed = await platform.observe([...names], releasesInvolved(choice));
    if (notServing(from.services, observed).length > 0 || !isUntouched(choice, observed)) return false;
    await transaction.send({ kind: 'call-off', sequence: from.sequence });
    return true;
  } catch (error) {
    if (error instanceof TargetOvertaken) throw error;
    if (error instanceof Fault || error instanceof UserError) return false;
    throw error;
  }
}

/** Whether every replica is one that the release made: another one with the same image may have other settings. */
function isUntouched({ from }: RestoreTarget, observed: ReadonlyMap<string, RunningService>): boolean {
  return [...observed].every(([name, { replicas }]) =>
    replicas.every(({ release }) => release === from.services[name]?.release),
  );
}
