import { databaseId } from '../backup/identity.ts';
import type { BackupManifest } from '../backup/manifest.ts';
import { assertMayCreate, reach } from '../backup/scratch.ts';
import { closeConnection, serverVersion } from '../connection/connect.ts';
import { chooseBackup } from './choose.ts';
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
  const { url, store, from, signal, findPgRestore } = options;
  const database = confirmedDatabase(options);
  const { client, at } = await reach(url, 'slipway restore', signal);
  try {
    const backup = await chooseBackup(store, from, { databaseId: await databaseId(client, at), database });
    await findPgRestore((await serverVersion(client)).major);
    await assertMayCreate(client);
    return { backup, database, loss: await measureLoss(client, backup, signal) };
  } finally {
    await closeConnection(client);
  }
}
