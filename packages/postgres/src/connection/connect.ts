import { Cancelled, type Clock, type Log, poll, UserError } from '@slipway/kernel';
import type { Client } from 'pg';
import { connectionError, isNotReady, notReady } from './connection-error.ts';

export interface ConnectOptions {
  url: string;
  /** Shown in pg_stat_activity, so that whoever looks for a lock finds us. */
  applicationName: string;
  /** Milliseconds until the connection must stand. */
  timeout: number;
  /** Ends the attempt. What happens to a connection that stands is the caller's business. */
  signal: AbortSignal;
  /** With it, a server that says that it is starting up is waited for. */
  patience?: Patience;
}

export interface Patience {
  clock: Clock;
  log: Pick<Log, 'info'>;
  /** Milliseconds. Default: two minutes. */
  within?: number;
}

/** @throws UserError that says why there is no connection, without the URL; Cancelled. */
export async function connect(options: ConnectOptions): Promise<Client> {
  const { signal, patience } = options;
  const explained = (error: unknown): Error => {
    if (signal.aborted) return new Cancelled('connecting to the database');
    return error instanceof UserError ? error : connectionError(error);
  };
  if (!patience) {
    return connectOnce(options).catch((error: unknown) => {
      throw explained(error);
    });
  }
  const { clock, log, within = startsWithin } = patience;
  let told = false;
  const wait = { clock, signal, every: 500, within, during: 'connecting to the database' };
  const tried = await poll(wait, async () => {
    try {
      return { done: true, value: await connectOnce(options) };
    } catch (error) {
      if (signal.aborted || !isNotReady(error)) throw explained(error);
      if (!told) log.info(`waiting for the server: ${error.message}`);
      told = true;
      return { done: false, seen: error.message };
    }
  });
  if (tried.ok) return tried.value;
  throw notReady(tried.seen, within);
}

/** Milliseconds in which a server recovers from most crashes. */
const startsWithin = 120_000;

/** @throws whatever the driver throws; UserError when there is nothing to connect with. */
async function connectOnce(options: ConnectOptions): Promise<Client> {
  const { signal } = options;
  const client = await createClient(options);
  if (signal.aborted) throw new Cancelled('connecting to the database');
  // Without a listener, a server that goes away would end the process instead of the query.
  client.on('error', () => undefined);
  const cut = (): void => cutConnection(client);
  signal.addEventListener('abort', cut, { once: true });
  try {
    await client.connect();
    return client;
  } catch (error) {
    cut();
    throw error;
  } finally {
    signal.removeEventListener('abort', cut);
  }
}

async function createClient({ url, applicationName, timeout }: ConnectOptions): Promise<Client> {
  const expected = 'expected postgresql://user:password@host:port/database';
  if (!/^postgres(?:ql)?:\/\//.test(url)) throw new UserError(`the database URL is not one: ${expected}`);
  const { default: pg } = await import('pg');
  try {
    return new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: timeout,
      // PostgreSQL keeps 63 bytes of it and replaces what is not ASCII.
      application_name: applicationName.replace(/[^ -~]/g, '?').slice(0, 63),
      keepAlive: true,
    });
  } catch (error) {
    // The parser's own error may hold the URL: of it only the code of a file that is missing is told.
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EACCES') {
      throw new UserError('a certificate file that the database URL names cannot be read', {
        hint: 'Check sslrootcert, sslcert and sslkey in the database URL.',
      });
    }
    throw new UserError(`the database URL cannot be read: ${expected}`, {
      hint: 'Percent-encode special characters of the password: @ is %40, / is %2F, # is %23, % is %25.',
    });
  }
}

/** Ends a connection at once, without waiting for what it is doing. */
export function cutConnection(client: Client): void {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}

/** Milliseconds that a server gets to take a good-bye. */
const farewell = 1000;

/** Ends a connection as the protocol wants it, so that the server's log does not complain of a lost client. */
export async function closeConnection(client: Client): Promise<void> {
  const timer = setTimeout(() => cutConnection(client), farewell);
  await client.end().catch(() => undefined);
  clearTimeout(timer);
}

export interface ServerVersion {
  /** e.g. 15 */
  major: number;
  /** As the server writes it, e.g. `15.18 (Debian 15.18-0+deb12u1)`. */
  version: string;
}

export async function serverVersion(client: Client): Promise<ServerVersion> {
  const { major, version } = await describeServer(client);
  return { major, version };
}

/** Its version, and the server process that answers, whatever one the client was told of when it connected. */
export async function describeServer(client: Client): Promise<ServerVersion & { process: number }> {
  const { rows } = await client.query(
    `SELECT current_setting('server_version_num')::int / 10000 AS major, current_setting('server_version') AS version,
       pg_backend_pid() AS process`,
  );
  const { major, version, process } = rows[0] ?? {};
  return { major: Number(major), version: String(version), process: Number(process) };
}
