import type { Client } from 'pg';
import { readJournal } from './journal.ts';
import { createJournal, recordExternallyApplied } from './journal-writing.ts';

/** Versions of another tool's migrations that Slipway wrote down, where the tool runs them and only Slipway looks. */
export interface ExternallyApplied {
  /** Quoted as SQL wants it; search_path decides. */
  table: string;
  /** null before anything was recorded. */
  versions: string[] | null;
}

/** @throws UserError when the user may not read them; Fault. */
export async function readExternallyApplied(client: Client): Promise<ExternallyApplied> {
  const { table, rows, externallyApplied } = await readJournal(client, 'schema_migrations');
  return { table, versions: rows && [...rows.map(({ version }) => version), ...externallyApplied] };
}

/** Writes down further ones. @throws what the server says. */
export async function addExternallyApplied(
  client: Client,
  { table, versions }: ExternallyApplied,
  more: readonly string[],
): Promise<ExternallyApplied> {
  const fresh = [...new Set(more)].filter((version) => !versions?.includes(version));
  const sql = [
    versions === null ? createJournal(table) : '',
    fresh.length > 0 ? recordExternallyApplied(table, fresh) : '',
  ];
  await client.query(sql.filter(Boolean).join(';\n'));
  return { table, versions: [...(versions ?? []), ...fresh] };
}
