import type { Client } from 'pg';
import type { FormatName } from '../formats/format.ts';
import { anyScope, findJournals, journalScopeOf } from '../run/journal-entries.ts';
import { type ReadOnlyQuery, readOnly } from '../run/read-only.ts';
import { downsTableFor, relationExists, type SavedDown } from './saved-downs.ts';

/** A migration that is taken back, and the journal that has it. */
export interface Reversible extends SavedDown {
  journal: string;
}

/** What releases applied that is still there. */
export interface Reversal {
  /** All of them, what was applied last first. */
  versions: string[];
  /** In the order in which they are taken back: what was applied last comes first. */
  downs: Reversible[];
  /** Of what cannot be taken back: the version, and why, as in `002 has no saved down migration`. */
  problems: string[];
}

export interface ReversalQuery extends ReadOnlyQuery {
  /** What the files are written for, which says where the journal is. Default: wherever one may be. */
  format?: FormatName | undefined;
  /** Ids of the releases whose migrations are taken back. */
  releases: readonly string[];
}

/** Asks a database what has to be taken back. @throws as `readOnly` does. */
export function readReversal(question: ReversalQuery): Promise<Reversal> {
  return readOnly(question, (client) => findReversal(client, question));
}

/** The same, by a connection that is there. @throws UserError when the journal may not be read; what the server says. */
export async function findReversal(
  client: Client,
  { format, releases }: Pick<ReversalQuery, 'format' | 'releases'>,
): Promise<Reversal> {
  const journals = await findJournals(client, format ? journalScopeOf(format) : anyScope);
  const reversal: Reversal = { versions: [], downs: [], problems: [] };
  for (const journal of journals) {
    const { versions, downs, problems } = await reversalIn(client, journal, releases);
    reversal.versions.push(...versions);
    reversal.downs.push(...downs);
    reversal.problems.push(...problems);
  }
  return reversal;
}

type Row = { version: string; finished: boolean } & (Omit<SavedDown, 'version'> | { sql: null });

async function reversalIn(client: Client, journal: string, releases: readonly string[]): Promise<Reversal> {
  const table = downsTableFor(journal);
  const saved = (await relationExists(client, table))
    ? {
        columns: 'd.file, d.sql, d.forget, d.locks, d.applied_before AS "appliedBefore"',
        join: `LEFT JOIN ${table} d ON d.version = j.version AND d.sha256 = j.sha256`,
      }
    : { columns: 'NULL AS sql', join: '' };
  const { rows } = await client.query<Row>(
    `SELECT j.version, j.finished_at IS NOT NULL AS finished, ${saved.columns}
     FROM ${journal} j ${saved.join} WHERE j.release = ANY ($1::text[]) ORDER BY j.started_at DESC, j.version DESC`,
    [releases],
  );
  const reversal: Reversal = { versions: [], downs: [], problems: [] };
  for (const { finished, ...row } of rows) {
    reversal.versions.push(row.version);
    if (!finished) reversal.problems.push(`${row.version} was begun and is not complete`);
    else if (row.sql === null) reversal.problems.push(`${row.version} has no saved down migration`);
    else reversal.downs.push({ ...row, journal });
  }
  return reversal;
}
