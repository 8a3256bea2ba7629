import { Cancelled, describeError, OutsideText, type Redactor } from '@slipway/kernel';
import { cutConnection, isConnectionLost, quoteLiteral } from '@slipway/postgres';
import type { Client } from 'pg';
import type { ConnectionStep } from '../scratch.ts';
import { withoutTimeouts } from '../snapshot.ts';
import { countRows } from '../tables.ts';

/** What a table answered, or why it could not. */
export type TableAnswer<T> = { ok: true; value: T } | { ok: false; reason: string };

/** How long to wait for a lock on a table: a session that holds one lock often holds more. */
const firstLockTimeoutMs = 3000;
const nextLockTimeoutMs = 100;

/** Reads tables that may be locked or damaged, which is a result for that table and stops nothing. */
export interface TableInspection {
  /** @throws only when the connection is lost. */
  ask<T>(table: string, question: () => Promise<T>): Promise<TableAnswer<T>>;
}

/**
 * Reads tables in one read-only snapshot, without the role's timeouts.
 * @param step Its signal cuts the connection. @throws Cancelled, and whatever the server says of a connection that is gone.
 */
export async function inspectTables<T>(
  client: Client,
  { signal, redactor }: ConnectionStep,
  use: (inspection: TableInspection) => Promise<T>,
): Promise<T> {
  const cut = (): void => cutConnection(client);
  signal.addEventListener('abort', cut, { once: true });
  try {
    if (signal.aborted) throw new Cancelled('inspecting the database');
    await client.query(
      `BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL lock_timeout = ${firstLockTimeoutMs}`,
    );
    await withoutTimeouts(client, 'transaction');
    return await use({ ask: (table, question) => ask({ client, redactor }, table, question) });
  } catch (error) {
    throw signal.aborted ? new Cancelled('inspecting the database') : error;
  } finally {
    signal.removeEventListener('abort', cut);
    await client.query('ROLLBACK').catch(() => undefined);
  }
}

interface Asked {
  client: Client;
  redactor: Redactor;
}

async function ask<T>(
  { client, redactor }: Asked,
  table: string,
  question: () => Promise<T>,
): Promise<TableAnswer<T>> {
  await client.query('SAVEPOINT inspection');
  try {
    return { ok: true, value: await question() };
  } catch (error) {
    if (isConnectionLost(error)) throw error;
    await client.query('ROLLBACK TO SAVEPOINT inspection');
    const why = describeError(error);
    // lock_not_available
    if ((error as { code?: string }).code !== '55P03') return { ok: false, reason: why };
    await client.query(`SET LOCAL lock_timeout = ${nextLockTimeoutMs}`);
    const holders = await holdersOf({ client, redactor }, table);
    return { ok: false, reason: holders === '' ? why : `it is locked by ${holders}` };
  }
}

/** The sessions whose lock on a table blocks every reader, or will once it is granted. */
async function holdersOf({ client, redactor }: Asked, table: string): Promise<string> {
  const { rows } = await client.query(
    `SELECT DISTINCT a.pid, a.usename AS who, a.application_name AS name
     FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.relation = to_regclass(${quoteLiteral(table)})
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  const safe = (name: string): OutsideText => OutsideText.of(name, redactor);
  return rows
    .map(({ pid, who, name }) => `session ${pid} of ${safe(who)} (${safe(name || 'unnamed')})`)
    .join(', ');
}

/** For a table without a count, which is never taken for an empty one. */
export const notCounted: TableAnswer<number> = { ok: false, reason: 'it was not counted' };

const atOnce = 50;

/** Exact numbers of rows, by table; many at once, and one by one where one of them cannot be counted. */
export async function countLiveRows(
  client: Client,
  inspection: TableInspection,
  names: readonly string[],
): Promise<Map<string, TableAnswer<number>>> {
  const found = new Map<string, TableAnswer<number>>();
  for (let at = 0; at < names.length; at += atOnce) {
    const some = names.slice(at, at + atOnce);
    const all = await inspection.ask(some[0] ?? '', () => countRows(client, some));
    for (const name of some) {
      const counts = all.ok ? all : await inspection.ask(name, () => countRows(client, [name]));
      found.set(name, counts.ok ? rowsOf(counts.value[name]) : counts);
    }
  }
  return found;
}

function rowsOf(counted: number | undefined): TableAnswer<number> {
  return counted === undefined ? notCounted : { ok: true, value: counted };
}
