import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import type { Migration } from '../formats/format.ts';
import { scanStatements } from '../sql/scan.ts';
import { quoteLiteral, refusedReading, schemaOf } from '../sql/text.ts';

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
  /** Whether a run may have been stopped in the statement after those; false when the server refused it. */
  inFlight: boolean;
  /** Hash of the statements that are done, when it is not finished and there are any. */
  done: string | null;
  /** When it was begun, or gone on with, as the server writes it, to the microsecond. */
  startedAt: string;
  /** When it ended, written so; null while it has not. */
  finishedAt: string | null;
  /** Seconds since it ended; null while it has not. */
  age: number | null;
}

export interface Journal {
  /** Quoted, in the schema of the version table. */
  table: string;
  /** What Slipway ran; null when there is no such table yet. */
  rows: JournalRow[] | null;
  /** Versions that it found applied by the tool itself, and wrote down because the tool's own table does not list them. */
  found: string[];
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
         in_flight AS "inFlight", done, (started_at AT TIME ZONE 'UTC')::text AS "startedAt", (finished_at AT TIME ZONE 'UTC')::text AS "finishedAt",
         extract(epoch FROM now() - finished_at)::float8 AS age FROM ${table} ORDER BY started_at`,
    )
    .catch((error: unknown) => {
      if ((error as { code?: string }).code === '42P01') return null;
      throw refusedReading(error, table);
    });
  if (found === null) return { table, rows: null, found: [] };
  return {
    table,
    rows: found.rows.filter(({ release }) => release !== foundRelease),
    found: found.rows.flatMap(({ version, release }) => (release === foundRelease ? [version] : [])),
  };
}

/** Stands where no release of ours ran it. */
const foundRelease = '';

/** `public.schema_migrations` → `public.slipway_migrations`; a quoted schema may hold a dot. */
export function journalBeside(versionTable: string): string {
  return `${schemaOf(versionTable)}slipway_migrations`;
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
  step integer NOT NULL DEFAULT 0,
  in_flight boolean NOT NULL DEFAULT false,
  done text
)`;
}

/** Writes down what was found applied. What stopped half way and counts as applied was brought to its end by hand. */
export function noteFound(table: string, versions: readonly string[]): string {
  const rows = versions.map(
    (version) => `(${quoteLiteral(version)}, '', '', ${quoteLiteral(foundRelease)}, '', '')`,
  );
  return `INSERT INTO ${table} (version, file, sha256, release, commit, run) VALUES ${rows.join(', ')}
 ON CONFLICT (version) DO UPDATE SET (file, sha256, release, commit, run, started_at, finished_at, step, in_flight, done)
 = ('', '', EXCLUDED.release, '', '', now(), NULL, 0, false, NULL)`;
}

/** The row of a migration that begins. The clock, because now() is one moment for all that is sent at once. */
export function beginJournal(
  table: string,
  { version, file, sha256 }: Pick<Migration, 'version' | 'file' | 'sha256'>,
  { release, commit, run }: JournalFacts,
): string {
  const values = [version, file, sha256, release, commit, run].map(quoteLiteral).join(', ');
  return `INSERT INTO ${table} (version, file, sha256, release, commit, run, started_at, in_flight) VALUES (${values}, clock_timestamp(), true)
 ON CONFLICT (version) DO UPDATE SET (file, sha256, release, commit, run, started_at, finished_at, step, in_flight, done)
 = (EXCLUDED.file, EXCLUDED.sha256, EXCLUDED.release, EXCLUDED.commit, EXCLUDED.run, EXCLUDED.started_at, NULL, 0, true, NULL)`;
}

/** The time of a migration that is gone on with counts from now; behind what is done, its file may be another. */
export function resumeJournal(
  table: string,
  { version, file, sha256 }: Pick<Migration, 'version' | 'file' | 'sha256'>,
): string {
  return `UPDATE ${table} SET (started_at, in_flight, file, sha256)
 = (clock_timestamp(), true, ${quoteLiteral(file)}, ${quoteLiteral(sha256)}) WHERE version = ${quoteLiteral(version)}`;
}

/** Notes that the server refused the statement that was begun: it did not run. */
export function noteRefused(table: string, version: string): string {
  return `UPDATE ${table} SET in_flight = false WHERE version = ${quoteLiteral(version)}`;
}

/**
 * Fails (22012) when the row is not what the plan saw: another run has begun or applied the migration meanwhile, which
 * must not run twice. Where it cannot be seen by a unique key of the tool's own table, this is all that keeps it from that.
 */
export function guardJournal(
  table: string,
  version: string,
  seen: Pick<JournalRow, 'startedAt' | 'finishedAt'> | undefined,
): string {
  const row = `SELECT FROM ${table} WHERE version = ${quoteLiteral(version)} AND release <> ${quoteLiteral(foundRelease)}`;
  if (!seen) return `SELECT 1 / (NOT EXISTS (${row}))::int`;
  const finished = seen.finishedAt === null ? 'NULL' : quoteLiteral(seen.finishedAt);
  return `SELECT 1 / (EXISTS (${row} AND started_at AT TIME ZONE 'UTC' = ${quoteLiteral(seen.startedAt)}::timestamp
 AND finished_at AT TIME ZONE 'UTC' IS NOT DISTINCT FROM ${finished}::timestamp))::int`;
}

/** Notes that the first `step` statements of a text are done, and which they are. */
export function noteStep(table: string, version: string, step: number, sql: string): string {
  return `UPDATE ${table} SET (step, in_flight, done) = (${step}, true, ${quoteLiteral(hashOfDone(sql, step))})
 WHERE version = ${quoteLiteral(version)}`;
}

/** Hash of the first `step` statements of a text, without what stands between them. Pure. */
export function hashOfDone(sql: string, step: number): string {
  const done = scanStatements(sql).statements.slice(0, step);
  return createHash('sha256')
    .update(done.map(({ offset, end }) => sql.slice(offset, end)).join('\n'))
    .digest('hex');
}

export function finishJournal(table: string, version: string): string {
  return `UPDATE ${table} SET (finished_at, in_flight) = (clock_timestamp(), false) WHERE version = ${quoteLiteral(version)}`;
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
