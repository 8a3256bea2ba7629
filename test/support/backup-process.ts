import { backUp, restoreDatabase } from '@slipway/backup';
import { type BackupProcessSettings, backupKeys, backupOptions, restoreOptions } from './backups.ts';

/** One backup or restore in its own process, to be killed by a test: see `startBackupProcess`. */
const settings: BackupProcessSettings = JSON.parse(process.env.BACKUP_PROCESS ?? '{}');
const { url, binDir, to, prove, encrypt, confirm = '' } = settings;
const stop = new AbortController();
process.on('SIGINT', () => stop.abort());
const options = backupOptions(
  { postgres: { binDir }, url, to },
  { signal: stop.signal, ...(prove ? { prove } : {}), ...(encrypt ? { keys: backupKeys } : {}) },
);
try {
  if (settings.do === 'backup') await backUp(options);
  else await restoreDatabase(restoreOptions(options, { confirm }));
  console.log('done');
} catch (error) {
  console.log(`${(error as Error).name}: ${(error as Error).message}`);
  process.exitCode = 1;
}
