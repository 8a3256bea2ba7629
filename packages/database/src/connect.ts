import { UserError } from '@slipway/kernel';
import type { Client } from 'pg';
import { connectionError } from './connection-error.ts';

export interface ConnectOptions {
  url: string;
  /** Shown in pg_stat_activity, so that whoever looks for a lock finds us. */
  applicationName: string;
  /** Milliseconds until the connection must stand. */
  timeout: number;
  signal: AbortSignal;
}

/**
 * Opens one connection. When the signal aborts it is cut: PostgreSQL then cancels the statement and rolls back.
 * @throws UserError that says why there is none.
 */
export async function connect(options: ConnectOptions): Promise<Client> {
  if (!/^postgres(?:ql)?:\/\//.test(options.url)) {
    throw new UserError(
      'the database URL is not one: expected postgresql://user:password@host:port/database',
    );
  }
  const { default: pg } = await import('pg');
  const client = new pg.Client({
    connectionString: options.url,
    connectionTimeoutMillis: options.timeout,
    application_name: options.applicationName.slice(0, 63),
    keepAlive: true,
  });
  // Without a listener, a server that goes away would end the process instead of the query.
  client.on('error', () => undefined);
  const cut = (): void => cutConnection(client);
  options.signal.addEventListener('abort', cut, { once: true });
  try {
    await client.connect();
    return client;
  } catch (error) {
    options.signal.removeEventListener('abort', cut);
    cut();
    throw connectionError(error);
  }
}

/** Ends a connection at once, without waiting for what it is doing. */
export function cutConnection(client: Client): void {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}

/** Major version of the server, e.g. 15. */
export async function serverMajor(client: Client): Promise<{ major: number; version: string }> {
  const { rows } = await client.query(
    "SELECT current_setting('server_version_num')::int / 10000 AS major, current_setting('server_version') AS version",
  );
  return { major: Number(rows[0]?.major), version: String(rows[0]?.version) };
}
