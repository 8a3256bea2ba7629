import { type Clock, type DatabaseUrl, type Log, type Redactor, UserError } from '@slipway/kernel';
import { closeConnection, connect, createRunLock } from '@slipway/postgres';
import type { Client } from 'pg';
import { createDatabase, dropDatabase } from '../create-database.ts';
import type { BackupKeys } from '../encryption.ts';
import type { BackupManifest } from '../manifest.ts';
import { makeStatistics, restoreInto, verifyRestored } from '../restore-into.ts';
import { type Connection, openConnection } from '../scratch.ts';
import { withoutTimeouts } from '../snapshot.ts';
import type { BackupStore } from '../store.ts';
import { type Beginning, beginRestore } from './begin.ts';
import type { CarriedOver } from './carry-over.ts';
import { describeLoss, type LossReport, measureLoss } from './loss.ts';
import { type RestoreNames, restoreNames } from './names.ts';
import { recover } from './recover.ts';
import { takeRestoreLock } from './restore-lock.ts';
import { swap } from './swap.ts';

export interface RestoreOptions {
  /** Of the database that is replaced. */
  url: DatabaseUrl;
  store: BackupStore;
  /** `latest`, or the name or address of a dump. */
  from: string;
  /** The name of the database, or nothing: then everything is tried and reported, and nothing is changed. */
  confirm: string;
  /** Null where backups are not encrypted. */
  keys: BackupKeys | null;
  /** Finds pg_restore of this major version. @throws UserError */
  findPgRestore(major: number): Promise<string>;
  /** Of the step, for the programs. */
  env: Readonly<Record<string, string>>;
  clock: Clock;
  signal: AbortSignal;
  log: Log;
  redactor: Redactor;
}

/** Milliseconds that a migration which is running may take. */
const lockWithin = 5 * 60_000;

export type Restored = {
  backup: BackupManifest;
  database: string;
  loss: LossReport;
} & (
  | { swapped: false }
  /** The old database is kept under this name and takes no connections. */
  | { swapped: true; old: string; carried: CarriedOver }
);

/**
 * Restores a backup into a new database beside the old one, checks it, says what would be lost, and with `confirm` puts
 * it in the place of the old one, which is kept. Can be killed at any point and run again: the old or the new database
 * is there under its name, never none.
 * @throws UserError before anything was changed; Fault when the old database is still in its place; Cancelled.
 */
export async function restoreDatabase(options: RestoreOptions): Promise<Restored> {
  const { url, signal, log, clock } = options;
  const database = confirmedDatabase(options);
  const admin = await reachBeside(options, database);
  try {
    await withoutTimeouts(admin, 'session');
    await takeRestoreLock(admin, database, options);
    await recover(admin, database, log);
    const live = await openConnection(url, 'slipway restore', signal);
    const guard = await openConnection(url, 'slipway restore', signal);
    try {
      await createRunLock(guard.client, { clock, signal, log }).take(lockWithin);
      const begun = await beginRestore(options, live, database);
      const names = restoreNames(database, clock.now());
      return await restoreBeside(options, { ...begun, admin, live, guard, database, names });
    } finally {
      await Promise.all([live, guard].map(({ client }) => closeConnection(client)));
    }
  } finally {
    await closeConnection(admin);
  }
}

interface Work extends Beginning {
  admin: Client;
  live: Connection;
  /** Holds the lock that keeps migrations of the old database out. */
  guard: Connection;
  database: string;
  names: RestoreNames;
}

async function restoreBeside(options: RestoreOptions, work: Work): Promise<Restored> {
  const { admin, live, guard, database, backup, pgRestore, names } = work;
  const { log } = options;
  let taken = false;
  try {
    log.info(`restoring ${backup.file} of ${backup.createdAt} into ${names.restored}`);
    await createDatabase(admin, names.restored, backup.locale);
    const url = options.url.withDatabase(names.restored);
    await restoreInto(
      { pgRestore, url, at: { ...live.at, database: names.restored }, scratch: false },
      backup,
      options,
    );
    await verifyRestored(url, backup, options.signal);
    await makeStatistics(url, options);
    const loss = await measureLoss(live.client, backup, options.signal);
    for (const line of describeLoss(loss)) log.warn(line);
    if (options.confirm === '') return { backup, database, loss, swapped: false };
    const { clock, signal } = options;
    const swapped = await swap(
      { url: options.url, database, names, backup, clock, signal, log },
      admin,
      live.client,
      guard.client,
    );
    taken = true;
    return { backup, database, ...swapped, swapped: true, old: names.old };
  } finally {
    if (!taken)
      await dropDatabase(admin, names.restored).catch((error: Error) =>
        log.warn(`${names.restored} is left: ${error.message}`),
      );
  }
}

/** The name of the database. @throws UserError when the URL has none, or when another one was confirmed. */
export function confirmedDatabase({ url, confirm }: Pick<RestoreOptions, 'url' | 'confirm'>): string {
  const { database } = url;
  if (database === undefined) {
    throw new UserError('the database URL names no database', {
      hint: 'Write it as postgresql://user:password@host:port/database.',
    });
  }
  if (confirm === '' || confirm === database) return database;
  throw new UserError(`the restore is confirmed for "${confirm}", but the database is "${database}"`, {
    hint: 'Set confirm to the exact name of the database that is to be replaced.',
  });
}

/** The database itself may be closed or without its name: what a killed restore left is mended from another one. */
async function reachBeside({ url, signal, clock, log }: RestoreOptions, database: string): Promise<Client> {
  const others = ['postgres', 'template1'].filter((name) => name !== database);
  let first: unknown;
  for (const other of others) {
    try {
      return await connect({
        url: url.withDatabase(other),
        applicationName: 'slipway restore',
        signal,
        startup: { clock, log },
      });
    } catch (error) {
      first ??= error;
    }
  }
  throw first;
}
