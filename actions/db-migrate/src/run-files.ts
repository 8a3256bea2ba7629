import { Cancelled, Fault } from '@slipway/kernel';
import {
  AppliedByAnotherRun,
  type ApplyTarget,
  batchWork,
  buildWork,
  runBatch,
  textOfBatch,
  type Work,
} from '@slipway/migrations';
import type { MigrationFile } from '@slipway/release';
import { logDurations } from './durations.ts';
import type { BackedUp, Connected } from './migration.ts';
import { appliedVersions, recordOf } from './record.ts';

export interface RunFilesResult {
  /** What stopped the run; null when every file ran. */
  failure: Fault | Cancelled | null;
  /** In the order in which they ran, and those that did not. Fulfilled when the log shows how long each took. */
  files: Promise<readonly MigrationFile[]>;
}

/**
 * Runs the schema files, then every pending migration together with its rows in the version table and the journal.
 * While a batch runs, those before it are logged. @throws what the connection says before the first file
 */
export async function runFiles(run: Connected, ready: BackedUp): Promise<RunFilesResult> {
  const { context, session } = run;
  const target = targetOf(run, { ...session, worker: await session.worker() });
  const work = workOf(context, ready);
  const done: MigrationFile[] = [];
  const durations = logDurations({
    session,
    log: context.log,
    journal: ready.tables.journal.table,
    files: done,
  });
  let ran = 0;
  const onCommitted = (count: number): void => {
    done.push(...work.slice(ran, ran + count).flatMap((one) => reported(one, 'applied') ?? []));
    ran += count;
    context.saveRecord(recordOf(context.record, { ...ready, applied: appliedVersions(done) }));
    durations.schedule();
  };
  try {
    const batches = batchWork(work);
    let sent: ReturnType<typeof textOfBatch>;
    for (const [index, batch] of batches.entries()) {
      // Such a file logs each of its statements, and what ran before it comes before it in the log.
      if (batch.some(({ file }) => ready.review.stepwise.has(file))) await durations.flush();
      const [before, begun] = [done.length, context.clock.monotonic()];
      await runBatch(target, batch, {
        sent,
        onCommitted,
        onSent() {
          sent = textOfBatch(target, batches[index + 1] ?? []);
        },
      });
      const [only] = batch.length === 1 ? done.slice(before) : [];
      if (only) only.ms = context.clock.monotonic() - begun;
    }
    return { failure: null, files: durations.flush().then(() => done) };
  } catch (error) {
    await durations.flush();
    const failure = error instanceof Fault || error instanceof Cancelled ? error : null;
    if (failure === null) throw error;
    const isOurs = failure instanceof Fault && !(failure instanceof AppliedByAnotherRun);
    const files = [...done, ...notRun(work.slice(ran), isOurs ? 'failed' : 'pending')];
    return { failure, files: Promise.resolve(files) };
  }
}

function workOf(
  { record, run }: Connected['context'],
  { schemas, tables, plan, review: { scripts, stepwise } }: BackedUp,
): Work[] {
  const facts = { release: record.id, commit: record.commit, run: run.url };
  return buildWork({ ...tables, schemas, plan, scripts, stepwise, facts });
}

/** How a piece of work appears in the report; null for what is not a file of the repository. */
function reported({ file, as }: Work, state: 'applied' | 'pending' | 'failed'): MigrationFile | null {
  if (as.kind === 'migration') {
    return { file, version: as.migration.version, class: as.migration.class, state };
  }
  if (as.kind !== 'schema') return null;
  return { file, version: '', state: state === 'applied' ? 'schema' : state };
}

/** How the file that stopped the run, and those that were never begun, are reported. */
function notRun(work: readonly Work[], first: 'failed' | 'pending'): MigrationFile[] {
  return work.flatMap((one, index) => {
    if (index > 0 && one.as.kind === 'schema') return [];
    return reported(one, index === 0 ? first : 'pending') ?? [];
  });
}

/** Where files are run: in production by the session, in a rehearsal by connections to the copy. */
export function targetOf(
  { context, database }: Pick<Connected, 'context' | 'database'>,
  on: Pick<ApplyTarget, 'worker' | 'observer' | 'watchClient'> & { lock: Pick<ApplyTarget, 'assertHeld'> },
): ApplyTarget {
  const { clock, signal, log, redactor } = context;
  return {
    worker: on.worker,
    observer: on.observer,
    watchClient: on.watchClient,
    assertHeld: () => on.lock.assertHeld(),
    clock,
    signal,
    log,
    redactor,
    lockTimeoutMs: database['lock-timeout'],
    statementTimeoutMs: database['statement-timeout'],
  };
}
