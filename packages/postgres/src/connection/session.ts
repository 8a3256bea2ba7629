import { Cancelled, type Clock, type Log } from '@slipway/kernel';
import type { Client } from 'pg';
import { cancelOnAbort, type Running } from './cancel-on-abort.ts';
import { describeServer, type ServerVersion } from './connect.ts';
import { asDatabaseError, isConnectionLost } from './lost.ts';
import { describePooler, isPooled, type Pooler } from './pooler.ts';
import { createConnections, type RunConnection } from './run-connections.ts';
import { createRunLock, type RunLock } from './run-lock.ts';

/** Where a session is connected, as its driver understood the URL. */
export interface ConnectedTo {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}

/** The connections of one migration run: the lock, a look from outside, and the work when there is any. */
export interface MigrationSession {
  /** Looks at the version table, and at the worker while it waits. */
  observer: Client;
  /** Runs the files. Opened when it is asked for first: most runs find nothing to do. @throws UserError, Fault, Cancelled */
  worker(): Promise<Client>;
  server: ServerVersion;
  /** As it was given. */
  url: string;
  connectedTo: ConnectedTo;
  /** null: we speak with the server itself. */
  pooler: Pooler | null;
  /** Whether the server can be told to stop a statement whose client is gone. */
  watchClient: boolean;
  lock: RunLock;
  end(): Promise<void>;
}

interface SessionOptions extends RunConnection {
  /** Milliseconds that another run may take before this one gives up; null: nothing is changed, and no lock is taken. */
  lockWithin: number | null;
  clock: Clock;
  log: Log;
}

/**
 * Connects, and takes the lock of the run on the connection that will hold it.
 * @throws UserError that says why the database cannot be reached; Fault when another run has the lock; Cancelled.
 */
export async function openSession(options: SessionOptions): Promise<MigrationSession> {
  const connections = createConnections(options);
  const running: Running = { open: connections.open };
  const release = cancelOnAbort(options.signal, running);
  let working: Promise<Client> | undefined;
  const worker = (): Promise<Client> => {
    working ??= connections.another();
    return working;
  };
  const look = async () => {
    const observer = await connections.another();
    running.observer = observer;
    return { observer, ...(await askServer(observer)) };
  };
  const hold = async () => {
    const holder = await connections.another();
    const lock = createRunLock(holder, options);
    running.lock = lock;
    const watchClient = await canWatchClient(holder);
    if (options.lockWithin !== null) await lock.take(options.lockWithin);
    return { lock, watchClient };
  };
  try {
    const [{ observer, pooled, server }, held] = await Promise.all([look(), hold()]);
    return {
      ...held,
      observer,
      worker,
      server,
      url: options.url,
      connectedTo: addressOf(observer),
      pooler: pooled ? await describePooler(observer, await worker()) : null,
      async end() {
        release();
        await connections.close();
      },
    };
  } catch (error) {
    release();
    connections.cut();
    if (options.signal.aborted) throw new Cancelled('connecting to the database');
    throw asDatabaseError(error, '');
  }
}

async function askServer(client: Client): Promise<{ server: ServerVersion; pooled: boolean }> {
  const { process, ...server } = await describeServer(client);
  return { server, pooled: isPooled(client, process) };
}

/** PostgreSQL 14 and newer can, where its system tells it of closed sockets. The setting ends with the statement. */
async function canWatchClient(client: Client): Promise<boolean> {
  try {
    await client.query("SELECT set_config('client_connection_check_interval', '1s', true)");
    return true;
  } catch (error) {
    if (isConnectionLost(error)) throw error;
    return false;
  }
}

function addressOf(client: Client): ConnectedTo {
  const { host, port, user = '', password, database = '' } = client;
  return { host, port, user, password: typeof password === 'string' ? password : '', database };
}
