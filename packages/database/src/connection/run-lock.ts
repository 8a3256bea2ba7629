import { type Clock, Fault, type Log, poll } from '@slipway/kernel';
import type { Client } from 'pg';

/** Advisory lock of a run: the first eight bytes of sha256("slipway db-migrate") as a signed bigint. */
const runKey = '6515494249964605202';

/** Held, shared, by the transaction of a file that is being run: the same of sha256("slipway db-migrate work"). */
export const workKey = '7268168143678278203';

export interface LockOptions {
  clock: Clock;
  signal: AbortSignal;
  log: Log;
  /** Milliseconds to wait for another run. */
  within: number;
}

/**
 * Keeps two migrations of one database apart. The lock lives in an open READ COMMITTED transaction of a connection of
 * its own: it goes when the process dies, holds back no vacuum and no concurrent index, and is right behind a pooler.
 * A run that was killed may have left a statement running for a moment: that is waited for as well.
 * @throws Fault that names who holds it when it is not free in time; Cancelled.
 */
export async function takeRunLock(client: Client, options: LockOptions): Promise<void> {
  await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
  await client.query('SET LOCAL idle_in_transaction_session_timeout = 0');
  let told = '';
  const wait = { ...options, every: 500, during: 'the wait for another migration' };
  const taken = await poll(wait, async () => {
    const { rows } = await client.query('SELECT pg_try_advisory_xact_lock($1::bigint) AS taken', [runKey]);
    const seen = await holderOf(client, rows[0]?.taken === true ? workKey : runKey);
    if (seen === null && rows[0]?.taken === true) return { done: true, value: true };
    if (seen !== null && told === '') options.log.info(`waiting for another migration: ${seen}`);
    told = seen ?? told;
    return { done: false, seen: seen ?? 'its session just ended' };
  });
  if (taken.ok) return;
  throw new Fault(`another migration of this database is running: ${taken.seen}`, {
    hint: 'Wait until it is done and run this again. If it hangs, end it with SELECT pg_terminate_backend(<session>).',
  });
}

/** Who holds a lock of ours; null when nobody else does. */
async function holderOf(client: Client, key: string): Promise<string | null> {
  // Within a transaction PostgreSQL shows the same picture of sessions again and again.
  await client.query('SELECT pg_stat_clear_snapshot()');
  const { rows } = await client.query(
    `SELECT a.pid, a.application_name AS name, to_char(a.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS since
     FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND l.granted AND l.pid <> pg_backend_pid() AND l.objsubid = 1
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND (l.classid::bigint << 32 | l.objid::bigint) = $1::bigint
     LIMIT 1`,
    [key],
  );
  const found = rows[0];
  if (!found) return null;
  return `session ${found.pid} (${found.name || 'unnamed'}), since ${found.since} UTC`;
}

/** @throws Fault when the connection that holds the lock is gone: another run may have begun. */
export async function assertLocked(client: Client): Promise<void> {
  await client.query('SELECT 1').catch((cause: unknown) => {
    throw new Fault('the lock on the database was lost, because the server ended its connection', {
      cause,
      hint: 'See the log of the server. Run this again: it goes on where it stopped.',
    });
  });
}
