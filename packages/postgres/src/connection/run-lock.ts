import { type Clock, Fault, type Log, poll } from '@slipway/kernel';
import type { Client, QueryResult } from 'pg';
import { causeOf } from './lost.ts';

/** Advisory lock of a run: the first eight bytes of sha256("slipway db-migrate") as a signed bigint. */
const runKey = '6515494249964605202';

/** Held, shared, while a file is being run: the same of sha256("slipway db-migrate work"). */
export const workKey = '7268168143678278203';

/** How pg_locks shows a lock on one bigint (manual, section on pg_locks): high and low half apart. */
const locksOf = (key: string): string => `SELECT l.pid FROM pg_locks l
 WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND (l.classid::bigint << 32 | l.objid::bigint) = (${key})::bigint`;

/**
 * The server process that runs a file of ours, found by its lock: behind a pooler the driver does not know it. A run that
 * waits tries the lock for a moment, but not shared.
 */
export const workingSession = `${locksOf(workKey)} AND l.mode = 'ShareLock'`;

/** Whether a statement of ours still runs at the server, whoever has sent it. */
export async function isWorking(client: Client): Promise<boolean> {
  const { rows } = await client.query(`SELECT EXISTS (${workingSession}) AS working`);
  return rows[0]?.working === true;
}

export interface LockOptions {
  clock: Clock;
  signal: AbortSignal;
  log: Log;
}

/** What keeps two migrations of one database apart. */
export interface RunLock {
  /** Waits until no other run migrates this database, and keeps others away. @param within Milliseconds. */
  take(within: number): Promise<void>;
  /**
   * Takes the lock of the users' own tool as well, so that a stray run of it from a pod or a laptop is kept out.
   * @param key SQL expression of type bigint. @param within Milliseconds.
   */
  takeAlso(key: string, tool: string, within: number): Promise<void>;
  /** Whether this run has it: only then is what runs under it ours. */
  isHeld(): boolean;
  /** Cheap while the connection was heard of lately. @throws Fault when the lock was lost meanwhile. */
  assertHeld(): Promise<void>;
}

/** Milliseconds for which an answer proves that the connection which holds the lock still stands. */
const proofLasts = 5000;

/**
 * The lock lives in an open READ COMMITTED transaction of a connection of its own: it goes when the process dies,
 * holds back no vacuum and no concurrent index, and is right behind a pooler. A run that was killed may have left a
 * statement running for a moment: that is waited for as well. Each method throws a Fault that names who holds the
 * lock when it is not free in time; Cancelled.
 */
export function createRunLock(client: Client, options: LockOptions): RunLock {
  let gone = false;
  let held = false;
  let heard = 0;
  client.once('end', () => {
    gone = true;
  });
  const wait = async (
    lock: { key: string; behind: string; first: string; what: string },
    within: number,
  ): Promise<void> => {
    const { what } = lock;
    let told = '';
    let { first } = lock;
    const taken = await poll({ ...options, every: 500, within, during: `the wait for ${what}` }, async () => {
      const { free, seen } = await tryLock(client, { ...lock, first });
      first = '';
      if (free && seen === null) return { done: true, value: true };
      if (seen !== null && told === '') options.log.info(`waiting for ${what}: ${seen}`);
      told = seen ?? told;
      return { done: false, seen: seen ?? 'its session just ended' };
    });
    heard = options.clock.monotonic();
    if (!taken.ok) throw busy(what, taken.seen);
  };
  return {
    async take(within) {
      await wait({ key: runKey, behind: workKey, first: begin, what: 'another migration' }, within);
      held = true;
    },
    isHeld: () => held,
    takeAlso: (key, tool, within) => wait({ key, behind: key, first: '', what: `a run of ${tool}` }, within),
    async assertHeld() {
      if (!gone && options.clock.monotonic() - heard < proofLasts) return;
      await client.query('SELECT 1').catch(lost);
      heard = options.clock.monotonic();
    },
  };
}

function busy(what: string, seen: string): Fault {
  return new Fault(`${what} of this database is running: ${seen}`, {
    hint: 'Wait until it is done and run this again. If it hangs, end it with SELECT pg_terminate_backend(<session>).',
  });
}

function lost(cause: unknown): never {
  throw new Fault('the lock on the database was lost with its connection', {
    cause: causeOf(cause),
    hint: 'See the log of the server. Run this again: it goes on where it stopped.',
  });
}

/** Of a machine that is gone without a word the server finds out in a minute; by itself it waits two hours. */
export const keepalives: readonly string[] = [
  'tcp_keepalives_idle = 30',
  'tcp_keepalives_interval = 10',
  'tcp_keepalives_count = 3',
];

const begin = `${[
  'BEGIN ISOLATION LEVEL READ COMMITTED',
  'SET LOCAL idle_in_transaction_session_timeout = 0',
  ...keepalives.map((setting) => `SET LOCAL ${setting}`),
].join('; ')}; `;

/**
 * Tries to take a lock whose other one, `behind`, must be free as well; what holds either is asked only when it is held,
 * since the look at all sessions costs several times what the lock does. @param lock.first SQL before it.
 */
async function tryLock(
  client: Client,
  { key, behind, first }: { key: string; behind: string; first: string },
): Promise<{ free: boolean; seen: string | null }> {
  const results = (await client.query(
    `${first}SELECT pg_try_advisory_xact_lock(${key}) AS taken,
     CASE WHEN pg_try_advisory_lock(${behind}) THEN pg_advisory_unlock(${behind}) ELSE false END AS idle`,
  )) as unknown as QueryResult | QueryResult[];
  const { taken, idle } = [results].flat().at(-1)?.rows[0] ?? {};
  if (taken === true && idle === true) return { free: true, seen: null };
  return { free: taken === true, seen: await whoHolds(client, key, behind) };
}

async function whoHolds(client: Client, key: string, behind: string): Promise<string | null> {
  // Within a transaction PostgreSQL shows the same picture of sessions again and again.
  await client.query('SELECT pg_stat_clear_snapshot()');
  const { rows } = await client.query<{ pid: number; name: string; since: string }>(
    `SELECT a.pid, a.application_name AS name, to_char(a.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS since
     FROM (SELECT pid, 1 AS rank FROM (${locksOf(key)}) own UNION ALL SELECT pid, 2 FROM (${locksOf(behind)}) work) l
     LEFT JOIN pg_stat_activity a USING (pid)
     WHERE l.pid <> pg_backend_pid() ORDER BY rank LIMIT 1`,
  );
  const [found] = rows;
  return found ? `session ${found.pid} (${found.name || 'unnamed'}), since ${found.since} UTC` : null;
}
