import {
  type AttemptResult,
  Cancelled,
  describeError,
  Fault,
  OutsideText,
  type Redactor,
  type RetryPolicy,
  retry,
} from '@slipway/kernel';
import { causeOf } from '@slipway/postgres';
import { AppliedByAnotherRun } from './applied-by-another-run.ts';
import type { ApplyTarget } from './apply-target.ts';
import { watchBlockers } from './blockers.ts';
import { journalName } from './journal.ts';
import { describeBlocked, explainStatement, isContention, type SentFile } from './statement-error.ts';

/** For a file whose locks are not free. */
const policy: RetryPolicy = {
  maxAttempts: 10,
  firstDelayMs: 400,
  maxDelayMs: 8000,
  deadlineMs: 10 * 60_000,
};

/** Characters of a statement that a message quotes. */
const maxStatement = 160;

/** What went wrong in an attempt, and with what. */
export class AttemptError extends Error {
  readonly sent: SentFile;

  constructor(cause: unknown, sent: SentFile) {
    super('a statement failed', { cause });
    this.sent = sent;
  }
}

interface Contention {
  attempt: AttemptError;
  /** Who held the locks, for the message. */
  blocked: string;
}

/**
 * Retries what fails because a lock was not free (55P03) or in a deadlock (40P01), and reports who held the locks.
 * @param attempt Throws AttemptError. @returns milliseconds of the attempt that succeeded. @throws Fault, Cancelled
 */
export async function retryContention(
  target: ApplyTarget,
  file: string,
  attempt: () => Promise<void>,
): Promise<number> {
  const { clock, signal, log } = target;
  const result = await retry<number, Contention>(
    {
      ...policy,
      clock,
      signal,
      during: file,
      onRetry: ({ error: { attempt: failed, blocked }, attempt: number }) =>
        log.info(
          `${file}: ${describeError(failed.cause)}${describeBlocked(blocked)}; attempt ${number + 1} of ${policy.maxAttempts} follows`,
        ),
    },
    async () => {
      if (signal.aborted) throw new Cancelled(`the wait before ${file}`);
      await target.assertHeld();
      return runOnce(target, file, attempt);
    },
  );
  if (result.ok) return result.value;
  const { attempt: failed, blocked } = result.error;
  throw explain(failed, result.attempts, blocked, target.redactor);
}

async function runOnce(
  target: ApplyTarget,
  file: string,
  attempt: () => Promise<void>,
): Promise<AttemptResult<number, Contention>> {
  const begun = target.clock.monotonic();
  const blockers = watchBlockers(target);
  try {
    await attempt();
    return { state: 'done', value: target.clock.monotonic() - begun };
  } catch (thrown) {
    const blocked = await blockers.stop();
    if (target.signal.aborted) throw new Cancelled(file);
    if (!(thrown instanceof AttemptError)) throw thrown;
    const kind = isContention(thrown.cause) ? 'contention' : 'permanent';
    return { state: 'failed', class: kind, error: { attempt: thrown, blocked } };
  } finally {
    await blockers.stop();
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

function explain(failed: AttemptError, tries: number, blocked: string, redactor: Redactor): Fault {
  if (isGuardError(failed.cause) && failed.sent.completed < 0) {
    return new AppliedByAnotherRun(failed.sent.file, failed.cause);
  }
  const { location, statement, sqlstate, message } = explainStatement(failed.cause, failed.sent);
  const state = sqlstate === '' ? '' : ` (SQLSTATE ${sqlstate})`;
  const where = statement === '' ? '' : ` in "${OutsideText.of(statement, redactor).excerpt(maxStatement)}"`;
  const often = tries > 1 ? `, ${tries} times` : '';
  return new Fault(`${location}: ${message}${state}${where}${often}${describeBlocked(blocked)}`, {
    cause: causeOf(failed.cause),
  });
}
