import { poll } from '@slipway/kernel';
import { type MigrationState, readMigrationTables, stateOf } from '@slipway/migrations';
import { connect, isWorking, sessionName } from '@slipway/postgres';
import type { BackedUp, Connected } from './migration.ts';

/** What the version table says now. */
export type SchemaState = { known: true; state: MigrationState } | { known: false };

/** How long a server that dropped us may take to come back, and how long one attempt may take. */
const reconnectTimeoutMs = 10_000;
const attemptTimeoutMs = 2000;

/**
 * Reads the version table again after a run that failed or was cancelled; by a new connection when the old one is gone.
 * A cancelled step has no time to wait for a server.
 * @param answered Whether the server has answered our last statement: what still runs there is of another run.
 */
export async function readSchemaState(
  { session, context }: Pick<Connected, 'session' | 'context'>,
  { folder }: Pick<BackedUp, 'folder'>,
  answered: boolean,
): Promise<SchemaState> {
  const read = async (client = session.observer): Promise<MigrationState> => {
    // A server does not always see at once that its client is gone, and may commit after we have asked.
    if (!answered && (await isWorking(client))) throw new Error('our last statement is still running');
    return stateOf(await readMigrationTables(client, folder.format, folder.migrations));
  };
  try {
    return { known: true, state: await read() };
  } catch {
    const { clock, record, redactor } = context;
    const signal = new AbortController().signal;
    const timeoutMs = context.signal.aborted ? 0 : reconnectTimeoutMs;
    const wait = { clock, signal, intervalMs: 500, timeoutMs, during: 'a new connection' };
    const found = await poll(wait, async () => {
      const client = await connect({
        url: session.url,
        applicationName: sessionName(record.id),
        timeoutMs: attemptTimeoutMs,
        signal,
        redactor,
      }).catch(() => null);
      if (!client) return { done: false, seen: 'no connection' };
      try {
        return { done: true, value: await read(client) };
      } catch {
        return { done: false, seen: 'no answer, or our last statement is still running' };
      } finally {
        client.end().catch(() => undefined);
      }
    });
    return found.ok ? { known: true, state: found.value } : { known: false };
  }
}
