import type { Client } from 'pg';
import { type EventTable, findEventTable, headOf } from './event-tables.ts';
import { type CountedTable, listTables } from './tables.ts';

/** A snapshot of the database, held open for pg_dump and for the counts. */
export interface Snapshot {
  /** For `pg_dump --snapshot`. Valid while the transaction of the client is open. */
  id: string;
  /** Position in the write-ahead log when it was taken. */
  lsn: string;
  /** Bytes of the whole database on its disk. */
  bytes: number;
  tables: CountedTable[];
  /** Number of tables, those that are not counted included. */
  total: number;
  /** When the counters of changes began, as text; null when never reset. */
  statisticsSince: string | null;
  /** The head of the event store in this snapshot; null when there is none. */
  events: (EventTable & { head: string | null }) | null;
  locale: DatabaseLocale;
}

/** Makes a new database sort and compare as the old one does. */
export interface DatabaseLocale {
  encoding: string;
  collate: string;
  ctype: string;
  /** Of an ICU or builtin locale provider, PostgreSQL 15 and later. */
  provider: string | null;
  providerLocale: string | null;
}

/**
 * Opens a transaction and exports its snapshot. The role's timeouts are off, since the dump may take hours. Row security is
 * off, so that rows that the user cannot read are an error, as they are for pg_dump.
 */
export async function openSnapshot(client: Client): Promise<Snapshot> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
  await withoutTimeouts(client, 'transaction');
  await client.query('SET LOCAL row_security = off');
  await client.query("SET LOCAL lock_timeout = '10s'");
  const { rows } = await client.query(
    `SELECT pg_export_snapshot() AS id, pg_database_size(current_database()) AS bytes,
       (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END)::text AS lsn,
       (SELECT stats_reset::text FROM pg_stat_database WHERE datname = current_database()) AS since`,
  );
  const { tables, total } = await listTables(client);
  const found = await findEventTable(client);
  return {
    id: rows[0]?.id,
    lsn: rows[0]?.lsn,
    bytes: Number(rows[0]?.bytes),
    tables,
    total,
    statisticsSince: rows[0]?.since ?? null,
    events: found && { ...found, head: await headOf(client, found) },
    locale: await localeOf(client),
  };
}

/** Switches off the timeouts that a role or a database may have: large tables take long to read. */
export async function withoutTimeouts(client: Client, during: 'transaction' | 'session'): Promise<void> {
  await client.query(
    `SELECT set_config(name, '0', $1) FROM pg_settings
     WHERE name IN ('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')`,
    [during === 'transaction'],
  );
}

async function localeOf(client: Client): Promise<DatabaseLocale> {
  // Columns of later versions are read by name out of the whole row, as older ones do not have them.
  const { rows } = await client.query(
    `SELECT pg_encoding_to_char(d.encoding) AS encoding, d.datcollate AS collate, d.datctype AS ctype,
       to_jsonb(d) ->> 'datlocprovider' AS provider,
       coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') AS locale
     FROM pg_database d WHERE d.datname = current_database()`,
  );
  const { encoding, collate, ctype, provider, locale } = rows[0] ?? {};
  const named: Record<string, string> = { i: 'icu', b: 'builtin' };
  return { encoding, collate, ctype, provider: named[provider] ?? null, providerLocale: locale ?? null };
}
