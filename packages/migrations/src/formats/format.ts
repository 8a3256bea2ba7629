import type { DatabaseConfig } from '@slipway/config';
import type { Client } from 'pg';

/** How teams write migrations: what the configuration knows. The names are those of the tools. */
export type FormatName = NonNullable<DatabaseConfig['migrations']['format']>;

/** One migration as a tool's folder holds it. */
export interface Migration {
  /**
   * What the version table calls it, and what identifies it: `002`, `20240101120000`, flyway's `1.2`,
   * node-pg-migrate's `1700000000000_add-users`, prisma's folder name, a change of sqitch.
   */
  version: string;
  /** Path as the user knows it. */
  file: string;
  /** What runs. Offsets and lines are those of the file: parts that do not run upwards are blanked, not cut out. */
  sql: string;
  /** Of the file with LF line ends. */
  sha256: string;
  /** As the tool itself computes and stores it; null where the tool stores none. */
  checksum: string | null;
  /** `repeatable` runs again whenever its checksum changes, after all others. */
  kind: 'versioned' | 'repeatable';
  /**
   * What the file's own switch says: `none` runs its statements one by one without a transaction, `own` has BEGIN and
   * COMMIT in it. `auto` lets the grammar decide.
   */
  transaction: 'auto' | 'none' | 'own';
  /** `contract`, by the comment `-- slipway: contract`: the version before cannot run on the schema any more. */
  class: 'expand' | 'contract';
  /** What undoes it; null when there is nothing of the kind. */
  down: { file: string; sql: string } | null;
}

/**
 * The files below a folder, by their path relative to it, with `/` between parts. Those that no format looks into are
 * there without their content.
 */
export interface FolderListing {
  /** Relative to the workspace, as the user wrote it. */
  folder: string;
  files: ReadonlyMap<string, Buffer>;
}

/** What a folder holds: migrations in the order in which they run, or everything that is wrong with them. */
export interface FolderReading {
  migrations: Migration[];
  /** Each with file and, where there is one, line; empty means fit to run. */
  problems: string[];
}

/** The migrations of a folder, and for which tool they are written. */
export interface MigrationFolder {
  format: MigrationFormat;
  /** In the order in which they run. */
  migrations: Migration[];
}

/** A row of the version table. */
export interface AppliedMigration {
  /** As in `Migration.version`. */
  version: string;
  /** The tool's own; null for a tool that stores none, or a row written by hand. */
  checksum: string | null;
  /** `failed`: the tool began it and it did not end well (dirty, success = false, finished_at is null). */
  state: 'applied' | 'failed';
}

/** The version table of a tool as it was found, and how rows are written that the tool takes for its own. */
export interface VersionTable<M extends Migration = Migration> {
  /** Quoted, with its schema: a migration may change search_path. */
  table: string;
  /** In the order in which they were applied; null when there is no such table yet. */
  rows: AppliedMigration[] | null;
  /** Set where the table holds the newest version only: the rows below it are inferred from the files. */
  newestOnly?: true;
  /** What such a table itself says, as text that only compares. */
  newest?: string;
  /** Versions that are inferred, and that our journal has still to be told of. */
  unnoted?: string[];
  /**
   * SQL that makes what is missing, idempotent; '' when nothing is. PostgreSQL demands the right to create even for
   * IF NOT EXISTS of a table that is there.
   */
  create: string;
  /** SQL that writes the row of a migration, run in its own transaction, after its statements. */
  record(migration: M): string;
  /** SQL before a migration that runs without a transaction, for tools that mark such a one; '' for the others. */
  begin(migration: M): string;
  /** SQL that takes the row away again after the migration was undone. */
  forget(migration: M): string;
  /** The advisory lock that the tool itself takes, as an SQL expression of type bigint; null when it takes none. */
  lock: string | null;
  /** A second one, of a tool that takes the one or the other depending on how it was started. */
  otherLock?: string;
}

/** One tool: how its folder is told and read, and how its version table is. */
export interface MigrationFormat {
  name: FormatName;
  /** Whether the folder is written for this tool. Asked in the order of `detectFormat`. */
  matches(listing: FolderListing): boolean;
  /** Pure. */
  read(listing: FolderListing): FolderReading;
  /** @throws UserError for a table of another tool, and when the user may not read it. */
  openVersionTable(client: Client, migrations: readonly Migration[]): Promise<VersionTable>;
}
