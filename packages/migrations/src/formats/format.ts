import type { DatabaseConfig } from '@slipway/config';
import type { Client } from 'pg';
import type { FoundTable } from './found-table.ts';

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
  lists: ListedVersions;
  /**
   * SQL that creates what is missing, idempotent; null when nothing is. PostgreSQL demands the right to create even for
   * IF NOT EXISTS of an existing table.
   */
  creation: string | null;
  /** SQL that writes the row of a migration, run in its own transaction, after its statements; null writes none. */
  record(migration: M): string | null;
  /** SQL before a migration that runs without a transaction, of a tool that marks such a migration; null for the others. */
  begin(migration: M): string | null;
  /** SQL that deletes the row again after the migration was reverted. */
  forget(migration: M): string;
  /**
   * The advisory locks that the tool itself takes, as SQL expressions of type bigint: several of one that takes the one or
   * the other depending on how it was started.
   */
  locks: readonly string[];
}

/** Which versions a table lists. */
type ListedVersions =
  | { versions: 'all' }
  /**
   * The rows below the newest are inferred from the files. `row`: what the table itself says, as text that only compares.
   * `unrecorded`: versions that are inferred, and that the journal does not have yet.
   */
  | { versions: 'newest'; row: string; unrecorded: readonly string[] };

/** One tool: how its folder is detected and read, and where its version table is and how it is written. */
export interface MigrationFormat {
  name: FormatName;
  /** Files that it reads, by their path below the folder; what no format reads is listed without its content. */
  reads: RegExp;
  table: TableOfTool;
  /** Whether the folder is written for this tool. Asked in the order of the list of formats. */
  matches(listing: FolderListing): boolean;
  /** Pure. */
  read(listing: FolderListing): FolderReading;
  /**
   * The version table, which is this tool's or does not exist. Called by `openVersionTable`.
   * @throws UserError when it cannot be used, and when the user may not read it.
   */
  readTable(client: Client, table: FoundTable, migrations: readonly Migration[]): Promise<VersionTable>;
}

/** Where the version table of a tool is, and how it is recognised. */
export interface TableOfTool {
  /** Its name, not quoted. */
  name: string;
  /** The tool's own schema, not quoted, which has the journal as well; null: search_path decides. */
  schema: string | null;
  /** Whether a table of that name can be this tool's, by its columns. */
  accepts(table: FoundTable): boolean;
  /** Query that lists what is applied, oldest first, for a tool that runs its migrations itself; null: there is none. */
  versions: string | null;
  /** Set when several tools use that name. */
  shared?: SharedTable;
}

/** How a table whose name several tools use is recognised. */
interface SharedTable {
  /** Whose it is, as in "belongs to …". */
  owner: string;
  /** By its columns; asked in the order of the list of formats. */
  owns(table: FoundTable): boolean;
  /** Whether such columns are this tool's alone, so that nothing else has to be considered. */
  unmistakable: boolean;
  /** Formats whose table it can use as well. */
  compatible: readonly FormatName[];
}
