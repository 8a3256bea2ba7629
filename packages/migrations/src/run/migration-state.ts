import type { Client } from 'pg';
import type { AppliedMigration, Migration, MigrationFormat, VersionTable } from '../formats/format.ts';
import { settleInferredRows } from '../formats/newest-only.ts';
import { openVersionTable } from '../formats/open-version-table.ts';
import { type Journal, type JournalRow, readJournal } from './journal.ts';

/** What the database says of the migrations: the version table of their tool, and our journal. */
export interface MigrationState {
  /** null when there is no version table yet. */
  rows: readonly AppliedMigration[] | null;
  journal: readonly JournalRow[];
}

/** What a database says of its migrations, and how rows are written there. */
export interface MigrationTables {
  versionTable: VersionTable;
  journal: Journal;
}

/** @throws UserError for a table of another tool, and when the user may not read it; Fault. */
export async function readMigrationTables(
  client: Client,
  format: MigrationFormat,
  migrations: readonly Migration[],
): Promise<MigrationTables> {
  const versionTable = await openVersionTable(client, format, migrations);
  const journal = await readJournal(client, versionTable.table);
  const { lists, rows: listed } = versionTable;
  if (lists.versions === 'all' || listed === null) return { versionTable, journal };
  const finished = journal.rows?.flatMap((row) => (row.finished ? [row.version] : [])) ?? [];
  const { rows, unrecorded } = settleInferredRows(listed, [...finished, ...journal.externallyApplied]);
  return { versionTable: { ...versionTable, rows, lists: { ...lists, unrecorded } }, journal };
}

/** As the plan takes it. */
export function stateOf({ versionTable, journal }: MigrationTables): MigrationState {
  return { rows: versionTable.rows, journal: journal.rows ?? [] };
}
