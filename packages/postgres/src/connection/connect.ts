import {
  Cancelled,
  type Clock,
  type DatabaseAddress,
  type DatabaseUrl,
  type Log,
  poll,
  type Redactor,
  UserError,
} from '@slipway/kernel';
import { Client } from 'pg';
import { connectionError, isNotReady, notReady } from './connection-error.ts';
import { makeErrorsSafe } from './server-words.ts';

export interface ConnectOptions {
  url: DatabaseUrl;
  /** Shown in pg_stat_activity, so that somebody who looks for the holder of a lock finds this session. */
  applicationName: string;
  /** Default: 15 s. */
  timeoutMs?: number;
  /** Ends the attempt. An established connection is left to the caller. */
  signal: AbortSignal;
  /** Makes what the server says in its errors safe to print. */
  redactor: Redactor;
  /** Waits for a server that reports that it is starting up. Without it, that is an error. */
  startup?: StartupWait;
}

interface StartupWait {
  clock: Clock;
  log: Pick<Log, 'info'>;
  /** Default: two minutes, in which a server recovers from most crashes. */
  timeoutMs?: number;
}

const connectTimeoutMs = 15_000;
const startupTimeoutMs = 120_000;

/** @throws UserError that says why there is no connection, without the URL; Cancelled. */
export async function connect(options: ConnectOptions): Promise<Client> {
  const { signal, startup } = options;
  const explain = (error: unknown): Error => {
    if (signal.aborted) return new Cancelled('connecting to the database');
    return error instanceof UserError ? error : connectionError(error);
  };
  if (!startup) {
    return openClient(options).catch((error: unknown) => {
      throw explain(error);
    });
  }
  const { clock, log, timeoutMs = startupTimeoutMs } = startup;
  let logged = false;
  const wait = { clock, signal, intervalMs: 500, timeoutMs, during: 'connecting to the database' };
  const connected = await poll(wait, async () => {
    try {
      return { done: true, value: await openClient(options) };
    } catch (error) {
      if (signal.aborted || !isNotReady(error)) throw explain(error);
      if (!logged) log.info(`waiting for the server: ${error.message}`);
      logged = true;
      return { done: false, seen: error.message };
    }
  });
  if (connected.ok) return connected.value;
  throw notReady(connected.seen, timeoutMs);
}

/** @throws whatever the driver throws; UserError when a file that the URL names cannot be read. */
async function openClient(options: ConnectOptions): Promise<Client> {
  const { url, applicationName, timeoutMs = connectTimeoutMs, signal } = options;
  if (signal.aborted) throw new Cancelled('connecting to the database');
  let client: Client;
  try {
    client = new Client({
      connectionString: url.reveal(),
      connectionTimeoutMillis: timeoutMs,
      // PostgreSQL stores 63 bytes of it and replaces what is not ASCII.
      application_name: applicationName.replace(/[^ -~]/g, '?').slice(0, 63),
      keepAlive: true,
    });
  } catch (error) {
    throw unusable(error);
  }
  makeErrorsSafe(client, options.redactor);
  // Without a listener, a server that closes the connection would end the process instead of the query.
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

/** The driver's own error may hold the URL: only the code of a missing file is used. */
function unusable(error: unknown): UserError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'EACCES') {
    return new UserError('cannot read a certificate file that the database URL names', {
      hint: 'Check sslrootcert, sslcert and sslkey in the database URL.',
    });
  }
  return new UserError(
    'the database URL is malformed: expected postgresql://user:password@host:port/database',
    {
      hint: 'Percent-encode special characters of the password: @ is %40, / is %2F, # is %23, % is %25.',
    },
  );
}

/** Where a client is connected, with the defaults that the driver filled in. */
export function addressOf({ host, port, user = '', password, database = '' }: Client): DatabaseAddress {
  return { host, port, user, password: typeof password === 'string' ? password : '', database };
}

/** Ends a connection at once, without waiting for its running statement. */
export function cutConnection(client: Client): void {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}

/** How long the server may take to acknowledge the end of a connection. */
const closeGraceMs = 1000;

/** Ends a connection as the protocol prescribes, so that the server does not log a lost client. */
export async function closeConnection(client: Client): Promise<void> {
  const timer = setTimeout(() => cutConnection(client), closeGraceMs);
  await client.end().catch(() => undefined);
  clearTimeout(timer);
}
