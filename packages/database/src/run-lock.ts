import { type Clock, Fault, poll } from '@slipway/kernel';
import type { Client } from 'pg';

/** Key of the advisory lock: the first eight bytes of sha256("slipway db-migrate") as a signed bigint. */
const key = '6515494249964605202';

export interface LockOptions {
  clock: Clock;
  signal: AbortSignal;
  /** Milliseconds to wait for another run. */
  within: number;
}

/**
 * Keeps two migrations of one database apart. The lock lives in an open READ COMMITTED transaction of a connection of
 * its own: it goes when the process dies, holds back no vacuum and no concurrent index, and is right behind a pooler.
 * @throws Fault that names who holds it when it is not free in time.
 */
export async function takeRunLock(client: Client, options: LockOptions): Promise<void> {
  await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
  await client.query('SET LOCAL idle_in_transaction_session_timeout = 0');
  const wait = { ...options, every: 500, during: 'the wait for another migration' };
  const taken = await poll(wait, async () => {
    const { rows } = await client.query('SELECT pg_try_advisory_xact_lock($1::bigint) AS taken', [key]);
    return rows[0]?.taken === true
      ? { done: true, value: true }
      : { done: false, seen: await holder(client) };
  });
  if (taken.ok) return;
  throw new Fault(`another migration of this database is running: ${taken.seen}`, {
    hint: 'Wait until it is done and run this again. If it hangs, end its session with pg_terminate_backend.',
  });
}

async function holder(client: Client): Promise<string> {
  const { rows } = await client.query(
    `SELECT a.pid, a.application_name AS name, date_trunc('second', now() - a.xact_start)::text AS since
     FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND (l.classid::bigint << 32 | l.objid::bigint) = $1::bigint`,
    [key],
  );
  const found = rows[0];
  return found
    ? `session ${found.pid} (${found.name || 'unnamed'}), for ${found.since}`
    : 'its session just ended';
}
