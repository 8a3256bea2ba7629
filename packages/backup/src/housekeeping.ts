import { Fault } from '@slipway/kernel';
import { manifestName, manifestsOf, unfinishedDumps } from './identity.ts';
import { decodeManifest } from './manifest.ts';
import type { BackupOptions } from './options.ts';
import { expiredBackups } from './retention.ts';
import { type BackupStore, readText } from './store.ts';

/**
 * Deletes dumps of one database that a killed run left: nothing proves them.
 * @throws Fault when the list is one that leaves manifests out, which would cost every backup.
 */
export async function clearUnfinished(store: BackupStore, owner: string): Promise<void> {
  for (const name of unfinishedDumps((await store.list()) ?? [], owner)) {
    const manifest = await readText(store, manifestName(name)).catch(() => '');
    if (manifest !== '') {
      throw new Fault(
        `the backup store ${store.address} lists ${name}, but not its manifest, which is there`,
        { hint: 'See that database.backup.list-command prints the names of all objects.' },
      );
    }
    await store.delete(name);
  }
}

/** A backup that cannot be deleted is no reason to fail a release: the next run tries again. */
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
      // The manifest goes first: a dump without one is no backup, a manifest without its dump is a lie.
      await store.delete(manifestName(name));
      await store.delete(name);
      log.info(`deleted the backup ${name}: newer ones are proven`);
    }
  } catch (error) {
    log.warn(`old backups were not deleted: ${error instanceof Error ? error.message : String(error)}`);
  }
}
