import { Cancelled, type Clock, describeError, Fault, type Log } from '@slipway/kernel';
import type { Client } from 'pg';
import { isConnectionLost } from '../connection/lost.ts';
import { describeBlocked, explainStatement, isContention, type SentFile } from '../sql/statement-error.ts';
import { watchBlockers } from './blockers.ts';
import { type Progress, sendScript } from './script-query.ts';
import {
  type FileTransaction,
  type RunSettings,
  type SentPart,
  transactionText,
} from './transaction-text.ts';

export interface ApplyTarget extends RunSettings {
  /** Does the work. */
  worker: Client;
  /** Looks at the worker from outside while it waits. */
  observer: Client;
  /** Asked before each try. @throws Fault when the lock of the run was lost meanwhile. */
  assertHeld(): Promise<void>;
  clock: Clock;
  signal: AbortSignal;
  log: Log;
}

/** How often a file is tried whose locks are not free, and for how long in all. */
const mostTries = 10;
const budget = 10 * 60_000;
/** Full jitter between these milliseconds, so that two runs do not march in step. */
const backoff = { least: 200, most: 8000 };

/**
 * Runs files one after the other, each in a transaction, all in one round trip. Waiting for a lock gives up after
 * `lockTimeout`, so that the queries behind ours in the queue do not wait with us, and is tried again from the file
 * that waited; anything else that fails is final.
 * @param done Told of each file that is committed, by its index.
 * @throws Fault with file, line, statement and what PostgreSQL said; Cancelled. Whether the last transaction came
 * through is then asked from the version table, not guessed from the error.
 */
export async function applyFiles(
  target: ApplyTarget,
  files: readonly FileTransaction[],
  done: (index: number) => void = () => {},
): Promise<void> {
  let next = 0;
  while (next < files.length) {
    const left = files.slice(next);
    const first = left[0] as FileTransaction;
    await retryContention(target, first.file, async () => {
      const progress: Progress = { completed: 0, committed: 0 };
      const { text, copies, parts } = transactionText(target, left);
      try {
        await sendScript(target.worker, text, copies, progress);
      } catch (error) {
        if (!target.signal.aborted) await target.worker.query('ROLLBACK').catch(() => undefined);
        const at = progress.committed;
        if (isLostUnheard(error)) throw new Failed(error, lostFile(left));
        if (at === 0 || !isContention(error))
          throw new Failed(error, sentFile(left, parts, text, { ...progress, error }));
      } finally {
        for (let index = 0; index < progress.committed; index++) done(next + index);
        next += progress.committed;
      }
    });
  }
}

/** The server tells of what it has done only now and then: which file was running when it was lost, nobody knows. */
function lostFile(left: readonly FileTransaction[]): SentFile {
  const [first, last] = [left.at(0)?.file ?? '', left.at(-1)?.file ?? ''];
  const file = first === last ? first : `one of ${first} to ${last}`;
  return { file, sql: '', text: '', start: 0, cuts: [], completed: 0 };
}

/** A server that ends a connection says so behind all that it has done; a line that is cut says nothing. */
function isLostUnheard(error: unknown): boolean {
  return isConnectionLost(error) && !String((error as { code?: string }).code).startsWith('57P');
}

/**
 * The file that failed. The server reads the whole text before it runs the first statement: while nothing is done, the
 * position of the error decides.
 */
function sentFile(
  files: readonly FileTransaction[],
  parts: readonly SentPart[],
  text: string,
  { completed, committed, error }: Progress & { error: unknown },
): SentFile {
  const position = Number((error as { position?: string }).position ?? 0);
  const unread = completed === 0 && committed === 0;
  const at = unread
    ? Math.max(
        0,
        parts.findLastIndex(({ start }) => start < position),
      )
    : committed;
  const { file = '', sql = '' } = files[at] ?? {};
  const { start = 0, prelude = 0, cuts = [] } = parts[at] ?? {};
  return { file, sql, text, start, cuts, completed: unread ? 0 : completed - prelude };
}

/** What went wrong in a try, and with what. */
export class Failed extends Error {
  readonly sent: SentFile;

  constructor(cause: unknown, sent: SentFile) {
    super('a statement failed', { cause });
    this.sent = sent;
  }
}

/**
 * Tries again, with pauses, what fails because a lock was not free (55P03) or in a deadlock (40P01), and says who was
 * in the way. @param attempt Throws Failed. @returns milliseconds of the try that succeeded. @throws Fault, Cancelled
 */
export async function retryContention(
  target: ApplyTarget,
  file: string,
  attempt: () => Promise<void>,
): Promise<number> {
  const { clock, signal, log } = target;
  const start = clock.monotonic();
  for (let tries = 1; ; tries++) {
    if (signal.aborted) throw new Cancelled(`the time before ${file}`);
    await target.assertHeld();
    const begun = clock.monotonic();
    const blockers = watchBlockers(target);
    try {
      await attempt();
      return clock.monotonic() - begun;
    } catch (error) {
      const blocked = await blockers.stop();
      if (signal.aborted) throw new Cancelled(file);
      if (!(error instanceof Failed)) throw error;
      const spent = tries >= mostTries || clock.monotonic() - start >= budget;
      if (!isContention(error.cause) || spent) throw explain(error, tries, blocked);
      log.info(
        `${file}: ${describeError(error.cause)}${describeBlocked(blocked)}; try ${tries + 1} of ${mostTries} follows`,
      );
      const most = Math.min(backoff.most, backoff.least * 2 ** tries);
      await clock.sleep(backoff.least + Math.random() * (most - backoff.least), signal).catch(() => {
        throw new Cancelled(file);
      });
    } finally {
      await blockers.stop();
    }
  }
}

/** Division by zero before the first statement of the file: the guard of the journal. */
function isGuard({ cause, sent }: Failed): boolean {
  return (cause as { code?: string }).code === '22012' && sent.completed < 0;
}

function explain(failed: Failed, tries: number, blocked: string): Fault {
  if (isGuard(failed)) {
    return new Fault(
      `${failed.sent.file}: another run has applied it meanwhile; nothing of it was run again`,
      {
        cause: failed.cause,
      },
    );
  }
  const { place, statement, sqlstate, message } = explainStatement(failed.cause, failed.sent);
  const state = sqlstate === '' ? '' : ` (SQLSTATE ${sqlstate})`;
  const where = statement === '' ? '' : ` in "${statement}"`;
  const often = tries > 1 ? `, ${tries} times` : '';
  return new Fault(`${place}: ${message}${state}${where}${often}${describeBlocked(blocked)}`, {
    cause: failed.cause,
  });
}
