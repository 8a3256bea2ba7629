import { describeError, Fault, formatDuration } from '@slipway/kernel';
import { isConnectionLost, keepalives, workKey } from '@slipway/postgres';
import type { SqlStatement } from '@slipway/sql';
import { AppliedByAnotherRun } from './applied-by-another-run.ts';
import type { ApplyTarget } from './apply-target.ts';
import { watchBlockers } from './blockers.ts';
import { cleanUp } from './cleanup.ts';
import { partialObjectOf } from './partial-objects.ts';
import type { Resume } from './plan.ts';
import { AttemptError, isGuardError, retryContention } from './retry.ts';
import { sendScript } from './script-query.ts';
import { isAlone, limitsOf, textOf } from './step-text.ts';
import { nameOf, watchInterval } from './transaction-text.ts';

/** A file whose statements run one by one, because a transaction cannot hold them. */
export interface FileSteps {
  file: string;
  sql: string;
  statements: readonly SqlStatement[];
  /** How far an earlier run came; null when none has begun. */
  resume: Resume | null;
  /** Before the first statement that is left, in a transaction: the mark that it has begun, or goes on. */
  begin: readonly string[];
  /** After each: the mark that so many are done, and that the next is begun. */
  note(done: number): string;
  /** When the server refused one: the mark that it did not run. */
  refused: string;
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
  const settings = [nameOf(it.file), ...keepalives, ...(target.watchClient ? [watchInterval] : [])];
  const settled = settings.map((setting) => `; SET ${setting}`).join('');
  await worker.query(`SELECT pg_advisory_lock_shared(${workKey})${settled}`);
  try {
    await begin(target, it);
    const from = it.resume?.step ?? 0;
    await setAgain(target, it.statements.slice(0, from));
    for (let index = from; index < it.statements.length; index++) await runStep(target, it, index);
    await worker.query(transaction(it.finish));
    return clock.monotonic() - begun;
  } finally {
    // Session settings and the lock; a connection that is gone took them with it.
    await worker.query('DISCARD ALL').catch(() => undefined);
  }
}

async function begin({ worker }: ApplyTarget, it: FileSteps): Promise<void> {
  try {
    await worker.query(transaction(it.begin));
  } catch (error) {
    await worker.query('ROLLBACK').catch(() => undefined);
    throw isGuardError(error) ? new AppliedByAnotherRun(it.file, error) : error;
  }
}

/** What the statements that are done had set for their session, those that are left rely on. */
async function setAgain({ worker }: ApplyTarget, done: readonly SqlStatement[]): Promise<void> {
  for (const { tag, text } of done) if (tag === 'VariableSetStmt') await worker.query(text);
}

async function runStep(target: ApplyTarget, it: FileSteps, index: number): Promise<void> {
  const { worker, log, observer } = target;
  const statement = it.statements[index] as SqlStatement;
  const leftover = partialObjectOf(statement);
  const resumed = index === it.resume?.step && it.resume.inFlight;
  const told = `${it.file}: statement ${index + 1} of ${it.statements.length}`;
  const waits = watchBlockers({ observer, lockTimeout: sayEvery * 3 }, (blocked) =>
    log.info(`${told} waits; blocked by ${blocked}`),
  );
  try {
    const ms = await retryContention(target, it.file, async () => {
      try {
        await worker.query(limitsOf(target, leftover !== null));
        const step = await cleanUp(worker, leftover, resumed, log);
        if (step.do !== 'run') log.info(`${told}: ${step.because}`);
        if (step.do === 'instead') await sendScript(worker, step.sql);
        if (step.do === 'run') await sendScript(worker, textOf(statement, it.note(index + 1)).text);
      } catch (error) {
        if (error instanceof Fault) throw error;
        if (!isConnectionLost(error)) await worker.query('ROLLBACK').catch(() => undefined);
        await clearAfter(target, statement);
        const sent = textOf(statement, it.note(index + 1));
        throw new AttemptError(error, { file: it.file, sql: it.sql, completed: index, cuts: [], ...sent });
      }
    });
    if (isAlone(statement) || leftover !== null) await worker.query(it.note(index + 1));
    log.info(`${told} in ${formatDuration(ms)}`);
  } catch (error) {
    // The server's own refusal: the statement did not run, and must not be taken for done by the next run.
    if (error instanceof Fault && !isConnectionLost(error.cause)) {
      await worker.query(it.refused).catch(() => undefined);
    }
    throw error instanceof Fault ? howFar(error, it, index) : error;
  } finally {
    await waits.stop();
  }
}

/** Milliseconds between two looks at who keeps a long statement waiting. */
const sayEvery = 5000;

/** Best effort: when it does not come through, the next run finds the same. */
async function clearAfter({ worker, log }: ApplyTarget, statement: SqlStatement): Promise<void> {
  const leftover = partialObjectOf(statement);
  if (leftover?.kind !== 'index' && leftover?.kind !== 'reindexed') return;
  await cleanUp(worker, leftover, false, log).catch((error: unknown) => {
    log.info(`what is left of it could not be cleared away: ${describeError(error)}`);
  });
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
