import type { DatabaseConfig } from '@slipway/config';
import { describeLoss, openStore, parseKey, type Restored, restoreDatabase } from '@slipway/database';
import type { ActionContext, Result } from '@slipway/runner';
import { findPostgresProgram } from '@slipway/runner/programs';
import { hideSecrets } from './backup.ts';

export interface RestoreInputs {
  /** `latest`, or the name or address of a dump. */
  from: string;
  /** The exact name of the database, or nothing to try it and be told what would be lost. */
  confirm: string;
}

/** What a restore needs of its step, whatever the inputs of the action are called. */
export type RestoreContext = Pick<
  ActionContext<object, 'database' | 'programs'>,
  | 'config'
  | 'exec'
  | 'temp'
  | 'env'
  | 'workspace'
  | 'clock'
  | 'signal'
  | 'log'
  | 'redactor'
  | 'dryRun'
  | 'output'
>;

/**
 * Restores the database from a backup. A dry run is one without confirmation: restored, checked, reported, dropped.
 * @throws UserError, Fault, Cancelled; then the old database is in its place.
 */
export async function restoreBackup(
  context: RestoreContext,
  database: DatabaseConfig,
  { from, confirm }: RestoreInputs,
): Promise<Result> {
  const { config, exec, temp, env, clock, signal, log, redactor, dryRun } = context;
  const url = database['direct-url'] ?? database.url;
  redactor.add(url);
  hideSecrets(context, database.backup);
  const { encrypt } = database.backup;
  const restored = await log.group('Restore', () =>
    restoreDatabase({
      url,
      store: openStore(database.backup, context),
      from: from || 'latest',
      confirm: dryRun ? '' : confirm,
      key: encrypt === undefined ? null : parseKey(encrypt),
      findPgRestore: async (major) => {
        const options = { programs: config.programs, exec, temp };
        return (await findPostgresProgram('pg_restore', major, options)).command[0];
      },
      env,
      clock,
      signal,
      log,
    }),
  );
  context.output({ backup: restored.backup.file });
  return describeRestore(restored);
}

/** What was done, and what is lost by it, in the first sentence. Pure. */
export function describeRestore(restored: Restored): Result {
  const { backup, database } = restored;
  const lost = describeLoss(restored.loss).join('; ');
  const from = `${backup.file} of ${backup.createdAt} (${Object.keys(backup.counts).length} tables, all rows there)`;
  if (!restored.swapped) {
    return {
      outcome: 'skipped',
      summary: `The backup ${from} restores; nothing was changed. Restoring it would lose: ${lost}.`,
      hint: `To do it, run this again with confirm: ${database}`,
    };
  }
  const { sequences, checkpoints } = restored.carried;
  const care = [
    ...(sequences.length > 0 ? [`${sequences.join(', ')} goes on beyond the old head`] : []),
    ...(checkpoints > 0 ? [`${checkpoints} checkpoints were set back to the restored head`] : []),
  ];
  return {
    outcome: 'passed',
    summary: `The database ${database} was restored from ${from}. Lost: ${lost}.${care.length > 0 ? ` ${care.join('; ')}.` : ''} The old one is kept as ${restored.old}.`,
    hint: `When nothing of it is needed any more: DROP DATABASE "${restored.old}". Messages and e-mails that were sent since the backup cannot be taken back; rebuild projections that live outside of this database.`,
  };
}
