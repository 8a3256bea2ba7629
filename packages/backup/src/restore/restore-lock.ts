import { createHash } from 'node:crypto';
import { type Clock, Fault, poll } from '@slipway/kernel';
import type { Client } from 'pg';

/** How long a restore that was just cancelled may take to release the lock. */
const lockTimeoutMs = 10_000;

/**
 * Prevents two restores of one database at the same time: the second would drop the new database of the first. Held by the
 * maintenance session, since the database itself is renamed; released when the process dies.
 * @throws Fault when another one is running; Cancelled.
 */
export async function takeRestoreLock(
  admin: Client,
  database: string,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<void> {
  const key = createHash('sha256').update(`slipway restore ${database}`).digest().readBigInt64BE(0);
  const wait = {
    clock,
    signal,
    timeoutMs: lockTimeoutMs,
    intervalMs: 500,
    during: 'waiting for another restore',
  };
  const taken = await poll(wait, async () => {
    const { rows } = await admin.query('SELECT pg_try_advisory_lock($1::bigint) AS taken', [String(key)]);
    return rows[0]?.taken ? { done: true, value: true } : { done: false, seen: 'it is held' };
  });
  if (taken.ok) return;
  throw new Fault(`another restore of the database ${database} is running`, {
    hint: 'Wait until it has finished. Its sessions in pg_stat_activity are named "slipway restore".',
  });
}
