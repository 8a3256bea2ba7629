import type { BackupManifest } from '../manifest.ts';
import { describeLoss } from './loss.ts';
import type { RestoreResult } from './restore.ts';

/** What a backup is, in brackets. Pure. */
export function describeBackup({ file, createdAt, counts }: BackupManifest): string {
  return `${file} of ${createdAt} (${Object.keys(counts).length} tables, all rows present)`;
}

/** What was done and what is lost by it, in sentences. Pure. */
export function describeRestored(restored: Extract<RestoreResult, { swapped: true }>): string {
  const { backup, database, loss, carried, old } = restored;
  const { sequences, checkpoints } = carried;
  const care = [
    ...(sequences.length > 0 ? [`${sequences.join(', ')} continues after the old head`] : []),
    ...(checkpoints > 0 ? [`${checkpoints} checkpoints were set back to the restored head`] : []),
  ];
  return `The database ${database} was restored from ${describeBackup(backup)}. Lost: ${describeLoss(loss).join('; ')}.${care.length > 0 ? ` ${care.join('; ')}.` : ''} The old database is now named ${old}.`;
}

/** What remains to be done by hand. Pure. */
export function afterRestore(old: string): string {
  return `Drop the old database when it is no longer needed: DROP DATABASE "${old}". Messages and e-mails that were sent since the backup cannot be taken back; rebuild projections that live outside of this database.`;
}
