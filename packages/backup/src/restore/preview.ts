import { closeConnection } from '@slipway/postgres';
import type { BackupManifest } from '../manifest.ts';
import { openConnection } from '../scratch.ts';
import { beginRestore } from './begin.ts';
import { type LossReport, measureLoss } from './loss.ts';
import { confirmedDatabase, type RestoreOptions } from './restore.ts';

export interface RestorePreview {
  backup: BackupManifest;
  database: string;
  loss: LossReport;
}

/**
 * What a restore would do and lose, from the backup's manifest and the database as it is: nothing is made on the server,
 * no lock is taken, and nothing proves that the backup restores.
 * @throws UserError for what would keep the restore from being begun; Fault, Cancelled.
 */
export async function previewRestore(options: RestoreOptions): Promise<RestorePreview> {
  const { url, signal } = options;
  const database = confirmedDatabase(options);
  const live = await openConnection(url, 'slipway restore', signal);
  try {
    const { backup } = await beginRestore(options, live, database);
    return { backup, database, loss: await measureLoss(live.client, backup, signal) };
  } finally {
    await closeConnection(live.client);
  }
}
