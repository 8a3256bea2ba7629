import {
  checkRestore,
  configuredRestore,
  describeLoss,
  hasDatabase,
  previewRestore,
  type RestoreOptions,
} from '@slipway/backup';
import { UserError } from '@slipway/kernel';
import { type RestoreTarget, releaseName, type TargetState } from '@slipway/release';
import { findPostgresProgram } from '@slipway/runner/programs';
import type { RollbackContext } from './context.ts';
import type { DatabasePlan } from './database-change.ts';
import { readReversalOf } from './reversal.ts';
import { refuseSchema } from './schema-gate.ts';
import { tooNew } from './too-new.ts';

const howToConfirm =
  'To restore the database too, start rollback.yml with "confirm-restore" set to the exact name of the database; with dry-run it says what would be lost.';

/** Without a person, the database stays. @throws UserError when what comes back may not run on the schema. */
export async function planUnconfirmed(
  context: RollbackContext,
  choice: RestoreTarget,
  state: TargetState,
): Promise<DatabasePlan> {
  const doubt = await refuseSchema(context, choice, state).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(error.message, { hint: `${howToConfirm} ${error.hint ?? ''}`.trim(), cause: error });
  });
  const left = `The database was left as it is: a restore has to be confirmed by a person. ${howToConfirm}`;
  context.log.annotate({ level: 'warning', title: 'The database was not restored', message: left });
  return { kind: 'keep', note: doubt === null ? left : `${doubt} ${left}` };
}

/**
 * Plans to put the backup from before the migrations in the place of the database, and checks what would keep it from that.
 * @throws UserError, Fault, Cancelled; nothing was changed.
 */
export async function planRestore(
  context: RollbackContext,
  choice: RestoreTarget,
  state: TargetState,
): Promise<DatabasePlan> {
  const options = await restoreOptions(context, choice, state);
  const when = choice.contracted ? 'before' : 'after';
  const { oldDatabase } = choice.from;
  // An earlier attempt got as far as this.
  if (oldDatabase !== undefined && (await hasDatabase(options, oldDatabase)))
    return { kind: 'restore', when, options, what: 'the database was restored by an earlier attempt' };
  // Counting what would be lost takes its time in a large database, and what is broken must not wait for that.
  const isRead = context.dryRun || context.inputs.mode === 'rehearse';
  const { backup, loss } = isRead
    ? await previewRestore(options)
    : { backup: await checkRestore(options), loss: null };
  const { versions } = await readReversalOf(context, choice);
  const problem = tooNew(backup, choice, versions);
  if (problem !== null) throw new UserError(problem, { hint: 'Name an older backup in "restore-from".' });
  const lost = loss ? `, which would lose: ${describeLoss(loss).join('; ')}` : '';
  const what = `the backup ${backup.file} of ${backup.createdAt} would be restored ${when} the services${lost}`;
  return { kind: 'restore', when, options, what };
}

async function restoreOptions(
  context: RollbackContext,
  choice: RestoreTarget,
  state: TargetState,
): Promise<RestoreOptions> {
  const { database } = context.readConfig(['database.url', 'database.direct-url', 'database.backup']);
  if (!database) throw new UserError('no database is configured');
  const { 'confirm-restore': confirm, 'restore-from': from } = context.inputs;
  return configuredRestore(database, {
    ...context,
    confirm,
    from: from || { madeBy: oldestMigrated(choice, state) },
    assertMaySwap: async () => undefined,
    findPgRestore: async (major) => {
      const found = await findPostgresProgram('pg_restore', major, {
        ...context,
        programs: context.config.programs,
      });
      return found.command[0];
    },
  });
}

/**
 * The id of the oldest release whose migrations are in the database: only its backup is certainly from before all of them.
 * @throws UserError when another release had that id, so that one of its backups may be from an earlier time.
 */
function oldestMigrated({ migrated }: RestoreTarget, { releases }: TargetState): string {
  const oldest = migrated.at(-1);
  if (!oldest) throw new UserError('no release since then has migrated the database');
  const isAmbiguous = releases.some((one) => one.id === oldest.id && !migrated.includes(one));
  if (!isAmbiguous) return oldest.id;
  throw new UserError(
    `${releaseName(oldest)} was released more than once: which of its backups is the one from before its migrations is not known`,
    { hint: 'Name the dump in "restore-from".' },
  );
}
