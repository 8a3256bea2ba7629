import type { Platform } from '@slipway/platform';
import { type RollbackTarget, releaseName } from '@slipway/release';
import type { Result } from '@slipway/runner';
import { findNotServing } from '@slipway/transaction';
import type { RollbackContext } from './context.ts';

/** A rollback that has nothing to do. Whether the proven release serves is observed, not taken from the state. */
export async function nothing(
  context: RollbackContext,
  { reason, proven }: Pick<Extract<RollbackTarget, { kind: 'nothing' }>, 'reason' | 'proven'>,
  platform: Pick<Platform, 'observe'>,
): Promise<Result> {
  const replaced = proven ? await findNotServing(platform, proven) : [];
  context.output({ changed: 'false', verified: String(proven !== null && replaced.length === 0) });
  const result: Result = {
    outcome: 'skipped',
    summary: `Nothing to roll back: ${reason}.`,
    outputs: { reason: 'nothing-to-do' },
  };
  if (!proven || replaced.length === 0) return result;
  const name = releaseName(proven);
  return {
    ...result,
    summary: `Nothing to roll back: ${reason}. But ${replaced.join(', ')} no longer serves it.`,
    hint: `A rollback with to: "${name}" restores it.`,
  };
}
