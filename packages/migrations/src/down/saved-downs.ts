import { quoteLiteral, schemaOf } from '@slipway/postgres';
import type { Client } from 'pg';
import type { Migration, VersionTable } from '../formats/format.ts';

/** What takes a migration back without the files that it came with: saved in the database before the migration is applied. */
export interface SavedDown {
  version: string;
  /** The down file, for messages. */
  file: string;
  sql: string;
  /** SQL that deletes the row of the migration from the version table. */
  forget: string;
  /** Advisory locks of its tool, as SQL expressions. */
  locks: readonly string[];
  /** What was applied before the release that came with it; see `appliedOf`. */
  appliedBefore: string;
}

/** A migration that can be taken back, as its release saves it. */
export interface DownToSave extends Pick<Migration, 'version' | 'sha256'> {
  down: { file: string; sql: string };
  forget: string;
}

const downsName = 'slipway_down_migrations';

/** The table next to the journal. */
export function downsTableFor(journal: string): string {
  return `${schemaOf(journal)}${downsName}`;
}

/** The rows that the pending migrations of a release become. */
export function downsToSave(
  migrations: readonly (Migration & { down: NonNullable<Migration['down']> })[],
  versionTable: Pick<VersionTable, 'forget'>,
): DownToSave[] {
  return migrations.map((migration) => ({
    version: migration.version,
    sha256: migration.sha256,
    down: migration.down,
    forget: versionTable.forget(migration),
  }));
}

/** Saves them, in one transaction. @param table Quoted, with its schema. @throws what the server says. */
export async function saveDowns(
  client: Client,
  table: string,
  downs: readonly DownToSave[],
  { appliedBefore, locks }: Pick<SavedDown, 'appliedBefore' | 'locks'>,
): Promise<void> {
  const lockList = `ARRAY[${locks.map(quoteLiteral).join(', ')}]::text[]`;
  const rows = downs.map(({ version, sha256, down, forget }) => {
    const texts = [version, sha256, down.file, down.sql, forget, appliedBefore].map(quoteLiteral);
    return `(${[...texts, lockList].join(', ')})`;
  });
  await client.query(`${await schemaCreation(client, table)}CREATE TABLE IF NOT EXISTS ${table} (
  version text PRIMARY KEY,
  sha256 text NOT NULL,
  file text NOT NULL,
  sql text NOT NULL,
  forget text NOT NULL,
  applied_before text NOT NULL,
  locks text[] NOT NULL
);
INSERT INTO ${table} (version, sha256, file, sql, forget, applied_before, locks) VALUES ${rows.join(',\n')}
 ON CONFLICT (version) DO UPDATE SET (sha256, file, sql, forget, applied_before, locks)
 = (EXCLUDED.sha256, EXCLUDED.file, EXCLUDED.sql, EXCLUDED.forget, EXCLUDED.applied_before, EXCLUDED.locks)`);
}

/** A tool with a schema of its own may not have made it yet. The right to create one is not asked where it is there. */
async function schemaCreation(client: Client, table: string): Promise<string> {
  const schema = schemaOf(table).slice(0, -1);
  if (schema === '') return '';
  const { rows } = await client.query<{ exists: boolean }>(
    `SELECT to_regnamespace(${quoteLiteral(schema)}) IS NOT NULL AS exists`,
  );
  return rows[0]?.exists ? '' : `CREATE SCHEMA ${schema};\n`;
}

/** The saved down migrations by version, and what they belong to; none when nothing was ever saved. @throws what the server says. */
export async function readSavedDowns(
  client: Client,
  table: string,
): Promise<Map<string, Pick<DownToSave, 'sha256'> & { sql: string }>> {
  if (!(await relationExists(client, table))) return new Map();
  const { rows } = await client.query<Pick<SavedDown, 'version' | 'sql'> & Pick<DownToSave, 'sha256'>>(
    `SELECT version, sha256, sql FROM ${table}`,
  );
  return new Map(rows.map((row) => [row.version, row]));
}

/** @param name Quoted, with its schema. */
export async function relationExists(client: Client, name: string): Promise<boolean> {
  const { rows } = await client.query<{ exists: boolean }>(
    `SELECT to_regclass(${quoteLiteral(name)}) IS NOT NULL AS exists`,
  );
  return rows[0]?.exists === true;
}
