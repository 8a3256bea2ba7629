import { closeConnection } from '@slipway/postgres';
import type { BackupManifest } from '../manifest.ts';
import { type Connection, openConnection } from '../scratch.ts';
import { planRestore } from './begin.ts';
import { type LossReport, measureLoss } from './loss.ts';
import { confirmDatabase, type RestoreOptions } from './options.ts';

export interface RestorePreview {
  backup: BackupManifest;
  database: string;
  loss: LossReport;
}

/**
 * What a restore would do and lose, from the backup's manifest and the current database. Creates nothing on the server,
 * takes no lock, and does not prove that the backup restores.
 * @throws UserError for whatever would refuse the restore; Fault, Cancelled.
 */
export function previewRestore(options: RestoreOptions): Promise<RestorePreview> {
  const database = confirmDatabase(options);
  return withConnection(options, async (live) => {
    const { backup } = await planRestore(options, live, database);
    return { backup, database, loss: await measureLoss(live.client, backup, options) };
  });
}

/** The backup that a restore would take, without counting what it would lose. @throws as `previewRestore` does. */
export function checkRestore(options: RestoreOptions): Promise<BackupManifest> {
  const database = confirmDatabase(options);
  return withConnection(options, async (live) => (await planRestore(options, live, database)).backup);
}

async function withConnection<T>(options: RestoreOptions, use: (live: Connection) => Promise<T>): Promise<T> {
  const live = await openConnection(options.url, 'slipway restore', options);
  try {
    return await use(live);
  } finally {
    await closeConnection(live.client);
  }
}
