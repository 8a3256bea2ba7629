import type { Backup } from '@slipway/backup';
import type { MigrationPlan } from '@slipway/migrations';
import type { MigrationFile, RecordedDatabase, ReleaseRecord } from '@slipway/release';
import type { BackupPolicy, MigrateContext } from './migration.ts';

/** What a step has done so far. */
export interface Progress {
  plan: Pick<MigrationPlan, 'before' | 'current' | 'earlier' | 'class' | 'contractMigrations'>;
  backup: Backup | null;
  /** Versions that this step has applied. */
  applied: readonly string[];
}

/** Whether a backup is made before anything runs. Pure. */
export function wantsBackup(policy: BackupPolicy, hasWork: boolean): boolean {
  return policy === 'always' || (policy === 'when-pending' && hasWork);
}

/** Versions of the files that ran. Pure. */
export function appliedVersions(files: readonly MigrationFile[]): string[] {
  return files.filter(({ state }) => state === 'applied').map(({ version }) => version);
}

/**
 * The release record as of this moment. A backup that an earlier attempt of the release made stays in it: it is the one
 * from before the release. Pure.
 */
export function recordOf(record: ReleaseRecord, { plan, backup, applied }: Progress): ReleaseRecord {
  const database: RecordedDatabase = {
    before: plan.before,
    after: applied.at(-1) ?? plan.current,
    applied: [...plan.earlier, ...applied],
    class: plan.class,
    contracts: plan.contractMigrations,
    backup: record.database?.backup ?? backup,
  };
  return { ...record, database };
}

/** From here on the record says what this step did, even when it is killed. */
export function saveProgress(
  context: Pick<MigrateContext, 'record' | 'saveRecord' | 'output'>,
  progress: Progress,
): void {
  context.saveRecord(recordOf(context.record, progress));
  context.output({ backup: progress.backup?.file ?? '' });
}
