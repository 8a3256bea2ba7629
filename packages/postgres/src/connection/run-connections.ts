import type { Clock, Log } from '@slipway/kernel';
import type { Client } from 'pg';
import { closeConnection, connect, cutConnection, type Patience } from './connect.ts';

/** Whose connections they are, and to which database. */
export interface RunConnection {
  url: string;
  release: string;
  signal: AbortSignal;
}

const connectWithin = 15_000;

/** One more connection that is known by the release's name. @throws UserError, Cancelled */
export function connectFor(
  { url, release, signal }: RunConnection,
  timeout = connectWithin,
  patience?: Patience,
): Promise<Client> {
  const applicationName = `slipway db-migrate ${release}`;
  return connect({ url, applicationName, timeout, signal, ...(patience ? { patience } : {}) });
}

/** The connections of one run, as they are opened one by one. */
export interface RunConnections {
  open: readonly Client[];
  /** Waits for a server that says that it is starting up. @throws UserError, Cancelled */
  another(): Promise<Client>;
  /** Ends them as the protocol wants it, also those that are just being opened. */
  close(): Promise<void>;
  /** Ends them at once. */
  cut(): void;
}

export function createConnections(options: RunConnection & { clock: Clock; log: Log }): RunConnections {
  const patience = { clock: options.clock, log: onceIn(options.log) };
  const open: Client[] = [];
  const begun: Promise<Client>[] = [];
  let over = false;
  const one = async (): Promise<Client> => {
    const client = await connectFor(options, connectWithin, patience);
    open.push(client);
    if (over) cutConnection(client);
    return client;
  };
  return {
    open,
    another() {
      const client = one();
      begun.push(client);
      return client;
    },
    async close() {
      await Promise.allSettled(begun);
      over = true;
      await Promise.all(open.splice(0).map(closeConnection));
    },
    cut() {
      over = true;
      open.forEach(cutConnection);
    },
  };
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
