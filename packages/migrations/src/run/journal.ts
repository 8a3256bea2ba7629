import { schemaOf } from '@slipway/postgres';
import type { Client } from 'pg';
import { readError } from '../formats/table-access.ts';

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
  /**
   * Set of a contract migration, also of one that only the lint knows: `passed` once a db-migrate step has passed with it, whosever
   * release that was.
   */
  contract: 'open' | 'passed' | null;
  /** When it was begun, or resumed, as the server writes it, to the microsecond. */
  startedAt: string;
  /** When it ended, written so; null while it has not. */
  finishedAt: string | null;
  /** Since it finished; null while it has not. */
  ageSeconds: number | null;
}

export interface Journal {
  /** Quoted, in the schema of the version table. */
  table: string;
  /** What Slipway ran; null when there is no such table yet. */
  rows: JournalRow[] | null;
  /** Versions that it found applied by the tool itself, and wrote down because the tool's own table does not list them. */
  externallyApplied: string[];
}

/**
 * Reads the journal next to a version table. It records what the tables of other tools have no column for: the checksum,
 * the release, and how far a migration came that runs without a transaction.
 * @param versionTable Quoted, with its schema. @throws UserError when the user may not read it; Fault.
 */
export async function readJournal(client: Client, versionTable: string): Promise<Journal> {
  const table = journalFor(versionTable);
  const found = await client
    .query<JournalRow>(
      `SELECT version, sha256, release, finished_at IS NOT NULL AS finished, step,
         in_flight AS "inFlight", done, contract, (started_at AT TIME ZONE 'UTC')::text AS "startedAt", (finished_at AT TIME ZONE 'UTC')::text AS "finishedAt",
         extract(epoch FROM now() - finished_at)::float8 AS "ageSeconds" FROM ${table} ORDER BY started_at`,
    )
    .catch((error: unknown) => {
      if ((error as { code?: string }).code === '42P01') return null;
      throw readError(error, table);
    });
  if (found === null) return { table, rows: null, externallyApplied: [] };
  return {
    table,
    rows: found.rows.filter(({ release }) => release !== externalRelease),
    externallyApplied: found.rows.flatMap(({ version, release }) =>
      release === externalRelease ? [version] : [],
    ),
  };
}

/** In place of a release, where no release of ours ran it. */
export const externalRelease = '';

export const journalName = 'slipway_migrations';

/** `public.schema_migrations` → `public.slipway_migrations`; a quoted schema may hold a dot. */
function journalFor(versionTable: string): string {
  return `${schemaOf(versionTable)}${journalName}`;
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
