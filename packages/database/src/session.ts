import type { Clock } from '@slipway/kernel';
import type { Client } from 'pg';
import { connect, cutConnection, serverMajor } from './connect.ts';
import { takeRunLock } from './run-lock.ts';

/** The connections of one migration run: the lock, the work, and a look from outside. */
export interface MigrationSession {
  worker: Client;
  observer: Client;
  server: { major: number; version: string };
  /** Waits until no other run migrates this database, and keeps others away until `end`. */
  lock(within: number): Promise<void>;
  end(): void;
}

/** @throws UserError that says why the database cannot be reached. */
export async function openSession(options: {
  url: string;
  release: string;
  clock: Clock;
  signal: AbortSignal;
}): Promise<MigrationSession> {
  const open: Client[] = [];
  const end = (): void => open.splice(0).forEach(cutConnection);
  const next = async (): Promise<Client> => {
    const client = await connect({
      url: options.url,
      applicationName: `slipway db-migrate ${options.release}`,
      timeout: 15_000,
      signal: options.signal,
    });
    open.push(client);
    return client;
  };
  try {
    const worker = await next();
    const observer = await next();
    const holder = await next();
    const { clock, signal } = options;
    return {
      worker,
      observer,
      server: await serverMajor(worker),
      lock: (within) => takeRunLock(holder, { clock, signal, within }),
      end,
    };
  } catch (error) {
    end();
    throw error;
  }
}
