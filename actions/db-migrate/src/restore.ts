import {
  afterRestore,
  type BackupManifest,
  configuredRestore,
  describeBackup,
  describeLoss,
  describeRestored,
  previewRestore,
  type RestorePreview,
  type RestoreResult,
  restoreDatabase,
} from '@slipway/backup';
import type { DatabaseConfig } from '@slipway/config';
import type { ActionContext, Result } from '@slipway/runner';
import { findPostgresProgram } from '@slipway/runner/programs';

export interface RestoreInputs {
  /** `latest`, or the name or address of a dump. */
  from: string;
  /** The exact name of the database, or nothing to try it and see what would be lost. */
  confirm: string;
  /** Asked right before the database is replaced. @throws whatever keeps it from that. */
  assertMaySwap(): Promise<void>;
}

/** What a restore needs of its step, whatever the inputs of the action are called. */
export type RestoreContext = Pick<
  ActionContext<object, 'database' | 'programs'>,
  | 'config'
  | 'exec'
  | 'http'
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
 * Restores the database from a backup. Without confirmation it is restored next to the database, checked, reported and
 * dropped; a dry run makes nothing on the server and reports from the manifest.
 * @throws UserError, Fault, Cancelled; then the old database is in its place.
 */
export async function restoreBackup(
  context: RestoreContext,
  database: DatabaseConfig,
  { from, confirm, assertMaySwap }: RestoreInputs,
): Promise<Result> {
  const { config, log, dryRun } = context;
  const options = await configuredRestore(database, {
    ...context,
    from: from || 'latest',
    confirm,
    assertMaySwap,
    findPgRestore: async (major) => {
      const options = { ...context, programs: config.programs };
      return (await findPostgresProgram('pg_restore', major, options)).command[0];
    },
  });
  if (dryRun) {
    const preview = await previewRestore(options);
    context.output({ backup: preview.backup.file });
    return describePreview(preview);
  }
  const restored = await log.group('Restore', () => restoreDatabase(options));
  context.output({ backup: restored.backup.file });
  return describeRestore(restored);
}

/** Pure. */
function describePreview({ backup, database, loss }: RestorePreview): Result {
  const about = `proven by ${backup.proof.kind}, ${tablesOf(backup)} tables`;
  return {
    outcome: 'skipped',
    summary: `Dry run: the backup ${backup.file} of ${backup.createdAt} (${about}) would be restored; nothing was done on the server. Restoring it would lose: ${describeLoss(loss).join('; ')}.`,
    hint: `Without dry-run and confirm, it is restored next to the database, checked and dropped again; with confirm: ${database}, it replaces the database.`,
  };
}

function tablesOf({ counts }: BackupManifest): number {
  return Object.keys(counts).length;
}

/** What was done, and what is lost by it, in the first sentence. Pure. */
function describeRestore(restored: RestoreResult): Result {
  const { backup, database } = restored;
  if (restored.swapped)
    return { outcome: 'passed', summary: describeRestored(restored), hint: afterRestore(restored.old) };
  const lost = describeLoss(restored.loss).join('; ');
  return {
    outcome: 'skipped',
    summary: `The backup ${describeBackup(backup)} restores; nothing was changed. Restoring it would lose: ${lost}.`,
    hint: `To restore it, run this again with confirm: ${database}`,
  };
}
