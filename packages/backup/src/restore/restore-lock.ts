import { createHash } from 'node:crypto';
import { type Clock, Fault, poll } from '@slipway/kernel';
import type { Client } from 'pg';

/** Milliseconds that a restore which was just ended gets to let go. */
const within = 10_000;

/**
 * Keeps two restores of one database apart: the second would take what the first is making for a leftover. Held by the
 * session beside the database, since the database itself is renamed meanwhile; it goes when the process dies.
 * @throws Fault when another one is running; Cancelled.
 */
export async function takeRestoreLock(
  admin: Client,
  database: string,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<void> {
  const key = createHash('sha256').update(`slipway restore ${database}`).digest().readBigInt64BE(0);
  const wait = { clock, signal, within, every: 500, during: 'the wait for another restore' };
  const taken = await poll(wait, async () => {
    const { rows } = await admin.query('SELECT pg_try_advisory_lock($1::bigint) AS taken', [String(key)]);
    return rows[0]?.taken ? { done: true, value: true } : { done: false, seen: 'it is held' };
  });
  if (taken.ok) return;
  throw new Fault(`another restore of the database ${database} is running`, {
    hint: 'Wait until it is done; see pg_stat_activity for sessions called "slipway restore".',
  });
}
