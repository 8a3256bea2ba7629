import { planMigrations, readAssertionFiles, readMigrationTables, stateOf } from '@slipway/migrations';
import { findDrift } from './drift.ts';
import type { Connected, Prepared, SourceFiles } from './migration.ts';
import { lockTimeoutMs } from './session.ts';

/**
 * Stage 1: reads the version table under the lock of its tool, and plans. The comparison of the schema is begun.
 * @throws UserError with every contradiction between files and database; Fault, Cancelled.
 */
export async function prepare(run: Connected, files: SourceFiles): Promise<Prepared> {
  const { context, database, session } = run;
  const tables = await readLocked(run, files);
  const options = { release: context.record.id, outOfOrder: database.migrations['out-of-order'] };
  const plan = planMigrations(files.folder.migrations, stateOf(tables), options);
  // Before anything runs: a folder that is empty or missing asserts nothing.
  const assertions = readAssertionFiles(context.workspace, database.verify.assertions);
  const drift = database.verify.drift === 'off' ? null : findDrift(session, tables, context.redactor);
  // Whoever needs it waits for it.
  drift?.catch(() => undefined);
  const hasWork = plan.pending.length > 0 || tables.versionTable.rows === null;
  return { ...files, tables, plan, hasWork, assertions, drift };
}

/**
 * The lock of the tool keeps a stray run of it out; what it did until we had the lock is read after that. By the
 * connection that reads it again at the end: a server process that has read it once answers several times as fast.
 */
async function readLocked(
  { context, session }: Pick<Connected, 'context' | 'session'>,
  { folder }: Pick<SourceFiles, 'folder'>,
): Promise<Prepared['tables']> {
  const read = () => readMigrationTables(session.observer, folder.format, folder.migrations);
  const found = await read();
  const { locks } = found.versionTable;
  if (locks.length === 0 || context.dryRun) return found;
  for (const key of locks) await session.lock.takeAlso(key, folder.format.name, lockTimeoutMs);
  return read();
}
