import { type Clock, Fault, type Log, OutsideText, poll, type Redactor } from '@slipway/kernel';
import type { Client, QueryResult } from 'pg';
import { causeOf } from './lost.ts';

/** Advisory lock of a run: the first eight bytes of sha256("slipway db-migrate") as a signed bigint. */
const runKey = '6515494249964605202';

/** Held in share mode while a file runs: the same of sha256("slipway db-migrate work"). */
export const workKey = '7268168143678278203';

/** How pg_locks shows a lock on one bigint (manual, section on pg_locks): high and low half apart. */
const locksOf = (key: string): string => `SELECT l.pid FROM pg_locks l
 WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND (l.classid::bigint << 32 | l.objid::bigint) = (${key})::bigint`;

/**
 * The server process that runs a migration file, found by its lock, because behind a pooler the driver does not know the
 * process. A waiting run tries this lock for a moment as well, in exclusive mode.
 */
export const workingSession = `${locksOf(workKey)} AND l.mode = 'ShareLock'`;

/** Whether a statement of a migration still runs in the server, whichever client sent it. */
export async function isWorking(client: Client): Promise<boolean> {
  const { rows } = await client.query(`SELECT EXISTS (${workingSession}) AS working`);
  return rows[0]?.working === true;
}

export interface LockOptions {
  clock: Clock;
  signal: AbortSignal;
  log: Log;
  redactor: Redactor;
}

/** Prevents two migration runs of one database at the same time. */
export interface RunLock {
  /** Waits until no other run migrates this database, then keeps others out. */
  take(timeoutMs: number): Promise<void>;
  /**
   * Takes the lock of the users' own migration tool as well, so that a run of it from a pod or a laptop has to wait.
   * @param key SQL expression of type bigint.
   */
  takeAlso(key: string, tool: string, timeoutMs: number): Promise<void>;
  /** Whether this run holds the lock: only then does it own the statement that runs under it. */
  isHeld(): boolean;
  /** Costs nothing when the connection answered recently. @throws Fault when the lock was lost. */
  assertHeld(): Promise<void>;
}

/** How long an answer proves that the connection which holds the lock is alive. */
const proofLastsMs = 5000;

/**
 * The lock lives in an open READ COMMITTED transaction on a separate connection: it is released when the process dies,
 * holds back neither vacuum nor concurrent index builds, and works behind a pooler. A killed run may have left a statement
 * running for a moment, which is waited for as well. Each method throws a Fault that names the holder when the lock is not
 * free in time; Cancelled.
 */
export function createRunLock(client: Client, options: LockOptions): RunLock {
  let gone = false;
  let held = false;
  let answeredAt = 0;
  client.once('end', () => {
    gone = true;
  });
  const wait = async (
    lock: { key: string; workKey: string; first: string; what: string },
    timeoutMs: number,
  ): Promise<void> => {
    const { what } = lock;
    let logged = false;
    let { first } = lock;
    const waiting = { ...options, intervalMs: 500, timeoutMs, during: `waiting for ${what}` };
    const taken = await poll(waiting, async () => {
      const { free, holder } = await tryLock(client, { ...lock, first }, options.redactor);
      first = '';
      if (free && holder === null) return { done: true, value: true };
      if (holder !== null && !logged) options.log.info(`waiting for ${what}: ${holder}`);
      logged ||= holder !== null;
      return { done: false, seen: holder ?? 'its session just ended' };
    });
    answeredAt = options.clock.monotonic();
    if (!taken.ok) throw busy(what, taken.seen);
  };
  return {
    async take(timeoutMs) {
      await wait({ key: runKey, workKey, first: begin, what: 'another migration' }, timeoutMs);
      held = true;
    },
    isHeld: () => held,
    takeAlso: (key, tool, timeoutMs) =>
      wait({ key, workKey: key, first: '', what: `a run of ${tool}` }, timeoutMs),
    async assertHeld() {
      if (!gone && options.clock.monotonic() - answeredAt < proofLastsMs) return;
      await client.query('SELECT 1').catch(lost);
      answeredAt = options.clock.monotonic();
    },
  };
}

function busy(what: string, holder: string): Fault {
  return new Fault(`${what} of this database is running: ${holder}`, {
    hint: 'Wait until it has finished, then re-run this job. If it hangs, run SELECT pg_terminate_backend(<session>).',
  });
}

function lost(cause: unknown): never {
  throw new Fault('the lock on the database was lost with its connection', {
    cause: causeOf(cause),
    hint: 'Check the server log. Re-run this job: it continues where it stopped.',
  });
}

/** With these, the server notices a vanished machine within a minute; with its defaults it takes two hours. */
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
 * Tries to take a lock whose work lock must be free as well. The holder of either is looked up only when it is taken,
 * since reading all sessions costs several times what the lock does. @param lock.first SQL that runs before it.
 */
async function tryLock(
  client: Client,
  { key, workKey: work, first }: { key: string; workKey: string; first: string },
  redactor: Redactor,
): Promise<{ free: boolean; holder: string | null }> {
  const results = (await client.query(
    `${first}SELECT pg_try_advisory_xact_lock(${key}) AS taken,
     CASE WHEN pg_try_advisory_lock(${work}) THEN pg_advisory_unlock(${work}) ELSE false END AS idle`,
  )) as unknown as QueryResult | QueryResult[];
  const { taken, idle } = [results].flat().at(-1)?.rows[0] ?? {};
  if (taken === true && idle === true) return { free: true, holder: null };
  return { free: taken === true, holder: await findHolder(client, { key, work }, redactor) };
}

async function findHolder(
  client: Client,
  { key, work }: { key: string; work: string },
  redactor: Redactor,
): Promise<string | null> {
  // Within a transaction, PostgreSQL repeats its first snapshot of the sessions.
  await client.query('SELECT pg_stat_clear_snapshot()');
  const { rows } = await client.query<{ pid: number; name: string; since: string }>(
    `SELECT a.pid, a.application_name AS name, to_char(a.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS since
     FROM (SELECT pid, 1 AS rank FROM (${locksOf(key)}) own UNION ALL SELECT pid, 2 FROM (${locksOf(work)}) work) l
     LEFT JOIN pg_stat_activity a USING (pid)
     WHERE l.pid <> pg_backend_pid() ORDER BY rank LIMIT 1`,
  );
  const [found] = rows;
  if (!found) return null;
  return `session ${found.pid} (${OutsideText.of(found.name || 'unnamed', redactor)}), since ${found.since} UTC`;
}
