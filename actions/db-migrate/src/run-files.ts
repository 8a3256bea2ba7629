import { Fault, formatDuration } from '@slipway/kernel';
import {
  AppliedByAnotherRun,
  type ApplyTarget,
  batchWork,
  buildWork,
  readDurations,
  runBatch,
  textOfBatch,
  type Work,
} from '@slipway/migrations';
import type { MigrationFile } from '@slipway/release';
import { type MigrationRun, recordNow } from './migration.ts';

/** How the files came out. */
export interface RanFiles {
  /** What the first file that failed died of. */
  failed: Fault | null;
  /** Fulfilled when log and report know how long each took. */
  told: Promise<void>;
}

/**
 * Runs the schema files, then every pending migration together with its rows in the version table and the journal.
 * While a batch runs, the log tells of those before. @throws Cancelled
 */
export async function runFiles(run: MigrationRun): Promise<RanFiles> {
  const { context, session, review } = run;
  const target = targetOf(run, { ...session, worker: await session.worker() });
  const work = workOf(run);
  let ran = 0;
  const telling = tellOf(run);
  const done = (count: number): void => {
    run.done.push(...work.slice(ran, ran + count).flatMap((one) => reported(one, 'applied') ?? []));
    ran += count;
    context.keep(recordNow(run));
    telling.soon();
  };
  try {
    const batches = batchWork(work);
    let sent: ReturnType<typeof textOfBatch>;
    for (const [index, batch] of batches.entries()) {
      // Such a file tells of each statement by itself, and what ran before it comes before it in the log.
      if (batch.some(({ file }) => review.stepwise.has(file))) await telling.end();
      const [before, begun] = [run.done.length, context.clock.monotonic()];
      await runBatch(target, batch, {
        sent,
        done,
        meanwhile() {
          sent = textOfBatch(target, batches[index + 1] ?? []);
        },
      });
      const [only] = batch.length === 1 ? run.done.slice(before) : [];
      if (only) only.ms = context.clock.monotonic() - begun;
    }
    return { failed: null, told: telling.end() };
  } catch (error) {
    await telling.end();
    const ours = error instanceof Fault && !(error instanceof AppliedByAnotherRun);
    run.done.push(...leftOver(work.slice(ran), ours ? 'failed' : 'pending'));
    if (error instanceof Fault) return { failed: error, told: Promise.resolve() };
    throw error;
  }
}

/** Milliseconds for which what is done is gathered for the log: small files run by the hundred in that time. */
const gather = 250;

/** Tells the log of files that are done, beside those that run. */
function tellOf(run: MigrationRun): { soon(): void; end(): Promise<void> } {
  let told = 0;
  let timer: NodeJS.Timeout | undefined;
  let telling = Promise.resolve();
  const tell = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const files = run.done.slice(told);
    told = run.done.length;
    telling = telling.then(() => addDurations(run, files));
  };
  return {
    soon() {
      timer ??= setTimeout(tell, gather);
    },
    end() {
      tell();
      return telling;
    },
  };
}

/** Several files are sent at once: how long each took, only the server knows. */
async function addDurations(run: MigrationRun, files: readonly MigrationFile[]): Promise<void> {
  const versions = files.map(({ version }) => version).filter((version) => version !== '');
  // The files are applied, whether or not it can be asked how long that took.
  const times =
    versions.length > 0
      ? await readDurations(run.session.observer, run.journal.table, versions).catch(() => null)
      : null;
  const lines = files.map((file) => {
    const ms = times?.get(file.version) ?? file.ms;
    if (ms !== undefined) file.ms = ms;
    return ms === undefined ? file.file : `${file.file} in ${formatDuration(ms)}`;
  });
  if (lines.length > 0) run.context.log.info(lines.join('\n'));
}

function workOf({ schemas, versionTable, journal, plan, review, context }: MigrationRun): Work[] {
  const { record, run } = context;
  const facts = { release: record.id, commit: record.commit, run: run.url };
  const { scripts, stepwise } = review;
  return buildWork({ schemas, plan, versionTable, journal, scripts, stepwise, facts });
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
  on: Pick<ApplyTarget, 'worker' | 'observer' | 'watchClient'> & { lock: Pick<ApplyTarget, 'assertHeld'> },
): ApplyTarget {
  const { clock, signal, log } = context;
  return {
    worker: on.worker,
    observer: on.observer,
    watchClient: on.watchClient,
    assertHeld: () => on.lock.assertHeld(),
    clock,
    signal,
    log,
    lockTimeout: database['lock-timeout'],
    statementTimeout: database['statement-timeout'],
  };
}
