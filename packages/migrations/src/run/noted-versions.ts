import type { Client } from 'pg';
import { readJournal } from './journal.ts';
import { createJournal, noteFound } from './journal-writing.ts';

/** Versions of another tool's migrations that Slipway wrote down, where the tool runs them and only Slipway looks. */
export interface NotedVersions {
  /** Quoted as SQL wants it; search_path decides. */
  table: string;
  /** null before anything was noted. */
  versions: string[] | null;
}

/** @throws UserError when the user may not read them; Fault. */
export async function readNotedVersions(client: Client): Promise<NotedVersions> {
  const { table, rows, found } = await readJournal(client, 'schema_migrations');
  return { table, versions: rows && [...rows.map(({ version }) => version), ...found] };
}

/** Writes down further ones. @throws what the server says. */
export async function noteVersions(
  client: Client,
  { table, versions }: NotedVersions,
  more: readonly string[],
): Promise<NotedVersions> {
  const fresh = [...new Set(more)].filter((version) => !versions?.includes(version));
  const sql = [
    versions === null ? createJournal(table) : '',
    fresh.length > 0 ? noteFound(table, fresh) : '',
  ];
  await client.query(sql.filter(Boolean).join(';\n'));
  return { table, versions: [...(versions ?? []), ...fresh] };
}
