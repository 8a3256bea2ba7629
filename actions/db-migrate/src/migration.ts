import type { Backup } from '@slipway/backup';
import type { DatabaseConfig } from '@slipway/config';
import type { Cancelled, Fault } from '@slipway/kernel';
import type {
  AssertionFile,
  Drift,
  Migration,
  MigrationFolder,
  MigrationPlan,
  MigrationTables,
  ProjectionState,
  Rehearsal,
  SchemaFile,
} from '@slipway/migrations';
import type { MigrationSession } from '@slipway/postgres';
import type { ChecklistItem, MigrationFile } from '@slipway/release';
import type { ActionContext } from '@slipway/runner';
import type { Script } from '@slipway/sql';

export type BackupPolicy = 'when-pending' | 'always' | 'never';

/** Inputs of the action, in addition to those that every action has. */
interface MigrateInputs {
  mode: 'migrate' | 'restore';
  backup: BackupPolicy;
  from: string;
  confirm: string;
  'allow-downgrade': boolean;
  'take-over': boolean;
  'github-token': string;
}

export const uses = ['database', 'programs', 'rollback'] as const;
export type MigrateContext = ActionContext<MigrateInputs, (typeof uses)[number]>;

/** A step with its connections. It is the same for every stage of a migration. */
export interface Connected {
  context: MigrateContext;
  database: DatabaseConfig;
  session: MigrationSession;
}

/** What the repository has, read while the server is being reached. */
export interface SourceFiles {
  folder: MigrationFolder;
  schemas: readonly SchemaFile[];
}

/** Stage 1: what is to be done, from the files and the database. */
export interface Prepared extends SourceFiles {
  /** Version table and journal as they were found, under the lock. */
  tables: MigrationTables;
  plan: MigrationPlan;
  /** Whether anything will be run: migrations, or on a database without a version table the schema files alone. */
  hasWork: boolean;
  /** What must hold afterwards. */
  assertions: readonly AssertionFile[];
  /** Whether the schema is as the last release left it, being found out; null when that is switched off. */
  drift: Promise<FoundDrift> | null;
}

/** Stage 2: nothing speaks against running it. */
export interface Reviewed extends Omit<Prepared, 'drift'> {
  /** What the grammar and the lint found in the pending files. */
  review: Review;
  /** Before anything ran. */
  projections: ProjectionState;
  /** What was proven so far, for the report. */
  checks: readonly ChecklistItem[];
  /** Whether the schema has drifted and a person accepted it: the next release is compared with that. */
  driftAccepted: boolean;
}

/** Stage 3: a backup is proven, and the files are rehearsed, where either was asked for. */
export interface BackedUp extends Reviewed {
  /** null: none was asked for. */
  backup: Backup | null;
  /** null: there was none. */
  rehearsal: Rehearsal | null;
}

/** Stage 4: every file ran. */
export interface Applied extends BackedUp {
  /** By the clock of the step, when the first file was sent. */
  startedAt: number;
  /** In the order in which they ran; fulfilled when the server has said how long each took. */
  files: Promise<readonly MigrationFile[]>;
}

/** What the files came to. */
export type ApplyResult =
  | { state: 'applied'; applied: Applied }
  | { state: 'stopped'; stopped: BackedUp; reason: Fault | Cancelled; files: readonly MigrationFile[] };

/** Stage 5: the database says what the files say. */
export interface Verified extends Omit<Applied, 'files'> {
  files: readonly MigrationFile[];
  /** The newest in the version table. */
  version: string | null;
}

export type VerifyResult =
  | { state: 'verified'; verified: Verified }
  | { state: 'unproven'; unproven: BackedUp; reason: Fault; files: readonly MigrationFile[] }
  | { state: 'stopped'; stopped: BackedUp; reason: Cancelled; files: readonly MigrationFile[] };

/** What PostgreSQL's grammar and the lint found in the files that are going to run. */
export interface Review {
  /** As they will run, with the class that the lint found. */
  pending: Migration[];
  scripts: ReadonlyMap<string, Script>;
  /** Files whose statements run one by one. */
  stepwise: ReadonlySet<string>;
  /** The down files, as the grammar reads them. */
  downs: readonly Script[];
  /** Whether the lint takes any of them for a contract migration. */
  contracts: boolean;
  /** Of the lint as a whole, for the checklist. */
  lint: Pick<ChecklistItem, 'evidence'> & { state: 'passed' | 'failed' | 'waived' };
}

/** How the schema differs from the one that the last release left, and the name by which that can be accepted. */
export type FoundDrift = Drift & { name: string };
