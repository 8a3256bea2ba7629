import { Cancelled, describeError, Fault, UserError } from '@slipway/kernel';
import type { Reversal } from '@slipway/migrations';
import type { RestoreTarget } from '@slipway/release';
import type { OpenTarget } from '@slipway/transaction';
import type { RollbackContext } from './context.ts';
import type { DatabaseChange } from './database-change.ts';
import { databaseOf } from './reversal.ts';

/** How long another migration of the database may take before the rollback gives up. */
const lockTimeoutMs = 60_000;

/**
 * Takes back what was migrated since the release that comes back, by the down migrations that are saved in the database,
 * and writes to the target that it is done. Run again, it continues where it stopped.
 * @throws Fault when another run took the lease; Cancelled.
 */
export async function takeSchemaBack(
  context: RollbackContext,
  target: OpenTarget,
  choice: RestoreTarget,
): Promise<DatabaseChange> {
  const reverted: string[] = [];
  let isDone = false;
  try {
    await context.log.group('Take the schema back', () => revert(context, target, { choice, reverted }));
    isDone = true;
    await target.transaction.send({ kind: 'reverted', sequence: choice.from.sequence });
    const done = reverted.length > 0 ? `The schema was taken back: without ${reverted.join(', ')}.` : null;
    return { done, failure: null };
  } catch (error) {
    const isOurs = error instanceof Fault || error instanceof UserError;
    if (!isOurs || error instanceof Cancelled || target.signal.aborted) throw error;
    const before = reverted.length > 0 ? ` (${reverted.join(', ')} was taken back before that)` : '';
    const what = isDone
      ? 'the schema was taken back, but that could not be written to the target'
      : `the schema was not taken back${before}`;
    return { done: null, failure: `${what}: ${describeError(error)}` };
  }
}

interface Work {
  choice: RestoreTarget;
  /** Gets the versions, one by one. */
  reverted: string[];
}

async function revert(
  context: RollbackContext,
  target: OpenTarget,
  { choice, reverted }: Work,
): Promise<void> {
  const { clock, log, redactor, record } = context;
  const { signal, transaction } = target;
  const { url, format, lockTimeoutMs: waitMs, statementTimeoutMs } = databaseOf(context);
  const [{ openSession }, { findReversal, revertMigrations, saveRevertedSchema }] = await Promise.all([
    import('@slipway/postgres'),
    import('@slipway/migrations'),
  ]);
  const session = await openSession({ url, release: record.id, lockTimeoutMs, clock, signal, log, redactor });
  try {
    const releases = choice.migrated.map(({ id }) => id);
    const found = await findReversal(session.observer, { format, releases });
    if (found.problems.length > 0) throw new UserError(found.problems.join('; '));
    if (found.downs.length === 0) return;
    await takeToolLocks(session.lock, found);
    const target = {
      worker: await session.worker(),
      observer: session.observer,
      watchClient: session.watchClient,
      assertHeld: async () => {
        await transaction.assertHeld();
        await session.lock.assertHeld();
      },
      ...{ clock, signal, log, redactor, lockTimeoutMs: waitMs, statementTimeoutMs },
    };
    await revertMigrations(target, found, (version) => {
      reverted.push(version);
      log.info(`${version}: taken back`);
    });
    const server = String(session.server.major);
    const release = choice.to?.id ?? '';
    await saveRevertedSchema(target, found, { release, server }).catch((error: unknown) => {
      log.warn(`cannot save the schema for the next release: ${describeError(error)}`);
    });
  } finally {
    await session.end().catch(() => undefined);
  }
}

/** A stray run of the tool itself waits, as it does for db-migrate. */
async function takeToolLocks(
  lock: { takeAlso(key: string, tool: string, timeoutMs: number): Promise<void> },
  { downs }: Reversal,
): Promise<void> {
  for (const key of new Set(downs.flatMap(({ locks }) => locks)))
    await lock.takeAlso(key, 'the migration tool', lockTimeoutMs);
}
