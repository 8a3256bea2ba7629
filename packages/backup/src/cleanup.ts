import { Fault } from '@slipway/kernel';
import { manifestName, manifestsOf, unfinishedDumps } from './identity.ts';
import { decodeManifest } from './manifest.ts';
import type { BackupOptions } from './options.ts';
import { expiredBackups } from './retention.ts';
import { type BackupStore, readText } from './store.ts';

/**
 * Deletes the unproven dumps of killed runs of one database.
 * @throws Fault when the list leaves manifests out: every backup would be deleted.
 */
export async function deleteUnfinished(store: BackupStore, owner: string): Promise<void> {
  for (const name of unfinishedDumps((await store.list()) ?? [], owner)) {
    const manifest = await readText(store, manifestName(name)).catch(() => '');
    if (manifest !== '') {
      throw new Fault(`the backup store ${store.address} lists ${name}, but not its manifest, which exists`, {
        hint: 'Change database.backup.list-command so that it prints the names of all objects.',
      });
    }
    await store.delete(name);
  }
}

/** A backup that cannot be deleted does not fail a release: the next run tries again. */
export async function deleteExpired(
  { store, keep, clock, log }: Pick<BackupOptions, 'store' | 'keep' | 'clock' | 'log'>,
  owner: string,
): Promise<void> {
  if (!store.deletes) return;
  try {
    const names = manifestsOf((await store.list()) ?? [], owner);
    const read = await Promise.all(
      names.map(async (name) => decodeManifest(await readText(store, name)) ?? []),
    );
    for (const name of expiredBackups(read.flat(), owner, keep, clock.now())) {
      // The manifest goes first: it must not name a missing dump.
      await store.delete(manifestName(name));
      await store.delete(name);
      log.info(`deleted the expired backup ${name}`);
    }
  } catch (error) {
    log.warn(`cannot delete expired backups: ${error instanceof Error ? error.message : String(error)}`);
  }
}
