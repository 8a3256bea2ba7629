import { Cancelled, type Clock, describeError, Fault, type Log } from '@slipway/kernel';
import type { Client } from 'pg';
import { workKey } from '../connection/run-lock.ts';
import { sessionId } from '../connection/session.ts';
import { blockersOf, explainStatement, isContention, type SentFile } from '../sql/statement-error.ts';

export interface ApplyTarget {
  /** Does the work. */
  worker: Client;
  /** Looks at the worker from outside while it waits. */
  observer: Client;
  clock: Clock;
  signal: AbortSignal;
  log: Log;
  /** Milliseconds. */
  lockTimeout: number;
  statementTimeout: number;
}

/** A SQL file as one transaction, and the statement that follows it in the same transaction, or nothing. */
export interface FileTransaction {
  file: string;
  sql: string;
  after: string;
}

const mostTries = 5;
/** Full jitter up to these milliseconds, so that two runs do not march in step. */
const backoff = { first: 200, most: 8000 };

/**
 * The text of a transaction, sent as one simple query. Before the file: the lock that tells the next run, should this
 * one be killed, that its statement still runs; where the server knows how (PostgreSQL 14), the order to stop a
 * statement whose client is gone; and the time limits. Pure.
 */
export function transactionText(
  limits: Pick<ApplyTarget, 'lockTimeout' | 'statementTimeout'>,
  it: FileTransaction,
): { text: string; start: number; prelude: number } {
  const prelude = [
    'BEGIN',
    `SELECT pg_advisory_xact_lock_shared(${workKey})`,
    "DO $slipway$ BEGIN PERFORM set_config('client_connection_check_interval', '1s', true); EXCEPTION WHEN OTHERS THEN NULL; END $slipway$",
    `SET LOCAL lock_timeout = ${limits.lockTimeout}`,
    `SET LOCAL statement_timeout = ${limits.statementTimeout}`,
  ];
  const head = `${prelude.join(';\n')};\n`;
  const after = it.after === '' ? '' : `${it.after};\n`;
  return { text: `${head}${it.sql}\n;\n${after}COMMIT;`, start: head.length, prelude: prelude.length };
}

/**
 * Runs a file in one transaction. Waiting for a lock gives up after `lockTimeout`, so that the queries behind ours in
 * the queue do not wait with us, and is tried again; anything else that fails is final.
 * @returns milliseconds of the try that succeeded.
 * @throws Fault with file, line, statement and what PostgreSQL said; Cancelled. Whether the transaction came through
 * is then asked from the version table, not guessed from the error.
 */
export async function applyFile(target: ApplyTarget, it: FileTransaction): Promise<number> {
  const { clock, signal, worker, log } = target;
  const { text, start, prelude } = transactionText(target, it);
  for (let tries = 1; ; tries++) {
    if (signal.aborted) throw new Cancelled(`the time before ${it.file}`);
    const begun = clock.monotonic();
    const blockers = watchBlockers(target);
    const progress = countCompleted(worker);
    try {
      // What the file before set for its session (search_path, role, temporary tables) must not reach this one.
      await worker.query('DISCARD ALL');
      progress.reset();
      await worker.query(text);
      return clock.monotonic() - begun;
    } catch (error) {
      const completed = progress.count() - prelude;
      const blocked = await blockers.stop();
      if (signal.aborted) throw new Cancelled(it.file);
      await worker.query('ROLLBACK').catch(() => undefined);
      const sent = { ...it, text, start, completed };
      if (!isContention(error) || tries >= mostTries) throw failure(error, sent, tries, blocked);
      log.info(`${it.file}: ${describeError(error)}${by(blocked)}; try ${tries + 1} of ${mostTries} follows`);
      await clock.sleep(Math.random() * Math.min(backoff.most, backoff.first * 2 ** tries), signal);
    } finally {
      progress.stop();
      await blockers.stop();
    }
  }
}

/** Remembers who blocked the worker: after the timeout nobody does any more. */
function watchBlockers({ worker, observer, lockTimeout }: ApplyTarget): { stop: () => Promise<string> } {
  let last = '';
  let asking: Promise<void> | undefined;
  const ask = async (): Promise<void> => {
    const found = await blockersOf(observer, sessionId(worker)).catch(() => '');
    if (found !== '') last = found;
    asking = undefined;
  };
  const timer = setInterval(
    () => {
      asking ??= ask();
    },
    Math.max(100, lockTimeout / 3),
  );
  return {
    async stop() {
      clearInterval(timer);
      await asking;
      return last;
    },
  };
}

/** Counts the statements that the server reports as done: an error at run time carries no position. */
function countCompleted(worker: Client): { count: () => number; reset: () => void; stop: () => void } {
  const { connection } = worker as unknown as { connection: NodeJS.EventEmitter };
  let done = 0;
  const onComplete = (): void => {
    done++;
  };
  connection.on('commandComplete', onComplete);
  return {
    count: () => done,
    reset: () => {
      done = 0;
    },
    stop: () => connection.off('commandComplete', onComplete),
  };
}

function failure(error: unknown, sent: SentFile, tries: number, blocked: string): Fault {
  const { place, statement, sqlstate, message } = explainStatement(error, sent);
  const state = sqlstate === '' ? '' : ` (SQLSTATE ${sqlstate})`;
  const where = statement === '' ? '' : ` in "${statement}"`;
  const often = tries > 1 ? `, ${tries} times` : '';
  return new Fault(`${place}: ${message}${state}${where}${often}${by(blocked)}`, { cause: error });
}

function by(blocked: string): string {
  return blocked === '' ? '' : `; blocked by ${blocked}`;
}
