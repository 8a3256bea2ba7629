import { Cancelled, type Clock, type Log } from '@slipway/kernel';
import type { Client } from 'pg';
import { cancelOnAbort, type Running } from './cancel-on-abort.ts';
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

export interface SessionOptions {
  url: string;
  release: string;
  /** Milliseconds that another run may take before this one gives up; null: nothing is changed, and no lock is taken. */
  lockWithin: number | null;
  clock: Clock;
  signal: AbortSignal;
  log: Log;
}

const connectWithin = 15_000;

/** One more connection that is known by the release's name. @throws UserError, Cancelled */
export function connectFor(
  { url, release, signal }: Pick<SessionOptions, 'url' | 'release' | 'signal'>,
  timeout = connectWithin,
  patience?: Patience,
): Promise<Client> {
  const applicationName = `slipway db-migrate ${release}`;
  return connect({ url, applicationName, timeout, signal, ...(patience ? { patience } : {}) });
}

/**
 * Connects, and takes the lock of the run on the connection that will hold it.
 * @throws UserError that says why the database cannot be reached; Fault when another run has the lock; Cancelled.
 */
export async function openSession(options: SessionOptions): Promise<MigrationSession> {
  const patience = { clock: options.clock, log: onceIn(options.log) };
  const open: Client[] = [];
  let over = false;
  const another = async (): Promise<Client> => {
    const client = await connectFor(options, connectWithin, patience);
    open.push(client);
    if (over) cutConnection(client);
    return client;
  };
  let working: Promise<Client> | undefined;
  const worker = (): Promise<Client> => {
    working ??= another();
    return working;
  };
  const running: Running = { open };
  const release = cancelOnAbort(options.signal, running);
  try {
    const [looking, holding] = await Promise.all([
      another().then(async (observer) => {
        running.observer = observer;
        return { observer, ...(await askServer(observer)) };
      }),
      another().then(async (holder) => {
        const lock = createRunLock(holder, options);
        running.lock = lock;
        const watchClient = await canWatchClient(holder);
        if (options.lockWithin !== null) await lock.take(options.lockWithin);
        return { lock, watchClient };
      }),
    ]);
    const { observer, pooled, server } = looking;
    return {
      ...holding,
      observer,
      worker,
      server,
      url: options.url,
      connectedTo: addressOf(observer),
      pooler: pooled ? await describePooler(observer, await worker()) : null,
      async end() {
        over = true;
        release();
        await Promise.all(open.splice(0).map(closeConnection));
      },
    };
  } catch (error) {
    over = true;
    release();
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

/** A pooler tells its client of a server process that is none: it answers cancel requests itself. */
async function askServer(client: Client): Promise<{ server: ServerVersion; pooled: boolean }> {
  const [server, { own, told }] = await Promise.all([serverVersion(client), askBackend(client)]);
  return { server, pooled: own !== told };
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
