import { Cancelled, describeError, Fault } from '@slipway/kernel';
import { causeOf } from '@slipway/postgres';
import { AppliedByAnotherRun } from './applied-by-another-run.ts';
import type { ApplyTarget } from './apply-target.ts';
import { watchBlockers } from './blockers.ts';
import { journalName } from './journal.ts';
import { describeBlocked, explainStatement, isContention, type SentFile } from './statement-error.ts';

/** How often a file whose locks are not free is tried, and for how long in all. */
const maxTries = 10;
const maxTotalMs = 10 * 60_000;
/** Full jitter between these milliseconds, so that two runs do not march in step. */
const backoff = { minMs: 200, maxMs: 8000 };

/** What went wrong in an attempt, and with what. */
export class AttemptError extends Error {
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
      if (!(error instanceof AttemptError)) throw error;
      const spent = tries >= maxTries || clock.monotonic() - start >= maxTotalMs;
      if (!isContention(error.cause) || spent) throw explain(error, tries, blocked);
      log.info(
        `${file}: ${describeError(error.cause)}${describeBlocked(blocked)}; attempt ${tries + 1} of ${maxTries} follows`,
      );
      const maxMs = Math.min(backoff.maxMs, backoff.minMs * 2 ** tries);
      await clock.sleep(backoff.minMs + Math.random() * (maxMs - backoff.minMs), signal).catch(() => {
        throw new Cancelled(file);
      });
    } finally {
      await blockers.stop();
    }
  }
}

/**
 * How the journal refuses, before the first statement of a file, what another run has begun: by a division by zero where
 * it knows of an older run, else by its key.
 */
export function isGuardError(error: unknown): boolean {
  const { code, table } = error as { code?: string; table?: string };
  return code === '22012' || (code === '23505' && table === journalName);
}

function explain(failed: AttemptError, tries: number, blocked: string): Fault {
  if (isGuardError(failed.cause) && failed.sent.completed < 0) {
    return new AppliedByAnotherRun(failed.sent.file, failed.cause);
  }
  const { location, statement, sqlstate, message } = explainStatement(failed.cause, failed.sent);
  const state = sqlstate === '' ? '' : ` (SQLSTATE ${sqlstate})`;
  const where = statement === '' ? '' : ` in "${statement}"`;
  const often = tries > 1 ? `, ${tries} times` : '';
  return new Fault(`${location}: ${message}${state}${where}${often}${describeBlocked(blocked)}`, {
    cause: causeOf(failed.cause),
  });
}
