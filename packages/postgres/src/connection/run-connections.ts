import type { Clock, DatabaseUrl, Log, Redactor } from '@slipway/kernel';
import type { Client } from 'pg';
import { closeConnection, connect, cutConnection } from './connect.ts';

/** The database of a migration run, and the release that its sessions are named after. */
export interface RunConnection {
  url: DatabaseUrl;
  release: string;
  signal: AbortSignal;
  redactor: Redactor;
}

/** How pg_stat_activity shows the sessions of a migration run. */
export function sessionName(release: string): string {
  return `slipway db-migrate ${release}`;
}

/** The connections of one run, opened one by one. */
export interface RunConnections {
  open: readonly Client[];
  /** Opens another; waits for a server that is starting up. @throws UserError, Cancelled */
  another(): Promise<Client>;
  /** Ends all as the protocol prescribes, those that are being opened included. */
  close(): Promise<void>;
  /** Ends all at once. */
  cut(): void;
}

export function createConnections(options: RunConnection & { clock: Clock; log: Log }): RunConnections {
  const { url, release, signal, redactor, clock } = options;
  const applicationName = sessionName(release);
  const startup = { clock, log: logOnce(options.log) };
  const open: Client[] = [];
  const begun: Promise<Client>[] = [];
  let closed = false;
  const openOne = async (): Promise<Client> => {
    const client = await connect({ url, applicationName, signal, redactor, startup });
    open.push(client);
    if (closed) cutConnection(client);
    return client;
  };
  return {
    open,
    another() {
      const client = openOne();
      begun.push(client);
      return client;
    },
    async close() {
      await Promise.allSettled(begun);
      closed = true;
      await Promise.all(open.splice(0).map(closeConnection));
    },
    cut() {
      closed = true;
      open.forEach(cutConnection);
    },
  };
}

/** Logs one line for several connections that report the same. */
function logOnce(log: Pick<Log, 'info'>): Pick<Log, 'info'> {
  let logged = false;
  return {
    info(line) {
      if (!logged) log.info(line);
      logged = true;
    },
  };
}
