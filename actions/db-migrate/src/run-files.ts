import { type ApplyTarget, buildWork, runWork, type Work } from '@slipway/database';
import { Fault, formatDuration } from '@slipway/kernel';
import type { MigrationFile } from '@slipway/release';
import { type MigrationRun, recordNow } from './migration.ts';

/**
 * Runs the schema files, then every pending migration together with its rows in the version table and the journal.
 * @returns what the first file that failed died of, or null. @throws Cancelled
 */
export async function runFiles(run: MigrationRun): Promise<Fault | null> {
  const { context, session } = run;
  const work = workOf(run);
  for (const [index, one] of work.entries()) {
    try {
      await session.lock.assertHeld();
      const ms = await runWork(targetOf(run, session), one);
      const told = reported(one, 'applied');
      if (told) run.done.push({ ...told, ms });
      if (told) context.log.info(`${one.file} in ${formatDuration(ms)}`);
      context.keep(recordNow(run));
    } catch (error) {
      run.done.push(...leftOver(work.slice(index), error instanceof Fault ? 'failed' : 'pending'));
      if (error instanceof Fault) return error;
      throw error;
    }
  }
  return null;
}

function workOf({ schemas, ledger, journal, plan, review, context }: MigrationRun): Work[] {
  const { record, run } = context;
  const facts = { release: record.id, commit: record.commit, run: run.url };
  const { scripts, stepwise } = review;
  return buildWork({ schemas, plan, ledger, journal, scripts, stepwise, facts });
}

/** How a piece of work stands in the report; null for what is nobody's file. */
function reported({ file, as }: Work, state: 'applied' | 'pending' | 'failed'): MigrationFile | null {
  if (as.kind === 'bookkeeping') return null;
  if (as.kind === 'schema') return { file, version: '', state: state === 'applied' ? 'schema' : state };
  return { file, version: as.migration.version, class: as.migration.class, state };
}

/** How the file that ended the run, and those that were never begun, are reported. */
function leftOver(work: readonly Work[], first: 'failed' | 'pending'): MigrationFile[] {
  return work.flatMap((one, index) => {
    if (index > 0 && one.as.kind === 'schema') return [];
    return reported(one, index === 0 ? first : 'pending') ?? [];
  });
}

/** Where files are run: in production by the session, in a rehearsal by connections to the copy. */
export function targetOf(
  { context, database }: Pick<MigrationRun, 'context' | 'database'>,
  on: Pick<ApplyTarget, 'worker' | 'observer'>,
): ApplyTarget {
  const { clock, signal, log } = context;
  return {
    worker: on.worker,
    observer: on.observer,
    clock,
    signal,
    log,
    lockTimeout: database['lock-timeout'],
    statementTimeout: database['statement-timeout'],
  };
}
