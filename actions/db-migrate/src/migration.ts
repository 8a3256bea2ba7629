import type { DatabaseConfig } from '@slipway/config';
import type { Backup, Migration, MigrationPlan, MigrationSession } from '@slipway/database';
import type { MigrationFile, RecordedDatabase } from '@slipway/release';
import type { ActionContext } from '@slipway/runner';

export type BackupPolicy = 'when-pending' | 'always' | 'never';
export type MigrateContext = ActionContext<{ backup: BackupPolicy }, 'database' | 'programs'>;

/** One run of the migrations, as far as it has come. */
export interface MigrationRun {
  context: MigrateContext;
  database: DatabaseConfig;
  session: MigrationSession;
  files: readonly Migration[];
  plan: MigrationPlan;
  /** Whether the version table has to be made, with the schema files before it. */
  firstTime: boolean;
  backup: Backup | null;
  /** What has run, in order, for the report. */
  done: MigrationFile[];
}

/** What goes into the release record at this moment. */
export function recorded(run: MigrationRun): RecordedDatabase {
  const applied = run.done.filter(({ state }) => state === 'applied').map(({ version }) => version);
  return {
    before: run.plan.before,
    after: applied.at(-1) ?? run.plan.before,
    applied,
    class: run.plan.class,
    backup: run.backup,
  };
}
