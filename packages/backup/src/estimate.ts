import { formatDuration, UserError } from '@slipway/kernel';

export type Prove = 'restore' | 'decode' | 'checksum';

/**
 * Bytes of database per millisecond, slightly below the measurements on event tables of jsonb with two shared cores
 * (`bench/backup.ts`). A slow network to the store is not included.
 */
const rates = { checksum: 150_000, decode: 120_000, restore: 65_000 };

/** Milliseconds that a proven backup of so many bytes is expected to take. Pure. */
export function expectedDuration(bytes: number, prove: Prove): number {
  return Math.round(bytes / rates[prove]);
}

/** @throws UserError when the database is larger than what a dump is meant for. Pure. */
export function assertWithinLimit(bytes: number, limit: number, prove: Prove): void {
  if (bytes <= limit) return;
  const time = formatDuration(expectedDuration(bytes, prove));
  throw new UserError(
    `the database has ${formatSize(bytes)}, more than database.backup.limit (${formatSize(limit)}): a dump would take about ${time}`,
    {
      hint: 'Raise database.backup.limit, or set database.backup.mode to restore-point (requires WAL archiving) or snapshot-command.',
    },
  );
}

/** `820 kB`, `1.2 GB`; decimal, as disks are sold. Pure. */
export function formatSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const value = bytes / 1000 ** step;
  return `${value < 10 && step > 0 ? value.toFixed(1) : value.toFixed(0)} ${units[step]}`;
}
