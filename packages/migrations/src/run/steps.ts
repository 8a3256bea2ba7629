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
  /** The rows that say how far it came; null of a rehearsal, which writes none. */
  marks: StepMarks | null;
}

/** SQL that records how far a file came. */
interface StepMarks {
  /** Before the first statement to run, in a transaction: that it has begun, or is resumed. */
  begin: readonly string[];
  /** After each statement: that so many are done, and that the next is begun. */
  done(step: number): string;
  /** When the server refused a statement: that it did not run. */
  refused: string;
  /** After the last, in a transaction: the row in the version table. */
  finish: readonly string[];
}

/**
 * Runs the statements of a file one by one, each marked when it is done, so that the next run continues after it.
 * What an earlier attempt left unfinished is removed first, and what this one leaves when it fails as well.
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
    await repeatSettings(target, it.statements.slice(0, from));
    for (let index = from; index < it.statements.length; index++) await runStep(target, it, index);
    if (it.marks) await worker.query(transaction(it.marks.finish));
    return clock.monotonic() - begun;
  } finally {
    // Session settings and the lock; a connection that is gone took them with it.
    await worker.query('DISCARD ALL').catch(() => undefined);
  }
}

async function begin({ worker }: ApplyTarget, { file, marks }: FileSteps): Promise<void> {
  if (!marks) return;
  try {
    await worker.query(transaction(marks.begin));
  } catch (error) {
    await worker.query('ROLLBACK').catch(() => undefined);
    throw isGuardError(error) ? new AppliedByAnotherRun(file, error) : error;
  }
}

/** The statements that are left rely on what those before them had set for their session. */
async function repeatSettings({ worker }: ApplyTarget, done: readonly SqlStatement[]): Promise<void> {
  for (const { tag, text } of done) if (tag === 'VariableSetStmt') await worker.query(text);
}

async function runStep(target: ApplyTarget, it: FileSteps, index: number): Promise<void> {
  const { worker, log } = target;
  const statement = it.statements[index] as SqlStatement;
  const partial = partialObjectOf(statement);
  const resumed = index === it.resume?.step && it.resume.inFlight;
  const mark = it.marks?.done(index + 1) ?? null;
  const title = `${it.file}: statement ${index + 1} of ${it.statements.length}`;
  const blockers = watchBlockers({ ...target, lockTimeoutMs: reportIntervalMs * 3 }, (blocked) =>
    log.info(`${title} is waiting; blocked by ${blocked}`),
  );
  try {
    const ms = await retryContention(target, it.file, async () => {
      try {
        await worker.query(limitsOf(target, partial !== null));
        const action = await cleanUp(worker, partial, resumed, log);
        if (action.do !== 'run') log.info(`${title}: ${action.because}`);
        if (action.do === 'instead') await sendScript(worker, action.sql);
        if (action.do === 'run') await sendScript(worker, textOf(statement, mark).text);
      } catch (error) {
        if (error instanceof Fault) throw error;
        if (!isConnectionLost(error)) await worker.query('ROLLBACK').catch(() => undefined);
        await cleanUpAfter(target, statement);
        const sent = textOf(statement, mark);
        throw new AttemptError(error, { file: it.file, sql: it.sql, completed: index, cuts: [], ...sent });
      }
    });
    if (mark !== null && (isAlone(statement) || partial !== null)) await worker.query(mark);
    log.info(`${title} in ${formatDuration(ms)}`);
  } catch (error) {
    // The server's own refusal: the statement did not run, and must not be taken for done by the next run.
    if (it.marks && error instanceof Fault && !isConnectionLost(error.cause)) {
      await worker.query(it.marks.refused).catch(() => undefined);
    }
    throw error instanceof Fault ? howFar(error, it, index) : error;
  } finally {
    await blockers.stop();
  }
}

/** Time between two checks of who keeps a long statement waiting. */
const reportIntervalMs = 5000;

/** Best effort: when it fails, the next run finds the same. */
async function cleanUpAfter({ worker, log }: ApplyTarget, statement: SqlStatement): Promise<void> {
  const partial = partialObjectOf(statement);
  if (partial?.kind !== 'index' && partial?.kind !== 'reindexed') return;
  await cleanUp(worker, partial, false, log).catch((error: unknown) => {
    log.info(`cannot remove what the statement left unfinished: ${describeError(error)}`);
  });
}

function howFar(fault: Fault, { file, statements }: FileSteps, done: number): Fault {
  const applied =
    done === 0
      ? `none of the ${statements.length} statements of ${file} was applied`
      : `${done} of the ${statements.length} statements of ${file} were applied and stay applied`;
  return new Fault(`${fault.message}; ${applied}, and the next run continues with statement ${done + 1}`, {
    cause: fault.cause,
    ...(fault.hint === undefined ? {} : { hint: fault.hint }),
  });
}

function transaction(statements: readonly string[]): string {
  return ['BEGIN', ...statements, 'COMMIT'].join(';\n');
}
