import { describeError, Fault, type Log, UserError } from '@slipway/kernel';
import { lostDumps, manifestName, manifestsOf } from '../identity.ts';
import { type BackupManifest, decodeManifest, readManifest } from '../manifest.ts';
import { type BackupStore, readText } from '../store.ts';
import type { RestoreOptions } from './options.ts';

interface Wanted {
  databaseId: string;
  database: string;
  /** Gets a warning for each backup that is skipped. */
  log: Pick<Log, 'warn'>;
}

/**
 * The backup to restore: `latest`, or the name or address of a dump.
 * @throws UserError when there is none, the store cannot list them, or it belongs to another database; Fault.
 */
export async function chooseBackup(
  store: BackupStore,
  from: RestoreOptions['from'],
  of: Wanted,
): Promise<BackupManifest> {
  const all = await store.list();
  const manifest =
    typeof from === 'string' && from !== 'latest'
      ? await named(store, all, from, of)
      : await among(store, all, { from, of });
  if (all === null || all.includes(manifest.file)) return manifest;
  throw new UserError(
    `the backup ${manifest.file} is gone from ${store.address}, although its manifest exists`,
    {
      hint: 'Somebody deleted the dump, but not its manifest. Name another dump.',
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
      hint: 'Name a dump with a manifest next to it, or name none, for the default.',
    });
  }
  const manifest = await readManifest(store, manifestName(name)).catch((error: unknown) => {
    if (all !== null || !(error instanceof Fault)) throw error;
    throw new UserError(`cannot read the backup ${name}: ${describeError(error)}`, {
      cause: error,
      hint: whatToName(of),
    });
  });
  if (manifest.database === of.database) return manifest;
  throw new UserError(
    `the backup ${name} belongs to the database "${manifest.database}", not to "${of.database}"`,
    {
      hint: 'To restore it there all the same, run pg_restore by hand.',
    },
  );
}

/** One of the backups of the database that the store lists. */
async function among(
  store: BackupStore,
  all: readonly string[] | null,
  { from, of }: { from: RestoreOptions['from']; of: Wanted },
): Promise<BackupManifest> {
  const maker = typeof from === 'string' ? null : from.madeBy;
  if (all === null) {
    const message =
      maker === null
        ? `cannot find the latest backup: ${store.address} cannot list its objects`
        : `cannot find the backup that ${maker} made: ${store.address} cannot list its objects`;
    throw new UserError(message, { hint: whatToName(of) });
  }
  for (const name of lostDumps(all, of.databaseId)) {
    of.log.warn(
      `the backup ${name} is gone from ${store.address}, although its manifest exists: it is skipped`,
    );
  }
  const names = manifestsOf(all, of.databaseId);
  const read = await Promise.all(
    names.map(async (name) => decodeManifest(await readText(store, name)) ?? []),
  );
  const newestFirst = read.flat().sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
  const found = maker === null ? newestFirst[0] : newestFirst.findLast(({ release }) => release === maker);
  if (found) return found;
  if (maker !== null)
    throw new UserError(`there is no backup that ${maker} made at ${store.address}`, {
      hint: whatToName(of),
    });
  throw new UserError(`there is no backup of this database at ${store.address}`, {
    hint: 'Check database.backup.to. To restore a backup of a server that this one replaced, name its dump.',
  });
}

/** Where people find the name when the store cannot be listed. */
function whatToName({ databaseId }: Pick<Wanted, 'databaseId'>): string {
  return `Name the dump. Its name is in the log of the run that created it and in the output "backup" of its db-migrate step; dumps of this database have .${databaseId}.dump in their names.`;
}
