import { Cancelled, type Clock, Fault, type Log } from '@slipway/kernel';
import type { Client } from 'pg';
import { blockersOf, explainStatement, isContention } from './statement-error.ts';

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

/** A SQL file as one transaction: what is sent before and after it, in the same round trip. */
export interface FileTransaction {
  file: string;
  sql: string;
  after: string;
}

const mostTries = 5;
/** Full jitter between these, so that retries of two runs do not march in step. */
const backoff = { first: 200, most: 8000 };

/** The text of a transaction: a pure value, sent as one simple query. */
export function transactionText(
  target: Pick<ApplyTarget, 'lockTimeout' | 'statementTimeout'>,
  it: FileTransaction,
): { text: string; start: number } {
  const head = `BEGIN;\nSET LOCAL lock_timeout = ${target.lockTimeout};\nSET LOCAL statement_timeout = ${target.statementTimeout};\n`;
  return { text: `${head}${it.sql}\n;\n${it.after}\nCOMMIT;`, start: head.length };
}

/**
 * Runs a file in one transaction. Waiting for a lock gives up after `lockTimeout`, so that the queries behind ours in
 * the queue do not wait with us, and is tried again; anything else that fails is final and has been rolled back.
 * @returns milliseconds of the try that succeeded.
 * @throws Fault with file, line, statement and what PostgreSQL said.
 */
export async function applyFile(target: ApplyTarget, it: FileTransaction): Promise<number> {
  const { text, start } = transactionText(target, it);
  for (let tries = 1; ; tries++) {
    const begun = target.clock.monotonic();
    const blockers = watchBlockers(target);
    try {
      await target.worker.query(text);
      return target.clock.monotonic() - begun;
    } catch (error) {
      if (target.signal.aborted) throw new Cancelled(`${it.file}, which PostgreSQL rolled back`);
      const blocked = await blockers.seen();
      await target.worker.query('ROLLBACK').catch(() => undefined);
      if (!isContention(error) || tries >= mostTries) throw failure(error, text, start, it, blocked);
      const pause = Math.random() * Math.min(backoff.most, backoff.first * 2 ** tries);
      target.log.info(
        `${it.file}: a lock was not free within ${target.lockTimeout} ms${blocked ? ` (${blocked})` : ''}; try ${tries + 1} of ${mostTries}`,
      );
      await target.clock.sleep(pause, target.signal);
    } finally {
      blockers.stop();
    }
  }
}

/** Remembers who blocked the worker: after the timeout, nobody does any more. */
function watchBlockers(target: ApplyTarget): { seen: () => Promise<string>; stop: () => void } {
  const pid = (target.worker as unknown as { processID: number }).processID;
  let last = '';
  let asking: Promise<void> = Promise.resolve();
  const ask = (): void => {
    asking = blockersOf(target.observer, pid).then(
      (found) => {
        if (found !== '') last = found;
      },
      () => undefined,
    );
  };
  const timer = setInterval(ask, Math.max(100, target.lockTimeout / 3));
  return {
    stop: () => clearInterval(timer),
    async seen() {
      await asking;
      return last;
    },
  };
}

function failure(error: unknown, text: string, start: number, it: FileTransaction, blocked: string): Fault {
  const { place, statement, sqlstate, message } = explainStatement(error, text, start, it.file, it.sql);
  const where = statement === '' ? '' : ` at "${statement}"`;
  const by = blocked === '' ? '' : `; blocked by ${blocked}`;
  return new Fault(`${place}: ${message} (${sqlstate || 'no SQLSTATE'})${where}${by}`, { cause: error });
}
