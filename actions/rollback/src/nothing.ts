import type { Result } from '@slipway/runner';
import type { RollbackContext } from './context.ts';

/** A rollback that has nothing to do. @param isProven Because the release that may be rolled back is proven. */
export function nothing(context: RollbackContext, reason: string, isProven = false): Result {
  context.output({ changed: 'false', verified: String(isProven) });
  return {
    outcome: 'skipped',
    summary: `Nothing to roll back: ${reason}.`,
    outputs: { reason: 'nothing-to-do' },
  };
}
