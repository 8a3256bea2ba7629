import { backUp, parseKey, restoreDatabase } from '@slipway/database';
import { backupOptions } from './backups.ts';

/**
 * One backup or restore in a process of its own, to be killed by a test. The environment says which:
 * BACKUP_PROCESS = {do: 'backup' | 'restore', url, binDir, to, prove?, key?, confirm?}.
 */
const { do: what, url, binDir, to, prove, key, confirm } = JSON.parse(process.env.BACKUP_PROCESS ?? '{}');
const stop = new AbortController();
process.on('SIGINT', () => stop.abort());
const options = backupOptions(
  { postgres: { binDir }, url, to },
  { signal: stop.signal, ...(prove ? { prove } : {}), ...(key ? { key: parseKey(key) } : {}) },
);
try {
  if (what === 'backup') await backUp(options);
  else {
    const { store, env, clock, signal, log, programs } = options;
    const findPgRestore = async (): Promise<string> => programs.pgRestore;
    await restoreDatabase({
      url,
      store,
      from: 'latest',
      confirm,
      key: null,
      findPgRestore,
      env,
      clock,
      signal,
      log,
    });
  }
  console.log('done');
} catch (error) {
  console.log(`${(error as Error).name}: ${(error as Error).message}`);
  process.exitCode = 1;
}
