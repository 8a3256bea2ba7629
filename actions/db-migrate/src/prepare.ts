import { UserError } from '@slipway/kernel';
import {
  assertWritable,
  contractMigrationId,
  type Migration,
  numberingGaps,
  planMigrations,
  readAssertionFiles,
  readCatalog,
  readMigrationTables,
  readProjections,
  stateOf,
} from '@slipway/migrations';
import { note } from './checks.ts';
import { findDrift } from './drift.ts';
import { hasWork, type MigrationRun, wantsBackup } from './migration.ts';
import type { Review } from './review.ts';
import { lockWithin } from './session.ts';

/**
 * Finds out what is to be done: reads the version table behind its tool's own lock, plans, and reviews the pending
 * files. Grammar and lint are loaded only for these. @throws UserError with everything that speaks against it; Fault,
 * Cancelled.
 */
export async function prepare(
  of: Pick<MigrationRun, 'context' | 'database' | 'session' | 'folder' | 'schemas'>,
): Promise<MigrationRun> {
  const { context, database, session, folder } = of;
  const { versionTable, journal } = await readLocked(of);
  const options = { release: context.record.id, outOfOrder: database.migrations['out-of-order'] };
  const planned = planMigrations(folder.migrations, stateOf({ versionTable, journal }), options);
  const work = hasWork({ plan: planned, versionTable });
  // Before anything runs: a folder that is empty or gone asserts nothing.
  const assertions = readAssertionFiles(context.workspace, database.verify.assertions);
  // The server looks while the grammar is loaded; a connection is asked one thing at a time.
  const drift = database.verify.drift === 'off' ? null : findDrift({ session, versionTable, journal });
  const looked = Promise.allSettled([drift]);
  const reviewing = work ? reviewWork(of, planned.pending, looked) : Promise.resolve(nothingToReview);
  const review = await reviewing.finally(() => looked);
  const contracting = review.pending.flatMap((one) =>
    one.class === 'contract' ? [contractMigrationId(one)] : [],
  );
  const contracts = [...new Set([...planned.contractMigrations, ...contracting])];
  const plan = { ...planned, pending: review.pending, class: review.worst(planned.class), contracts };
  const projections = await readProjections(session.observer, database.verify);
  const start = { checks: [], backup: null, rehearsal: null, done: [] };
  const found = { versionTable, journal, plan, review, drift, assertions, projections };
  const run: MigrationRun = { ...of, ...found, ...start };
  if (work && database.lint.level !== 'off') note(run, 'lint', 'Lint', review.state, review.told);
  noteGaps(run);
  return run;
}

async function reviewWork(
  { context, database, session, schemas }: Parameters<typeof prepare>[0],
  pending: readonly Migration[],
  looked: Promise<unknown>,
): Promise<Review> {
  if (pending.length === 0 && schemas.length === 0) return nothingToReview;
  // Connects while the grammar is loaded; who needs it, waits for it and is told what went wrong.
  session.worker().catch(() => undefined);
  import('./run-files.ts').catch(() => undefined);
  const { reviewFiles } = await import('./review.ts');
  const known = pending.length > 0 ? looked.then(() => readCatalog(session.observer)) : undefined;
  return reviewFiles({ context, lint: database.lint, pending, schemas, known });
}

const nothingToReview: Review = {
  pending: [],
  scripts: new Map(),
  stepwise: new Set(),
  downs: [],
  findings: [],
  state: 'passed',
  told: 'nothing is pending',
  worst: (planned) => planned,
  bareDown: ({ file, sql }) => ({ file, sql, statements: null }),
};

function noteGaps(run: MigrationRun): void {
  const gaps = numberingGaps(run.folder.migrations);
  if (gaps.length === 0) return;
  const said = `there is no migration ${gaps.join(', ')}`;
  run.context.log.warn(`${said}: was a file lost in a merge?`);
  note(run, 'gaps', 'Numbering', 'manual', said, 'See that no file was lost in a merge.');
}

/**
 * The tool's own lock keeps a stray run of it out; what it did until we had the lock is read after that. By the connection
 * that reads it again at the end: a server process that has looked once answers several times as fast.
 */
async function readLocked({ context, session, folder }: Parameters<typeof prepare>[0]) {
  const read = () => readMigrationTables(session.observer, folder.format, folder.migrations);
  const found = await read();
  const { lock, otherLock } = found.versionTable;
  if (lock === null || context.dryRun) return found;
  for (const key of [lock, otherLock ?? lock]) {
    await session.lock.takeAlso(key, folder.format.name, lockWithin);
  }
  return read();
}

/** @throws UserError when the server, the user's rights or a pooler do not let this plan be carried out. */
export async function assertRunnable(run: MigrationRun): Promise<void> {
  const { session, review, database } = run;
  await assertWritable(await session.worker(), run);
  const { pooler } = session;
  // A pooler that was named as the direct way is taken for one that keeps sessions, unless it was seen not to.
  const trusted = database['direct-url'] !== undefined && pooler?.perTransaction === false;
  if (pooler === null || trusted) return;
  const [stepwise] = review.stepwise;
  const needs = stepwise
    ? `${stepwise} runs without a transaction`
    : wantsBackup(run)
      ? 'the backup needs a session of its own'
      : null;
  if (needs === null) return;
  const way = database['direct-url'] === undefined ? 'database.url' : 'database.direct-url';
  throw new UserError(
    `${way} leads to ${pooler.name}, which ${pooler.perTransaction ? 'gives' : 'may give'} each transaction another server connection, but ${needs}`,
    { hint: 'Set database.direct-url to the address of the server itself. Nothing was changed.' },
  );
}
