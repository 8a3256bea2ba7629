import { backUp } from '@slipway/backup';
import { backupKeys, backupOptions } from '../test/support/backups.ts';
import { peakMemory } from './backup.ts';

/** One backup of the database that the environment names; prints its time and memory. Run as a program by the bench. */
const { url, binDir, out, prove, encrypt } = JSON.parse(process.env.BACKUP ?? '{}');
const base = peakMemory();
const before = performance.now();
const { backup } = await backUp(
  backupOptions({ postgres: { binDir }, url, to: out }, { prove, keys: encrypt ? backupKeys : null }),
);
const seconds = (performance.now() - before) / 1000;
process.stdout.write(JSON.stringify({ seconds, stored: backup.bytes / 1e6, peak: peakMemory(), base }));
