import { closeConnection, connect, createRunLock } from '@slipway/postgres';
import type { Client } from 'pg';
import { createDatabase, dropDatabase } from '../create-database.ts';
import type { BackupManifest } from '../manifest.ts';
import { makeStatistics, restoreInto, verifyRestored } from '../restore-into.ts';
import { type Connection, openConnection } from '../scratch.ts';
import { withoutTimeouts } from '../snapshot.ts';
import { planRestore, type RestorePlan } from './begin.ts';
import type { CarryOverResult } from './carry-over.ts';
import { describeLoss, type LossReport, measureLoss } from './loss.ts';
import { type RestoreNames, restoreNames } from './names.ts';
import { confirmDatabase, type RestoreOptions } from './options.ts';
import { recover } from './recover.ts';
import { takeRestoreLock } from './restore-lock.ts';
import { swap } from './swap.ts';

/** How long a running migration may take. */
const lockTimeoutMs = 5 * 60_000;

export type RestoreResult = {
  backup: BackupManifest;
  database: string;
  loss: LossReport;
} & (
  | { swapped: false }
  /** The old database has this name now and refuses connections. */
  | { swapped: true; old: string; carried: CarryOverResult }
);

/**
 * Restores a backup into a new database, checks it, reports what would be lost, and with `confirm` puts it in place of the
 * old database, which is renamed. Can be killed at any point and run again: at every moment the old or the new database
 * has the name.
 * @throws UserError before anything was changed; Fault when the old database is still in place; Cancelled.
 */
export async function restoreDatabase(options: RestoreOptions): Promise<RestoreResult> {
  const { url, log, clock } = options;
  const database = confirmDatabase(options);
  const admin = await connectToMaintenanceDatabase(options, database);
  try {
    await withoutTimeouts(admin, 'session');
    await takeRestoreLock(admin, database, options);
    await recover(admin, database, log);
    const live = await openConnection(url, 'slipway restore', options);
    const guard = await openConnection(url, 'slipway restore', options);
    try {
      await createRunLock(guard.client, options).take(lockTimeoutMs);
      const begun = await planRestore(options, live, database);
      const names = restoreNames(database, clock.now());
      return await restoreIntoCopy(options, { ...begun, admin, live, guard, database, names });
    } finally {
      await Promise.all([live, guard].map(({ client }) => closeConnection(client)));
    }
  } finally {
    await closeConnection(admin);
  }
}

interface Work extends RestorePlan {
  admin: Client;
  live: Connection;
  /** Holds the run lock, so that nothing migrates the old database. */
  guard: Connection;
  database: string;
  names: RestoreNames;
}

async function restoreIntoCopy(options: RestoreOptions, work: Work): Promise<RestoreResult> {
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
    await verifyRestored(url, backup, options);
    await makeStatistics(url, options);
    const loss = await measureLoss(live.client, backup, options);
    for (const line of describeLoss(loss)) log.warn(line);
    if (options.confirm === '') return { backup, database, loss, swapped: false };
    await options.assertMaySwap(names.old);
    const { clock, signal, redactor } = options;
    const swapped = await swap(
      { url: options.url, database, names, backup, clock, signal, redactor, log },
      admin,
      live.client,
      guard.client,
    );
    taken = true;
    return { backup, database, ...swapped, swapped: true, old: names.old };
  } finally {
    if (!taken)
      await dropDatabase(admin, names.restored).catch((error: Error) =>
        log.warn(`cannot drop ${names.restored}: ${error.message}`),
      );
  }
}

/** Whether the server has a database of this name, whatever became of the one that is restored. @throws Fault, UserError */
export async function hasDatabase(options: RestoreOptions, name: string): Promise<boolean> {
  const admin = await connectToMaintenanceDatabase(options, confirmDatabase(options));
  try {
    const { rowCount } = await admin.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    return rowCount === 1;
  } finally {
    await closeConnection(admin);
  }
}

/** After a killed restore, the database itself may refuse connections or lack its name. */
async function connectToMaintenanceDatabase(
  { url, signal, redactor, clock, log }: RestoreOptions,
  database: string,
): Promise<Client> {
  const others = ['postgres', 'template1'].filter((name) => name !== database);
  let first: unknown;
  for (const other of others) {
    try {
      return await connect({
        url: url.withDatabase(other),
        applicationName: 'slipway restore',
        signal,
        redactor,
        startup: { clock, log },
      });
    } catch (error) {
      first ??= error;
    }
  }
  throw first;
}
