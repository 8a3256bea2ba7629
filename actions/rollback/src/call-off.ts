import { describeDestination, type RestoreTarget, type RolledService, releaseName } from '@slipway/release';
import type { Result } from '@slipway/runner';
import { callOffRestore, type OpenTarget } from '@slipway/transaction';
import type { RollbackContext } from './context.ts';
import type { DatabasePlan } from './database-change.ts';

interface FailedRollback {
  choice: RestoreTarget;
  plan: DatabasePlan;
  /** What became of each; empty when nothing was tried. */
  services: readonly RolledService[];
  /** What did not succeed, for each service. */
  why: string;
}

/**
 * Ends a rollback that somebody asked for and that could not replace anything of a proven release.
 * @returns null when that cannot be said: then the rollback is incomplete.
 */
export async function callOff(
  { inputs: { to } }: RollbackContext,
  target: OpenTarget,
  { choice, plan, services, why }: FailedRollback,
): Promise<Result | null> {
  // What was found bad by its own run goes back, whatever it takes.
  if (to === 'own' || to === 'unfinished' || choice.from === choice.to) return null;
  const keepsDatabase = plan.kind === 'keep' && choice.from.phase === 'proven';
  if (!keepsDatabase && choice.migrated.length > 0) return null;
  if (!(await callOffRestore(target, choice, services))) return null;
  return {
    outcome: 'failed',
    summary: `${describeDestination(choice)} cannot be restored: ${why.replace(/\.$/, '')}. Nothing was changed: ${releaseName(choice.from)} still serves and is proven.`,
    hint: 'Fix the cause and start a new rollback, or name another version.',
    outputs: { reason: 'refused' },
  };
}
