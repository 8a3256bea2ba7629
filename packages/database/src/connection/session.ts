import type { Clock, Log } from '@slipway/kernel';
import type { Client } from 'pg';
import { closeConnection, connect, cutConnection, type ServerVersion, serverVersion } from './connect.ts';
import { assertLocked, takeRunLock } from './run-lock.ts';

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
  connectedTo: ConnectedTo;
  /** Waits until no other run migrates this database, and keeps others away until `end`. @throws Fault, Cancelled */
  lock(within: number, log: Log): Promise<void>;
  /** @throws Fault when the lock was lost meanwhile. */
  assertLocked(): Promise<void>;
  end(): Promise<void>;
}

export interface SessionOptions {
  url: string;
  release: string;
  clock: Clock;
  signal: AbortSignal;
}

const connectWithin = 15_000;
/** Milliseconds after the cancellation until connections are cut; the step has 7.5 s in all. */
const politeness = 3000;

/** One more connection that is known by the release's name. @throws UserError, Cancelled */
export function connectFor(
  { url, release, signal }: SessionOptions,
  timeout = connectWithin,
): Promise<Client> {
  return connect({ url, applicationName: `slipway db-migrate ${release}`, timeout, signal });
}

/** @throws UserError that says why the database cannot be reached; Cancelled. */
export async function openSession(options: SessionOptions): Promise<MigrationSession> {
  const open: Client[] = [];
  try {
    for (let count = 0; count < 3; count++) open.push(await connectFor(options));
    const [worker, observer, holder] = open as [Client, Client, Client];
    const server = await serverVersion(worker);
    const release = cancelOnAbort(options.signal, worker, observer, open);
    const { clock, signal } = options;
    return {
      worker,
      observer,
      server,
      connectedTo: addressOf(worker),
      lock: (within, log) => takeRunLock(holder, { clock, signal, log, within }),
      assertLocked: () => assertLocked(holder),
      async end() {
        release();
        await Promise.all(open.splice(0).map(closeConnection));
      },
    };
  } catch (error) {
    open.forEach(cutConnection);
    throw error;
  }
}

/** On cancellation the running statement is cancelled first, so that the state can be read afterwards. */
function cancelOnAbort(
  signal: AbortSignal,
  worker: Client,
  observer: Client,
  open: readonly Client[],
): () => void {
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    observer.query('SELECT pg_cancel_backend($1)', [sessionId(worker)]).catch(() => undefined);
    timer = setTimeout(() => open.forEach(cutConnection), politeness);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  return () => {
    signal.removeEventListener('abort', onAbort);
    clearTimeout(timer);
  };
}

/** Process id of the session at the server. */
export function sessionId(client: Client): number {
  return (client as unknown as { processID: number }).processID;
}

function addressOf(client: Client): ConnectedTo {
  const { host, port, user = '', password, database = '' } = client;
  return { host, port, user, password: typeof password === 'string' ? password : '', database };
}
