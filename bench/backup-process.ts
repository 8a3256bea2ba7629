import { backUp, parseKey } from '@slipway/backup';
import { backupOptions } from '../test/support/backups.ts';
import { peakMemory } from './backup.ts';

/** One backup of the database that the environment names; tells its time and memory. Run as a program by the bench. */
const { url, binDir, out, prove, key } = JSON.parse(process.env.BACKUP ?? '{}');
const base = peakMemory();
const before = performance.now();
const { backup } = await backUp(
  backupOptions({ postgres: { binDir }, url, to: out }, { prove, key: key === '' ? null : parseKey(key) }),
);
const seconds = (performance.now() - before) / 1000;
process.stdout.write(JSON.stringify({ seconds, stored: backup.bytes / 1e6, peak: peakMemory(), base }));
