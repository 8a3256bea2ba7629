import { closeConnection } from '@slipway/postgres';
import type { BackupManifest } from '../manifest.ts';
import { openConnection } from '../scratch.ts';
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
export async function previewRestore(options: RestoreOptions): Promise<RestorePreview> {
  const { url } = options;
  const database = confirmDatabase(options);
  const live = await openConnection(url, 'slipway restore', options);
  try {
    const { backup } = await planRestore(options, live, database);
    return { backup, database, loss: await measureLoss(live.client, backup, options) };
  } finally {
    await closeConnection(live.client);
  }
}
