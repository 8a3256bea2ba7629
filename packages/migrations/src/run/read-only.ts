import { Cancelled, type DatabaseUrl, type Redactor } from '@slipway/kernel';
import { asDatabaseError, closeConnection, connect, connectionError, cutConnection } from '@slipway/postgres';
import type { Client } from 'pg';

export interface ReadOnlyQuery {
  url: DatabaseUrl;
  /** For the whole exchange. */
  timeoutMs: number;
  signal: AbortSignal;
  redactor: Redactor;
}

/**
 * Asks a database something over one connection that reads only. For a lock it waits a second at most.
 * @throws UserError when it cannot be reached; what `read` throws; Fault; Cancelled.
 */
export async function readOnly<T>(
  { url, timeoutMs, redactor, signal: stop }: ReadOnlyQuery,
  read: (client: Client) => Promise<T>,
): Promise<T> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([stop, deadline]);
  const during = 'the inspection of the database';
  let client: Client | undefined;
  const cut = (): void => client && cutConnection(client);
  signal.addEventListener('abort', cut, { once: true });
  try {
    client = await connect({ url, applicationName: 'slipway rollback', timeoutMs, signal, redactor });
    // A query that the users wrote may be among them. The settings end with the transaction, also behind a pooler.
    await client.query(
      `BEGIN READ ONLY; SET LOCAL statement_timeout = ${timeoutMs}; SET LOCAL lock_timeout = '1s'`,
    );
    return await read(client);
  } catch (error) {
    if (stop.aborted) throw new Cancelled(during);
    if (deadline.aborted) throw connectionError({ code: 'ETIMEDOUT' });
    throw asDatabaseError(error, during);
  } finally {
    signal.removeEventListener('abort', cut);
    if (client) await closeConnection(client);
  }
}
