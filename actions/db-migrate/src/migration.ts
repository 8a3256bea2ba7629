import type { Backup } from '@slipway/backup';
import type { DatabaseConfig } from '@slipway/config';
import type {
  AssertionFile,
  Journal,
  MigrationFolder,
  MigrationPlan,
  ProjectionState,
  Rehearsal,
  SchemaFile,
  VersionTable,
} from '@slipway/migrations';
import type { MigrationSession } from '@slipway/postgres';
import type { ChecklistItem, MigrationFile, RecordedDatabase, ReleaseRecord } from '@slipway/release';
import type { ActionContext } from '@slipway/runner';
import type { FoundDrift } from './drift.ts';
import type { Review } from './review.ts';

export type BackupPolicy = 'when-pending' | 'always' | 'never';
/** Inputs of the action beside those that every action has. */
export interface MigrateInputs {
  mode: 'migrate' | 'restore';
  backup: BackupPolicy;
  from: string;
  confirm: string;
}

export type MigrateContext = ActionContext<MigrateInputs, 'database' | 'programs'>;

/** One run of the migrations, as far as it has come. */
export interface MigrationRun {
  context: MigrateContext;
  database: DatabaseConfig;
  session: MigrationSession;
  folder: MigrationFolder;
  schemas: readonly SchemaFile[];
  /** The version table as it was found. */
  versionTable: VersionTable;
  journal: Journal;
  plan: MigrationPlan;
  /** What the grammar and the lint say of the pending files. */
  review: Review;
  /** Whether the schema is as the last release left it; null when nobody wants to know. */
  drift: Promise<FoundDrift> | null;
  /** What must hold afterwards. */
  assertions: readonly AssertionFile[];
  /** Before anything ran. */
  projections: ProjectionState;
  /** What was proven so far, for the report. */
  checks: ChecklistItem[];
  backup: Backup | null;
  rehearsal: Rehearsal | null;
  /** What has run, in order, for the report. */
  done: MigrationFile[];
}

/** Whether anything will be run: migrations, or on a database without a version table also the schema files alone. */
export function hasWork({ plan, versionTable }: Pick<MigrationRun, 'plan' | 'versionTable'>): boolean {
  return plan.pending.length > 0 || versionTable.rows === null;
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
    contracts: plan.contractMigrations,
    backup: context.record.database?.backup ?? run.backup,
  };
  return { ...context.record, database };
}
