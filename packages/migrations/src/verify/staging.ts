import { formatDuration } from '@slipway/kernel';
import type { Migration } from '../formats/format.ts';
import type { MigrationState } from '../run/migration-state.ts';

/**
 * Why pending migrations do not count as tested on staging: each must have been applied there, from the very same
 * file, long enough ago. The version alone proves nothing: the file may have been edited since. Pure.
 * @returns one sentence for each that does not; empty means proven.
 */
export function judgeStaging(
  pending: readonly Migration[],
  staging: MigrationState,
  minAgeMs: number,
): string[] {
  const rows = new Map((staging.rows ?? []).map((row) => [row.version, row]));
  const journal = new Map(staging.journal.map((row) => [row.version, row]));
  return pending.flatMap((migration) => {
    const { file, version } = migration;
    const row = rows.get(version);
    const entry = journal.get(version);
    if (row?.state === 'failed') return [`${file}: failed on staging`];
    if (!row) return [`${file}: was not applied on staging`];
    const known = row.checksum !== null && migration.checksum !== null;
    const same = known ? row.checksum === migration.checksum : entry?.sha256 === migration.sha256;
    if (!known && !entry) return [`${file}: was applied on staging, but it is unknown with which content`];
    if (!same) return [`${file}: was applied on staging with different content`];
    if (minAgeMs === 0) return [];
    if (entry?.ageSeconds == null) return [`${file}: it is unknown when it was applied on staging`];
    const left = minAgeMs - entry.ageSeconds * 1000;
    return left > 0 ? [`${file}: was applied on staging too recently; wait ${formatDuration(left)}`] : [];
  });
}
