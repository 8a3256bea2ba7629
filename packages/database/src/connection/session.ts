import { Cancelled, type Clock, type Log } from '@slipway/kernel';
import type { Client } from 'pg';
import {
  closeConnection,
  connect,
  cutConnection,
  type Patience,
  type ServerVersion,
  serverVersion,
} from './connect.ts';
import { asDatabaseError, isConnectionLost } from './lost.ts';
import { askBackend, describePooler, type Pooler } from './pooler.ts';
import { createRunLock, type RunLock, workingSession } from './run-lock.ts';

/** Where a session is connected, as its driver understood the URL. */
export interface ConnectedTo {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}

/** The connections of one migration run: the lock, the work, and a look from outside. */
export interface MigrationSession {
  /** Runs the files. */
  worker: Client;
  /** Looks at the worker while it waits, and at the version table. */
  observer: Client;
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

export interface SessionOptions {
  url: string;
  release: string;
  clock: Clock;
  signal: AbortSignal;
  log: Log;
}

const connectWithin = 15_000;
/** Milliseconds after the cancellation until connections are cut; the step has 7.5 s in all. */
const politeness = 3000;

/** One more connection that is known by the release's name. @throws UserError, Cancelled */
export function connectFor(
  { url, release, signal }: Omit<SessionOptions, 'log'>,
  timeout = connectWithin,
  patience?: Patience,
): Promise<Client> {
  const applicationName = `slipway db-migrate ${release}`;
  return connect({ url, applicationName, timeout, signal, ...(patience ? { patience } : {}) });
}

/** @throws UserError that says why the database cannot be reached; Cancelled. */
export async function openSession(options: SessionOptions): Promise<MigrationSession> {
  const patience = { clock: options.clock, log: onceIn(options.log) };
  const tries = await Promise.allSettled([1, 2, 3].map(() => connectFor(options, connectWithin, patience)));
  const open = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  try {
    const refused = tries.find((one) => one.status === 'rejected');
    if (refused) throw refused.reason;
    const [worker, observer, holder] = open as [Client, Client, Client];
    const [backend, server, watchClient] = await Promise.all([
      askBackend(worker),
      serverVersion(observer),
      canWatchClient(holder),
    ]);
    const pooler = backend.own === backend.told ? null : await describePooler(worker, observer);
    const lock = createRunLock(holder, options);
    const release = cancelOnAbort(options.signal, observer, open, lock);
    return {
      worker,
      observer,
      server,
      url: options.url,
      connectedTo: addressOf(worker),
      pooler,
      watchClient,
      lock,
      async end() {
        release();
        await Promise.all(open.splice(0).map(closeConnection));
      },
    };
  } catch (error) {
    open.forEach(cutConnection);
    if (options.signal.aborted) throw new Cancelled('connecting to the database');
    throw asDatabaseError(error, '');
  }
}

/** For what several connections have to say. */
function onceIn(log: Pick<Log, 'info'>): Pick<Log, 'info'> {
  let told = false;
  return {
    info(line) {
      if (!told) log.info(line);
      told = true;
    },
  };
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

/**
 * On cancellation the running statement is cancelled first, so that the state can be read afterwards. Without the lock
 * of the run, what is running is another's.
 */
function cancelOnAbort(
  signal: AbortSignal,
  observer: Client,
  open: readonly Client[],
  lock: Pick<RunLock, 'isHeld'>,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    if (lock.isHeld()) {
      observer.query(`SELECT pg_cancel_backend(pid) FROM (${workingSession}) working`).catch(() => undefined);
    }
    timer = setTimeout(() => open.forEach(cutConnection), politeness);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  return () => {
    signal.removeEventListener('abort', onAbort);
    clearTimeout(timer);
  };
}

function addressOf(client: Client): ConnectedTo {
  const { host, port, user = '', password, database = '' } = client;
  return { host, port, user, password: typeof password === 'string' ? password : '', database };
}
