import type { DatabaseConfig } from '@slipway/config';
import type { Backup, Migration, MigrationPlan, MigrationSession, VersionTable } from '@slipway/database';
import type { MigrationFile, RecordedDatabase, ReleaseRecord } from '@slipway/release';
import type { ActionContext } from '@slipway/runner';

export type BackupPolicy = 'when-pending' | 'always' | 'never';
export type MigrateContext = ActionContext<{ backup: BackupPolicy }, 'database' | 'programs'>;

/** One run of the migrations, as far as it has come. */
export interface MigrationRun {
  context: MigrateContext;
  database: DatabaseConfig;
  session: MigrationSession;
  files: readonly Migration[];
  schemas: readonly SchemaFile[];
  /** As it was found. */
  table: VersionTable;
  plan: MigrationPlan;
  backup: Backup | null;
  /** What has run, in order, for the report. */
  done: MigrationFile[];
}

/** An idempotent file that runs before the migrations. */
export interface SchemaFile {
  file: string;
  sql: string;
}

/** Whether anything will be run: migrations, or on a database without a version table also the schema files alone. */
export function hasWork({ plan, table }: MigrationRun): boolean {
  return plan.pending.length > 0 || table.rows === null;
}

export function wantsBackup(run: MigrationRun): boolean {
  const policy = run.context.inputs.backup;
  return policy === 'always' || (policy === 'when-pending' && hasWork(run));
}

/** Versions that this step has applied so far. */
export function appliedNow(run: MigrationRun): string[] {
  return run.done.filter(({ state }) => state === 'applied').map(({ version }) => version);
}

/**
 * The release record as of this moment. A backup that an earlier attempt of the release made is kept in it: it is the
 * one from before the release.
 */
export function recordNow(run: MigrationRun): ReleaseRecord {
  const { plan, context } = run;
  const fresh = appliedNow(run);
  const database: RecordedDatabase = {
    before: plan.before,
    after: fresh.at(-1) ?? plan.current,
    applied: [...plan.earlier, ...fresh],
    class: plan.class,
    backup: context.record.database?.backup ?? run.backup,
  };
  return { ...context.record, database };
}
