import type { BackupManifest } from './manifest.ts';

export interface Retention {
  /** Number of the newest backups. */
  last: number;
  /** Age in days. */
  days: number;
}

const dayMs = 24 * 60 * 60_000;

/**
 * Expired backups of one database: neither among the newest nor young, and never the newest that was proven by a restore.
 * Called after a newer backup is proven. Pure.
 * @returns names of dumps, oldest first.
 */
export function expiredBackups(
  manifests: readonly BackupManifest[],
  databaseId: string,
  keep: Retention,
  now: Date,
): string[] {
  const own = manifests
    .filter((one) => one.databaseId === databaseId)
    .sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
  const restored = own.find(({ proof }) => proof.kind === 'restore');
  return own
    .filter((one, at) => at >= Math.max(1, keep.last) && one !== restored)
    .filter(({ createdAt }) => now.getTime() - Date.parse(createdAt) > keep.days * dayMs)
    .map(({ file }) => file)
    .reverse();
}
