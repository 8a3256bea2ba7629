import type { BackupManifest } from './manifest.ts';

export interface Keep {
  /** The newest so many. */
  last: number;
  /** Everything younger than so many days. */
  days: number;
}

const day = 24 * 60 * 60_000;

/**
 * Backups that are not needed any more: neither among the newest nor young, and never the newest that is proven by
 * the strongest means there is. Only of one database; the caller calls it when a newer one is proven. Pure.
 * @returns names of dumps, oldest first.
 */
export function expiredBackups(
  manifests: readonly BackupManifest[],
  databaseId: string,
  keep: Keep,
  now: Date,
): string[] {
  const own = manifests
    .filter((one) => one.databaseId === databaseId)
    .sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
  const restored = own.find(({ proof }) => proof.kind === 'restore');
  return own
    .filter((one, at) => at >= Math.max(1, keep.last) && one !== restored)
    .filter(({ createdAt }) => now.getTime() - Date.parse(createdAt) > keep.days * day)
    .map(({ file }) => file)
    .reverse();
}
