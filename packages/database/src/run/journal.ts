import type { Client } from 'pg';
import type { Migration } from '../formats/format.ts';
import { quoteLiteral, refusedReading } from '../sql/text.ts';

/** What Slipway wrote down of a migration that it ran, whatever tool the files are written for. */
export interface JournalRow {
  version: string;
  /** Of the file as it was then. */
  sha256: string;
  /** Id of the release that ran it. */
  release: string;
  /** false: it runs without a transaction and was stopped half way. */
  finished: boolean;
  /** Statements of it that are done, when it is not finished. */
  step: number;
  /** Seconds since it ended; null while it has not. */
  age: number | null;
}

export interface Journal {
  /** Quoted, in the schema of the version table. */
  table: string;
  /** null when there is no such table yet. */
  rows: JournalRow[] | null;
}

/** What is written down beside a version: where it came from. */
export interface JournalFacts {
  release: string;
  commit: string;
  /** Page of the run; empty when unknown. */
  run: string;
}

/**
 * Reads the journal beside a version table. It keeps what the tables of other tools have no column for: the checksum,
 * the release, and how far a migration came that runs without a transaction.
 * @param versionTable Quoted, with its schema. @throws UserError when the user may not read it; Fault.
 */
export async function readJournal(client: Client, versionTable: string): Promise<Journal> {
  const table = journalBeside(versionTable);
  const found = await client
    .query<JournalRow>(
      `SELECT version, sha256, release, finished_at IS NOT NULL AS finished, step,
         extract(epoch FROM now() - finished_at)::float8 AS age FROM ${table} ORDER BY started_at`,
    )
    .catch((error: unknown) => {
      if ((error as { code?: string }).code === '42P01') return null;
      throw refusedReading(error, table);
    });
  return { table, rows: found?.rows ?? null };
}

/** `public.schema_migrations` → `public.slipway_migrations`; a quoted schema may hold a dot. */
export function journalBeside(versionTable: string): string {
  const schema = /^(?:"(?:[^"]|"")*"|[^."]+)\./.exec(versionTable)?.[0] ?? '';
  return `${schema}slipway_migrations`;
}

export function createJournal(table: string): string {
  return `CREATE TABLE IF NOT EXISTS ${table} (
  version text PRIMARY KEY,
  file text NOT NULL,
  sha256 text NOT NULL,
  release text NOT NULL,
  commit text NOT NULL,
  run text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  step integer NOT NULL DEFAULT 0
)`;
}

/** The row of a migration that begins. The clock, because now() is one moment for all that is sent at once. */
export function beginJournal(
  table: string,
  { version, file, sha256 }: Pick<Migration, 'version' | 'file' | 'sha256'>,
  { release, commit, run }: JournalFacts,
): string {
  const values = [version, file, sha256, release, commit, run].map(quoteLiteral).join(', ');
  return `INSERT INTO ${table} (version, file, sha256, release, commit, run, started_at) VALUES (${values}, clock_timestamp())
 ON CONFLICT (version) DO UPDATE SET (file, sha256, release, commit, run, started_at, finished_at, step)
 = (EXCLUDED.file, EXCLUDED.sha256, EXCLUDED.release, EXCLUDED.commit, EXCLUDED.run, EXCLUDED.started_at, NULL, 0)`;
}

/** The time of a migration that is gone on with counts from now. */
export function resumeJournal(table: string, version: string): string {
  return `UPDATE ${table} SET started_at = clock_timestamp() WHERE version = ${quoteLiteral(version)}`;
}

/** Notes that the first `step` statements are done. */
export function noteStep(table: string, version: string, step: number): string {
  return `UPDATE ${table} SET step = ${step} WHERE version = ${quoteLiteral(version)}`;
}

export function finishJournal(table: string, version: string): string {
  return `UPDATE ${table} SET finished_at = clock_timestamp() WHERE version = ${quoteLiteral(version)}`;
}

export function forgetJournal(table: string, version: string): string {
  return `DELETE FROM ${table} WHERE version = ${quoteLiteral(version)}`;
}

/** Milliseconds that each of these versions took, by the server's clock. @throws what the server says. */
export async function readDurations(
  client: Client,
  table: string,
  versions: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await client.query<{ version: string; ms: number }>(
    `SELECT version, extract(epoch FROM finished_at - started_at)::float8 * 1000 AS ms FROM ${table}
     WHERE version = ANY ($1::text[]) AND finished_at IS NOT NULL`,
    [versions],
  );
  return new Map(rows.map(({ version, ms }) => [version, ms]));
}
