import { Cancelled, describeError } from '@slipway/kernel';
import { cutConnection, isConnectionLost, quoteLiteral } from '@slipway/postgres';
import type { Client } from 'pg';
import { withoutTimeouts } from '../snapshot.ts';
import { countRows } from '../tables.ts';

/** What was asked of a table, or why it cannot be told. */
export type Looked<T> = { value: T } | { unknown: string };

/** Milliseconds until a lock on a table is not waited for any more; who holds one often holds more of them. */
const firstLock = 3000;
const furtherLock = 100;

/** Looks at tables that may be locked or damaged: that is a finding about the table, and ends nothing. */
export interface TableLook {
  /** @throws when the connection is lost, and nothing else. */
  ask<T>(table: string, question: () => Promise<T>): Promise<Looked<T>>;
}

/**
 * Lends a look in one snapshot that changes nothing. The limits of the role on time do not count in it.
 * @param signal Cuts the connection. @throws Cancelled, and whatever the server says of a connection that is gone.
 */
export async function withLook<T>(
  client: Client,
  signal: AbortSignal,
  use: (look: TableLook) => Promise<T>,
): Promise<T> {
  const cut = (): void => cutConnection(client);
  signal.addEventListener('abort', cut, { once: true });
  try {
    if (signal.aborted) throw new Cancelled('the look at the database');
    await client.query(
      `BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL lock_timeout = ${firstLock}`,
    );
    await withoutTimeouts(client, 'transaction');
    return await use({ ask: (table, question) => ask(client, table, question) });
  } catch (error) {
    throw signal.aborted ? new Cancelled('the look at the database') : error;
  } finally {
    signal.removeEventListener('abort', cut);
    await client.query('ROLLBACK').catch(() => undefined);
  }
}

async function ask<T>(client: Client, table: string, question: () => Promise<T>): Promise<Looked<T>> {
  await client.query('SAVEPOINT look');
  try {
    return { value: await question() };
  } catch (error) {
    if (isConnectionLost(error)) throw error;
    await client.query('ROLLBACK TO SAVEPOINT look');
    const why = describeError(error);
    // lock_not_available
    if ((error as { code?: string }).code !== '55P03') return { unknown: why };
    await client.query(`SET LOCAL lock_timeout = ${furtherLock}`);
    const holders = await holdersOf(client, table);
    return { unknown: holders === '' ? why : `it is locked by ${holders}` };
  }
}

/** Whose lock on a table keeps everybody from reading it, or will when it is their turn. */
async function holdersOf(client: Client, table: string): Promise<string> {
  const { rows } = await client.query(
    `SELECT DISTINCT a.pid, a.usename AS who, a.application_name AS name
     FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.relation = to_regclass(${quoteLiteral(table)})
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  return rows.map(({ pid, who, name }) => `session ${pid} of ${who} (${name || 'unnamed'})`).join(', ');
}

/** Of a table that no count told of: never taken for an empty one. */
export const notCounted = { unknown: 'it was not counted' };

const atOnce = 50;

/** Exact numbers of rows, by table; many at once, and one by one where one of them cannot be counted. */
export async function countLive(
  client: Client,
  look: TableLook,
  names: readonly string[],
): Promise<Map<string, Looked<number>>> {
  const found = new Map<string, Looked<number>>();
  for (let at = 0; at < names.length; at += atOnce) {
    const some = names.slice(at, at + atOnce);
    const all = await look.ask(some[0] ?? '', () => countRows(client, some));
    for (const name of some) {
      const counts = 'value' in all ? all : await look.ask(name, () => countRows(client, [name]));
      found.set(name, 'value' in counts ? rowsOf(counts.value[name]) : counts);
    }
  }
  return found;
}

function rowsOf(counted: number | undefined): Looked<number> {
  return counted === undefined ? notCounted : { value: counted };
}
