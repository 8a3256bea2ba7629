import { describeError, Fault, type Log, UserError } from '@slipway/kernel';
import { lostDumps, manifestName, manifestsOf } from '../identity.ts';
import { type BackupManifest, decodeManifest, readManifest } from '../manifest.ts';
import { type BackupStore, readText } from '../store.ts';

interface Wanted {
  databaseId: string;
  database: string;
  /** Told of what is passed over. */
  log: Pick<Log, 'warn'>;
}

/**
 * The backup to restore: `latest`, or the name or address of a dump.
 * @throws UserError when there is none, it cannot be told which, or it is of another database; Fault.
 */
export async function chooseBackup(store: BackupStore, from: string, of: Wanted): Promise<BackupManifest> {
  const all = await store.list();
  const manifest = from === 'latest' ? await latest(store, all, of) : await named(store, all, from, of);
  if (all === null || all.includes(manifest.file)) return manifest;
  throw new UserError(
    `the backup ${manifest.file} is gone from ${store.address}, although its manifest is there`,
    {
      hint: 'Somebody deleted the dump and not its manifest. Name another one in from.',
    },
  );
}

async function named(
  store: BackupStore,
  all: readonly string[] | null,
  from: string,
  of: Wanted,
): Promise<BackupManifest> {
  const name =
    from
      .split('/')
      .at(-1)
      ?.replace(/\.manifest\.json$/, '') ?? '';
  if (all !== null && !all.includes(manifestName(name))) {
    throw new UserError(`there is no backup ${name} at ${store.address}`, {
      hint: `Name a dump that has a manifest beside it, or leave it out for the latest.`,
    });
  }
  const manifest = await readManifest(store, manifestName(name)).catch((error: unknown) => {
    if (all !== null || !(error instanceof Fault)) throw error;
    throw new UserError(`the backup ${name} cannot be read: ${describeError(error)}`, {
      cause: error,
      hint: whatToName(of),
    });
  });
  if (manifest.database === of.database) return manifest;
  throw new UserError(
    `the backup ${name} is of the database "${manifest.database}", not of "${of.database}"`,
    {
      hint: 'Restore it by hand with pg_restore if that is what you want.',
    },
  );
}

async function latest(
  store: BackupStore,
  all: readonly string[] | null,
  of: Wanted,
): Promise<BackupManifest> {
  if (all === null) {
    throw new UserError(
      `the latest backup cannot be found, since ${store.address} cannot be asked what it holds`,
      { hint: whatToName(of) },
    );
  }
  for (const name of lostDumps(all, of.databaseId)) {
    of.log.warn(
      `the backup ${name} is gone from ${store.address}, although its manifest is there: it is passed over`,
    );
  }
  const names = manifestsOf(all, of.databaseId);
  const read = await Promise.all(
    names.map(async (name) => decodeManifest(await readText(store, name)) ?? []),
  );
  const newest = read.flat().sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt))[0];
  if (newest) return newest;
  throw new UserError(`there is no backup of this database at ${store.address}`, {
    hint: 'Check database.backup.to. A backup of a server that this one replaced is restored by its name.',
  });
}

/** Where a store cannot be listed, people find the name elsewhere. */
function whatToName({ databaseId }: Pick<Wanted, 'databaseId'>): string {
  return `Set from to the name of the dump: the log of the run that made it has it, and so has the output "backup" of its db-migrate step; those of this database have .${databaseId}.dump in their names`;
}
