import { Cancelled, type Clock, type DatabaseAddress, type DatabaseUrl, type Log } from '@slipway/kernel';
import type { Client } from 'pg';
import { cancelOnAbort, type RunningConnections } from './cancel-on-abort.ts';
import { addressOf } from './connect.ts';
import { asDatabaseError, isConnectionLost } from './lost.ts';
import { describePooler, isPooled, type Pooler } from './pooler.ts';
import { createConnections, type RunConnection } from './run-connections.ts';
import { createRunLock, type RunLock } from './run-lock.ts';
import { describeServer, type ServerVersion } from './server-version.ts';

/** The connections of one migration run: for the lock, for observation, and for the work when there is any. */
export interface MigrationSession {
  /** Reads the version table, and watches the worker while it waits. */
  observer: Client;
  /** Runs the files. Opened on first use: most runs have nothing to do. @throws UserError, Fault, Cancelled */
  worker(): Promise<Client>;
  server: ServerVersion;
  url: DatabaseUrl;
  connectedTo: DatabaseAddress;
  /** Null when connected to the server itself. */
  pooler: Pooler | null;
  /** Whether the server can stop a statement whose client is gone. */
  watchClient: boolean;
  lock: RunLock;
  end(): Promise<void>;
}

interface SessionOptions extends RunConnection {
  /** How long another run may take before this one gives up. Null takes no lock: nothing will be changed. */
  lockTimeoutMs: number | null;
  clock: Clock;
  log: Log;
}

/**
 * Connects, and takes the run lock on the connection that will hold it.
 * @throws UserError that says why there is no connection; Fault when another run holds the lock; Cancelled.
 */
export async function openSession(options: SessionOptions): Promise<MigrationSession> {
  const connections = createConnections(options);
  const running: RunningConnections = { open: connections.open };
  const release = cancelOnAbort(options.signal, running);
  let working: Promise<Client> | undefined;
  const worker = (): Promise<Client> => {
    working ??= connections.another();
    return working;
  };
  const openObserver = async () => {
    const observer = await connections.another();
    running.observer = observer;
    return { observer, ...(await askServer(observer)) };
  };
  const openHolder = async () => {
    const holder = await connections.another();
    const lock = createRunLock(holder, options);
    running.lock = lock;
    const watchClient = await canWatchClient(holder);
    if (options.lockTimeoutMs !== null) await lock.take(options.lockTimeoutMs);
    return { lock, watchClient };
  };
  try {
    const [{ observer, pooled, server }, held] = await Promise.all([openObserver(), openHolder()]);
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

/** PostgreSQL 14 and later can, where the operating system reports closed sockets. The setting ends with the statement. */
async function canWatchClient(client: Client): Promise<boolean> {
  try {
    await client.query("SELECT set_config('client_connection_check_interval', '1s', true)");
    return true;
  } catch (error) {
    if (isConnectionLost(error)) throw error;
    return false;
  }
}
