import { UserError } from '@slipway/kernel';
import {
  appliedOf,
  type DownToSave,
  downsTableFor,
  downsToSave,
  type Migration,
  readSavedDowns,
  saveDowns,
} from '@slipway/migrations';
import type { BackedUp, Connected, Reviewed } from './migration.ts';

type WithDown = Migration & { down: NonNullable<Migration['down']> };

/** Whether a rollback takes back what this run applies. */
function takesBack({ context }: Connected, { plan }: Pick<Reviewed, 'plan'>): boolean {
  return context.config.rollback.database === 'down' && plan.pending.length > 0;
}

const nothingChanged =
  'Nothing was changed. Write the down migration, or set rollback.database to "keep" for this release.';

/**
 * With `rollback.database: down`: each pending migration has a down migration, and each of those runs in a transaction, so
 * that one that fails leaves nothing half done. @throws UserError that names every file for which that is not so.
 */
export async function refuseIrreversible(
  run: Connected,
  reviewed: Pick<Reviewed, 'plan' | 'folder'>,
): Promise<void> {
  if (!takesBack(run, reviewed)) return;
  const { pending } = reviewed.plan;
  const missing = pending.filter(({ down }) => down === null).map(({ file }) => file);
  if (missing.length > 0)
    throw new UserError(
      `rollback.database is "down", and ${reviewed.folder.format.name} has no down migration for ${missing.join(', ')}`,
      { hint: nothingChanged },
    );
  const { readDownFile } = await import('./read-files.ts');
  const downs = await Promise.all(pending.filter(hasDown).map(({ down }) => readDownFile(down)));
  const stepwise = downs.filter(({ statements }) => statements !== null).map(({ file }) => file);
  if (stepwise.length === 0) return;
  throw new UserError(
    `rollback.database is "down", and ${stepwise.join(', ')} cannot run in a transaction: a rollback that is cut off in the middle of it could not continue`,
    { hint: nothingChanged },
  );
}

function hasDown(migration: Migration): migration is WithDown {
  return migration.down !== null;
}

/**
 * With `rollback.database: down`: saves the down migrations in the database, before the first migration is applied. There a
 * rollback finds them whatever is checked out then. Only what was proven on a copy is saved: down, and up again.
 * @throws UserError when it was not; production was not touched.
 */
export async function saveDownMigrations(run: Connected, ready: BackedUp): Promise<void> {
  if (!takesBack(run, ready)) return;
  const { session } = run;
  const { tables, plan } = ready;
  const { versionTable, journal } = tables;
  const table = downsTableFor(journal.table);
  const { unwrapTransaction } = await import('@slipway/sql');
  const pending = plan.pending.filter(hasDown).map(({ down, ...migration }) => ({
    ...migration,
    down: { ...down, sql: unwrapTransaction(down.sql) },
  }));
  const downs = downsToSave(pending, versionTable);
  const worker = await session.worker();
  const rehearsed = ready.rehearsal?.down.state;
  if (rehearsed === 'broken') refuseUnproven(ready, downs.map(fileOf));
  if (rehearsed !== 'proven') refuseUnproven(ready, (await unsaved(worker, table, downs)).map(fileOf));
  const { locks } = versionTable;
  await saveDowns(worker, table, downs, { appliedBefore: appliedOf(tables), locks });
}

const fileOf = ({ down }: DownToSave): string => down.file;

/** Those that no earlier attempt, which had proven them, has saved for the same migration. */
async function unsaved(
  client: Awaited<ReturnType<Connected['session']['worker']>>,
  table: string,
  downs: readonly DownToSave[],
): Promise<DownToSave[]> {
  const saved = await readSavedDowns(client, table);
  return downs.filter(({ version, sha256, down }) => {
    const before = saved.get(version);
    return before?.sql !== down.sql || before.sha256 !== sha256;
  });
}

function refuseUnproven({ rehearsal }: BackedUp, files: readonly string[]): void {
  if (files.length === 0) return;
  const down = rehearsal?.down;
  const why =
    down?.state === 'broken'
      ? `do not restore the previous schema: ${down.reasons.slice(0, 10).join('; ')}`
      : 'were not rehearsed';
  throw new UserError(`rollback.database is "down", and the down migrations ${why} (${files.join(', ')})`, {
    hint: 'Production was not touched. Fix the down migrations; a rehearsal needs the backup of this step with "prove: restore", or database.shadow-url.',
  });
}
