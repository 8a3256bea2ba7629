import { afterRestore, describeRestored, hasDatabase, restoreDatabase } from '@slipway/backup';
import { Cancelled, describeError, Fault, UserError } from '@slipway/kernel';
import type { RestoreTarget } from '@slipway/release';
import type { OpenTarget } from '@slipway/transaction';
import type { RollbackContext } from './context.ts';
import type { DatabaseChange, DatabasePlan } from './database-change.ts';

/**
 * Puts a backup in the place of the database, and writes to the target that it is done. Run again after that, it does not
 * do so once more: what was written since would be lost.
 * @throws Fault when another run took the lease; Cancelled.
 */
export async function replaceDatabase(
  context: RollbackContext,
  target: OpenTarget,
  choice: RestoreTarget,
  { options }: Extract<DatabasePlan, { kind: 'restore' }>,
): Promise<DatabaseChange> {
  const { transaction, signal } = target;
  const { sequence, oldDatabase } = choice.from;
  let done: string | null = null;
  try {
    if (oldDatabase !== undefined && (await hasDatabase(options, oldDatabase)))
      done = `The database was restored by an earlier attempt; the old one is now named ${oldDatabase}.`;
    else done = await replace(context, target, { sequence, options: { ...options, signal } });
    await transaction.send({ kind: 'reverted', sequence });
    return { done, failure: null };
  } catch (error) {
    const isOurs = error instanceof Fault || error instanceof UserError;
    if (!isOurs || error instanceof Cancelled || signal.aborted) throw error;
    const what =
      done === null
        ? 'the database was not restored'
        : 'the database was restored, but that could not be written to the target';
    return { done, failure: `${what}: ${describeError(error)}` };
  }
}

async function replace(
  { log, output }: RollbackContext,
  { transaction }: OpenTarget,
  { sequence, options }: { sequence: number } & Pick<Extract<DatabasePlan, { kind: 'restore' }>, 'options'>,
): Promise<string> {
  const restored = await log.group('Restore the database', () =>
    restoreDatabase({
      ...options,
      assertMaySwap: async (old) => {
        await transaction.send({ kind: 'swapping', sequence, old });
      },
    }),
  );
  if (!restored.swapped) throw new UserError('the restore of the database is not confirmed');
  output({
    'restored-backup': restored.backup.file,
    'old-database': restored.old,
    loss: JSON.stringify(restored.loss),
  });
  const sentence = describeRestored(restored);
  log.info(sentence);
  return `${sentence} ${afterRestore(restored.old)}`;
}
