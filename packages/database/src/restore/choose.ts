import { UserError } from '@slipway/kernel';
import { manifestName, manifestsOf } from '../backup/identity.ts';
import { type BackupManifest, decodeManifest, readManifest } from '../backup/manifest.ts';
import { type BackupStore, readText } from '../backup/store.ts';

/**
 * The backup to restore: `latest`, or the name or address of a dump.
 * @throws UserError when there is none, or it is of another database; Fault.
 */
export async function chooseBackup(
  store: BackupStore,
  from: string,
  of: { databaseId: string; database: string },
): Promise<BackupManifest> {
  if (from === 'latest') return latest(store, of.databaseId);
  const name =
    from
      .split('/')
      .at(-1)
      ?.replace(/\.manifest\.json$/, '') ?? '';
  const all = await store.list();
  if (all !== null && !all.includes(manifestName(name))) {
    throw new UserError(`there is no backup ${name} at ${store.address}`, {
      hint: `Name a dump that has a manifest beside it, or leave it out for the latest.`,
    });
  }
  const manifest = await readManifest(store, manifestName(name));
  if (manifest.database === of.database) return manifest;
  throw new UserError(
    `the backup ${name} is of the database "${manifest.database}", not of "${of.database}"`,
    {
      hint: 'Restore it by hand with pg_restore if that is what you want.',
    },
  );
}

async function latest(store: BackupStore, databaseId: string): Promise<BackupManifest> {
  const names = manifestsOf((await store.list()) ?? [], databaseId);
  const read = await Promise.all(
    names.map(async (name) => decodeManifest(await readText(store, name)) ?? []),
  );
  const newest = read.flat().sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt))[0];
  if (newest) return newest;
  throw new UserError(`there is no backup of this database at ${store.address}`, {
    hint: 'Check database.backup.to. A backup of a server that this one replaced is restored by its name.',
  });
}
