import { describeError, Fault, formatDuration } from '@slipway/kernel';
import { workKey } from '../connection/run-lock.ts';
import type { SqlStatement } from '../sql/grammar.ts';
import { type ApplyTarget, Failed, retryContention } from './apply.ts';
import { watchBlockers } from './blockers.ts';
import { clearLeftover, leftoverOf } from './leftovers.ts';
import { sendScript } from './script-query.ts';
import { nameOf, watchInterval } from './transaction-text.ts';

/** A file whose statements run one by one, because a transaction cannot hold them. */
export interface FileSteps {
  file: string;
  sql: string;
  statements: readonly SqlStatement[];
  /** How many of them an earlier run has done; null when none has begun. */
  resume: number | null;
  /** Before the first statement that is left, in a transaction: the mark that it has begun, or goes on. */
  begin: readonly string[];
  /** After each: the mark that so many are done. */
  note(done: number): string;
  /** After the last, in a transaction: the row in the version table. */
  finish: readonly string[];
}

/**
 * Runs the statements of a file one by one, each marked when it is done, so that the next run goes on behind it.
 * What an earlier try left half done is cleared away first, and what this one leaves when it fails as well.
 * @returns milliseconds. @throws Fault that says how far it came; Cancelled.
 */
export async function applySteps(target: ApplyTarget, it: FileSteps): Promise<number> {
  const { worker, clock } = target;
  const begun = clock.monotonic();
  const watch = target.watchClient ? `; SET ${watchInterval}` : '';
  await worker.query(`SELECT pg_advisory_lock_shared(${workKey}); SET ${nameOf(it.file)}${watch}`);
  try {
    await worker.query(transaction(it.begin));
    for (let index = it.resume ?? 0; index < it.statements.length; index++) await runStep(target, it, index);
    await worker.query(transaction(it.finish));
    return clock.monotonic() - begun;
  } finally {
    // Session settings and the lock; a connection that is gone took them with it.
    await worker.query('DISCARD ALL').catch(() => undefined);
  }
}

async function runStep(target: ApplyTarget, it: FileSteps, index: number): Promise<void> {
  const { worker, log, observer } = target;
  const statement = it.statements[index] as SqlStatement;
  const leftover = leftoverOf(statement);
  const resumed = index === it.resume;
  const told = `${it.file}: statement ${index + 1} of ${it.statements.length}`;
  const waits = watchBlockers({ observer, lockTimeout: sayEvery * 3 }, (blocked) =>
    log.info(`${told} waits; blocked by ${blocked}`),
  );
  try {
    const ms = await retryContention(target, it.file, async () => {
      try {
        await worker.query(limitsOf(target, leftover !== null));
        const step = await clearLeftover(worker, leftover, resumed, log);
        if (step.do !== 'run') log.info(`${told}: ${step.because}`);
        if (step.do !== 'nothing')
          await sendScript(worker, step.do === 'instead' ? step.sql : statement.text);
      } catch (error) {
        if (error instanceof Fault) throw error;
        await clearAfter(target, statement);
        throw new Failed(error, { file: it.file, sql: it.sql, completed: index, ...placeOf(statement) });
      }
    });
    await worker.query(it.note(index + 1));
    log.info(`${told} in ${formatDuration(ms)}`);
  } catch (error) {
    throw error instanceof Fault ? howFar(error, it, index) : error;
  } finally {
    await waits.stop();
  }
}

/** Milliseconds between two looks at who keeps a long statement waiting. */
const sayEvery = 5000;

/**
 * A concurrent statement blocks nobody while it waits for old transactions to end, and its time is that of the table's
 * size: neither limit is for it.
 */
function limitsOf({ lockTimeout, statementTimeout }: ApplyTarget, concurrent: boolean): string {
  const [lock, statement] = concurrent ? [0, 0] : [lockTimeout, statementTimeout];
  return `SET lock_timeout = ${lock}; SET statement_timeout = ${statement}`;
}

/** Best effort: when it does not come through, the next run finds the same. */
async function clearAfter({ worker, log }: ApplyTarget, statement: SqlStatement): Promise<void> {
  const leftover = leftoverOf(statement);
  if (leftover?.kind !== 'index' && leftover?.kind !== 'reindexed') return;
  await clearLeftover(worker, leftover, false, log).catch((error: unknown) => {
    log.info(`what is left of it could not be cleared away: ${describeError(error)}`);
  });
}

/** The server was sent this statement alone: its positions count from there. */
function placeOf({ text, offset }: SqlStatement): { text: string; start: number; cuts: [] } {
  return { text, start: -offset, cuts: [] };
}

function howFar(fault: Fault, { file, statements }: FileSteps, done: number): Fault {
  const kept =
    done === 0
      ? `none of the ${statements.length} statements of ${file} is done`
      : `${done} of the ${statements.length} statements of ${file} are done and stay`;
  return new Fault(`${fault.message}; ${kept}, the next run goes on with statement ${done + 1}`, {
    cause: fault.cause,
    ...(fault.hint === undefined ? {} : { hint: fault.hint }),
  });
}

function transaction(statements: readonly string[]): string {
  return ['BEGIN', ...statements.filter((sql) => sql !== ''), 'COMMIT'].join(';\n');
}
