import { Fault, UserError } from '@slipway/kernel';
import type { RestoreTarget, TargetState } from '@slipway/release';
import type { RollbackContext } from './context.ts';
import type { DatabasePlan } from './database-change.ts';
import { planDown } from './plan-down.ts';
import { refuseUnknownSchema } from './refusal.ts';
import { refuseSchema } from './schema-gate.ts';

/**
 * Decides what happens to the database, as `rollback.database` says.
 * @throws UserError when what comes back may not run on the schema, and nothing can be done about that; Cancelled.
 */
export async function planDatabase(
  context: RollbackContext,
  choice: RestoreTarget,
  state: TargetState,
): Promise<DatabasePlan> {
  const { from, to, migrated } = choice;
  const { force, 'confirm-restore': confirmed } = context.inputs;
  const policy = context.config.rollback.database;
  if (confirmed !== '' && policy !== 'restore')
    throw new UserError(`a restore of the database is confirmed, but rollback.database is "${policy}"`, {
      hint: 'Set it to "restore" for this environment, or leave "confirm-restore" out.',
    });
  if (policy === 'down' && !force) refuseUnknownSchema(choice, state);
  const isConcerned = !force && to !== null && from !== to && migrated.length > 0;
  if (isConcerned && policy === 'down') return planDown(context, choice, { to, state });
  if (isConcerned && policy === 'restore') {
    // Loaded only where it is needed: it brings the stores of backups with it.
    const { planRestore, planUnconfirmed } = await import('./plan-restore.ts');
    if (confirmed === '') return planUnconfirmed(context, choice, state);
    return planRestore(context, choice, state).catch(refuse);
  }
  const doubt = await refuseSchema(context, choice, state);
  if (confirmed === '') return { kind: 'keep', note: doubt };
  const why = force
    ? '"force" is set'
    : to === null
      ? 'Slipway did not release what ran before'
      : 'it has no migration of a later release';
  return { kind: 'keep', note: [`The database was left as it is: ${why}.`, doubt ?? []].flat().join(' ') };
}

/** The store of the backups or the database does not answer, and the target does. @throws UserError in place of a Fault; anything else as it is. */
function refuse(error: unknown): never {
  if (!(error instanceof Fault)) throw error;
  const { message, hint, cause } = error;
  throw new UserError(`the restore of the database cannot begin: ${message}`, {
    ...(hint ? { hint } : {}),
    cause,
  });
}
