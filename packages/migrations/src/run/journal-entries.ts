import { UserError } from '@slipway/kernel';
import type { Client } from 'pg';
import type { FormatName } from '../formats/format.ts';
import { formatOf, formats } from '../formats/index.ts';
import { readError } from '../formats/table-access.ts';
import { journalName } from './journal.ts';

/** A contract migration that is applied, or was begun. */
export interface AppliedContractMigration {
  version: string;
  /**
   * Since it was begun or, of a program's migrations, since it was first seen applied, by the server's clock;
   * null when nobody wrote that down.
   */
  ageSeconds: number | null;
  /** Whether it runs again whenever its text changes: to have run on it once proves nothing then. */
  repeatable: boolean;
  /** Where it is listed. What is reverted by hand stays in the journal. */
  listedIn: 'journal' | 'version table';
}

/** Where a journal is looked for. */
export interface JournalScope {
  /** Where search_path leads. */
  path: boolean;
  /** Schemas besides. */
  schemas: readonly string[];
}

/** Schemas of the tools' own; the tables of all others are where search_path leads. */
const schemasOfTools = formats.flatMap(({ table }) => table.schema ?? []);

export const searchPathScope: JournalScope = { path: true, schemas: [] };
export const anyScope: JournalScope = { path: true, schemas: schemasOfTools };

export function journalScopeOf(format: FormatName): JournalScope {
  const { schema } = formatOf(format).table;
  return schema === null ? searchPathScope : { path: false, schemas: [schema] };
}

interface JournalEntry extends AppliedContractMigration {
  /** null of what is not a contract migration. */
  contract: string | null;
}

/**
 * The rows of the journals that may be read; null when there is none. @throws UserError when none of them may be; Fault.
 */
export async function readJournalEntries(
  client: Client,
  scope: JournalScope,
): Promise<JournalEntry[] | null> {
  const journals = await findJournals(client, scope);
  const rows: JournalEntry[] = [];
  for (const name of journals) rows.push(...(await readRows(client, name)));
  return journals.length === 0 ? null : rows;
}

/**
 * The journals that may be read, quoted. One of another application in the same database need not be readable.
 * @throws UserError when there are some and none may be.
 */
export async function findJournals(client: Client, { path, schemas }: JournalScope): Promise<string[]> {
  const { rows: journals } = await client.query<{ name: string; readable: boolean }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name,
       has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AS readable
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relname = $1 AND c.relkind = 'r' AND ($2 AND pg_table_is_visible(c.oid) OR n.nspname = ANY ($3::text[]))`,
    [journalName, path, schemas],
  );
  const readable = journals.filter((journal) => journal.readable);
  if (journals.length > 0 && readable.length === 0) {
    throw new UserError(`the database user may not read ${journals.map(({ name }) => name).join(', ')}`);
  }
  return readable.map(({ name }) => name);
}

async function readRows(client: Client, table: string): Promise<JournalEntry[]> {
  const { rows } = await client
    .query<Pick<JournalEntry, 'version' | 'contract' | 'ageSeconds'>>(
      `SELECT version, contract, extract(epoch FROM clock_timestamp() - started_at)::float8 AS "ageSeconds" FROM ${table}`,
    )
    .catch((error: unknown) => {
      throw readError(error, table);
    });
  return rows.map((row) => ({ ...row, repeatable: isRepeatable(row.version), listedIn: 'journal' }));
}

/** By its name, as flyway's are called. */
export function isRepeatable(version: string): boolean {
  return version.startsWith('R__');
}
