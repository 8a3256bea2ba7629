import type { DatabaseConfig } from '@slipway/config';
import { Cancelled, DatabaseUrl } from '@slipway/kernel';
import { asDatabaseError, type MigrationSession, openSession } from '@slipway/postgres';
import type { MigrateContext } from './migration.ts';

/** Milliseconds that another migration of the same database may take before this one gives up. */
export const lockWithin = 5 * 60_000;

/** Milliseconds that a step which is over waits for the connections that it has begun to open. */
const politely = 1000;

/** What is done by a session, and before it what needs none. */
export interface SessionUse<Read, T> {
  /** Runs while the server is being reached; its errors go before those of the connection. */
  meanwhile(): Promise<Read>;
  use(session: MigrationSession, read: Read): Promise<T>;
}

/**
 * Opens the connections of a run, with the run lock unless nothing will be changed, and closes them at the end.
 * @throws whatever `meanwhile` and `use` throw; UserError when there is no connection; Fault when another run has the
 * lock; Cancelled.
 */
export async function withSession<Read, T>(
  context: MigrateContext,
  database: DatabaseConfig,
  { meanwhile, use }: SessionUse<Read, T>,
): Promise<T> {
  // Also when somebody wrote them into the configuration itself.
  for (const secret of [database.url, database['direct-url'], database['shadow-url'], database.staging?.url])
    if (secret) context.redactor.add(secret);
  const { clock, signal, record, log, dryRun } = context;
  const opening = openSession({
    url: DatabaseUrl.parse(database['direct-url'] ?? database.url),
    release: record.id,
    lockTimeoutMs: dryRun ? null : lockWithin,
    clock,
    signal,
    log,
  });
  opening.catch(() => undefined);
  try {
    const read = await meanwhile();
    return await use(await opening, read);
  } catch (error) {
    if (signal.aborted) throw new Cancelled('the look at the database');
    // A connection that is cut while it is opened makes the server's log complain.
    const closed = opening.then((session) => session.end());
    await Promise.race([closed, clock.sleep(politely, signal)]).catch(() => undefined);
    throw asDatabaseError(error, '');
  } finally {
    // The good-bye is sent at once, and nobody waits until the server has taken it.
    void opening.then((session) => session.end()).catch(() => undefined);
  }
}
