import { type Clock, Fault, poll } from '@slipway/kernel';
import { type Client, escapeIdentifier, escapeLiteral } from 'pg';

/** Comment on the new database which says that Slipway closed the old one: the run after a kill opens it again. */
export const closedMark = 'slipway closed the connections of the database that this one is going to replace';

/** How long terminated sessions may take to disappear. */
const sessionTimeoutMs = 15_000;

/**
 * Refuses new connections to a database, and terminates all sessions but Slipway's own.
 * @param admin Connected to another database of the server. @throws Fault that names who cannot be ended; Cancelled.
 */
export async function closeDatabase(
  admin: Client,
  of: { database: string; restored: string; except: readonly number[] },
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<void> {
  await admin.query(`COMMENT ON DATABASE ${escapeIdentifier(of.restored)} IS ${escapeLiteral(closedMark)}`);
  await allowConnections(admin, of.database, false);
  const wait = {
    clock,
    signal,
    intervalMs: 100,
    timeoutMs: sessionTimeoutMs,
    during: 'waiting for sessions to end',
  };
  const gone = await poll(wait, async () => {
    // Everybody can read these columns of other roles' sessions. Workers of the server have no user.
    const { rows } = await admin.query(
      `SELECT pid, usename AS name, application_name AS application FROM pg_stat_activity
       WHERE datname = $1 AND pid <> ALL ($2) AND usesysid IS NOT NULL`,
      [of.database, of.except],
    );
    if (rows.length === 0) return { done: true, value: true };
    const seen = rows
      .map(({ pid, name, application }) => `session ${pid} of ${name} (${application || 'unnamed'})`)
      .join(', ');
    for (const { pid } of rows) await terminate(admin, pid, seen);
    return { done: false, seen };
  });
  if (!gone.ok) throw stillThere(gone.seen);
}

async function terminate(admin: Client, pid: number, seen: string): Promise<void> {
  await admin.query('SELECT pg_terminate_backend($1)', [pid]).catch((cause: unknown) => {
    throw stillThere(seen, cause);
  });
}

function stillThere(seen: string, cause?: unknown): Fault {
  return new Fault(`the old database is still in use, and its sessions cannot be terminated: ${seen}`, {
    cause,
    hint: 'Close them, or GRANT pg_signal_backend TO the user of the database URL; only a superuser can terminate sessions of superusers. Then re-run this job.',
  });
}

export async function allowConnections(admin: Client, database: string, allow: boolean): Promise<void> {
  await admin.query(`ALTER DATABASE ${escapeIdentifier(database)} ALLOW_CONNECTIONS ${allow}`);
}
