import type { DatabaseConfig } from '@slipway/config';
import { Cancelled, DatabaseUrl } from '@slipway/kernel';
import { asDatabaseError, type MigrationSession, openSession } from '@slipway/postgres';
import type { MigrateContext } from './migration.ts';

/** How long another migration of the same database may take before this one gives up. */
export const lockTimeoutMs = 5 * 60_000;

/** How long a step that is over waits for the connections that it has begun to open. */
const closeGraceMs = 1000;

/** What is done with a session, and before it what needs none. */
export interface SessionUse<Read, T> {
  /** Runs while the server is being reached; its errors take precedence over those of the connection. */
  whileConnecting(): Promise<Read>;
  run(session: MigrationSession, read: Read): Promise<T>;
}

/**
 * Opens the connections of a run, with the run lock unless nothing will be changed, and closes them at the end.
 * @throws whatever `whileConnecting` and `run` throw; UserError when there is no connection; Fault when another run has
 * the lock; Cancelled.
 */
export async function withSession<Read, T>(
  context: MigrateContext,
  database: DatabaseConfig,
  { whileConnecting, run }: SessionUse<Read, T>,
): Promise<T> {
  // Also when they are written in the configuration, not in variables.
  for (const secret of [database.url, database['direct-url'], database['shadow-url'], database.staging?.url])
    if (secret) context.redactor.add(secret);
  const { clock, signal, record, log, redactor, dryRun } = context;
  const opening = openSession({
    url: DatabaseUrl.parse(database['direct-url'] ?? database.url),
    release: record.id,
    lockTimeoutMs: dryRun ? null : lockTimeoutMs,
    clock,
    signal,
    log,
    redactor,
  });
  opening.catch(() => undefined);
  try {
    const read = await whileConnecting();
    return await run(await opening, read);
  } catch (error) {
    if (signal.aborted) throw new Cancelled('the inspection of the database');
    // A connection that is cut while it is being opened leaves an error in the log of the server.
    const closed = opening.then((session) => session.end());
    await Promise.race([closed, clock.sleep(closeGraceMs, signal)]).catch(() => undefined);
    throw asDatabaseError(error, '');
  } finally {
    // The end of the session is sent at once, and nobody waits until the server has received it.
    void opening.then((session) => session.end()).catch(() => undefined);
  }
}
