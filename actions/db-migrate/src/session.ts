import type { DatabaseConfig } from '@slipway/config';
import { asDatabaseError, type MigrationSession, openSession } from '@slipway/database';
import { Cancelled } from '@slipway/kernel';
import type { MigrateContext } from './migration.ts';

/** Milliseconds that another migration of the same database may take before this one gives up. */
export const lockWithin = 5 * 60_000;

/**
 * Opens the connections of a run, with the run lock unless nothing will be changed, and closes them at the end.
 * @throws UserError when there is no connection; Fault when another run has the lock; Cancelled.
 */
export async function withSession<T>(
  context: MigrateContext,
  database: DatabaseConfig,
  use: (session: MigrationSession) => Promise<T>,
): Promise<T> {
  // Also when somebody wrote them into the configuration itself.
  for (const secret of [database.url, database['direct-url'], database['shadow-url'], database.staging?.url])
    if (secret) context.redactor.add(secret);
  const { clock, signal, record, log } = context;
  const url = database['direct-url'] ?? database.url;
  const session = await openSession({ url, release: record.id, clock, signal, log });
  try {
    if (!context.dryRun) await session.lock.take(lockWithin);
    return await use(session);
  } catch (error) {
    if (signal.aborted) throw new Cancelled('the look at the database');
    throw asDatabaseError(error, '');
  } finally {
    // Nobody waits for the server's good-bye but the end of the process: the outputs are written meanwhile.
    void session.end();
  }
}
