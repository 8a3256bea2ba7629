import type { BackupManifest } from '@slipway/backup';
import { type ReleaseEntry, releaseName } from '@slipway/release';

/**
 * Why a backup has migrations of the releases that are rolled back, or may have them; null when it has none. Migrations of a
 * program have no versions that could be compared: there, who made the backup decides, and when. Pure.
 * @param migrated The releases that are rolled back and have migrated, newest first. @param to What comes back.
 * @param versions What is applied of them, as far as the database knows.
 */
export function tooNew(
  {
    file,
    schemaVersion,
    release,
    createdAt,
  }: Pick<BackupManifest, 'file' | 'schemaVersion' | 'release' | 'createdAt'>,
  { migrated, to }: { migrated: readonly ReleaseEntry[]; to: ReleaseEntry | null },
  versions: readonly string[],
): string | null {
  if (schemaVersion !== null && versions.includes(schemaVersion)) {
    const proven = to ? releaseName(to) : 'what ran before';
    return `the backup ${file} has the migration ${schemaVersion}, which came after ${proven}`;
  }
  const oldest = migrated.at(-1);
  if (!oldest || release === oldest.id) return null;
  const maker = migrated.find(({ id }) => id === release);
  if (maker)
    return `the backup ${file} was made by ${releaseName(maker)}, after ${releaseName(oldest)} had migrated`;
  if (versions.length > 0 || Date.parse(createdAt) <= Date.parse(oldest.begunAt)) return null;
  return `the backup ${file} of ${createdAt} was made after ${releaseName(oldest)} had begun, and may have its migrations`;
}
