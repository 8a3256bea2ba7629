import {
  assertWritable,
  type MigrationSession,
  openSession,
  planMigrations,
  readMigrations,
  readVersionTable,
} from '@slipway/database';
import { Cancelled } from '@slipway/kernel';
import { type Action, inputSchema, type Result } from '@slipway/runner';
import * as z from 'zod';
import { makeBackup } from './backup.ts';
import { describeFailure, describePlan, describeSuccess } from './ending.ts';
import { hasWork, type MigrateContext, type MigrationRun, recordNow, wantsBackup } from './migration.ts';
import { runFiles } from './run-files.ts';
import { readSchemaFiles } from './schema-files.ts';
import { verify } from './verify.ts';

const own = { backup: z.enum(['when-pending', 'always', 'never']).default('when-pending') };

/** Milliseconds that another migration of the same database may take before this one gives up. */
const lockWithin = 5 * 60_000;

/**
 * Brings the schema to the version of the checkout: lock, plan, backup, schema files, migrations, proof. Whatever
 * fails, the database is left as the last complete file left it, and the error says which that is.
 */
export const dbMigrate: Action<typeof own, 'database' | 'programs'> = {
  name: 'db-migrate',
  inputs: inputSchema(own),
  uses: ['database', 'programs'],
  async main(context) {
    const { database } = context.config;
    if (!database) return { outcome: 'skipped', summary: 'No database is configured; nothing to migrate.' };
    // Also when somebody wrote it into the configuration itself.
    context.redactor.add(database.url);
    const files = await readMigrations(context.workspace, database.migrations.dir);
    const schemas = await readSchemaFiles(context.workspace, database.schemas);
    const { clock, signal, record } = context;
    const session = await openSession({ url: database.url, release: record.id, clock, signal });
    try {
      if (!context.dryRun) await session.lock(lockWithin, context.log);
      const run = await prepare({ context, database, session, files, schemas });
      return context.dryRun ? describePlan(run) : await migrate(run);
    } finally {
      await session.end();
    }
  },
};

async function prepare(
  of: Pick<MigrationRun, 'context' | 'database' | 'files' | 'schemas'> & { session: MigrationSession },
): Promise<MigrationRun> {
  const table = await readVersionTable(of.session.worker);
  const plan = planMigrations(of.files, table.rows ?? [], of.context.record.id);
  return { ...of, table, plan, backup: null, done: [] };
}

async function migrate(run: MigrationRun): Promise<Result> {
  const { context, session, table } = run;
  const work = hasWork(run);
  if (work) await assertWritable(session.worker, table);
  if (wantsBackup(run)) run.backup = await context.log.group('Back up', () => makeBackup(run));
  keep(context, run);
  const begun = context.clock.monotonic();
  try {
    const failed = work ? await runFiles(run) : null;
    if (failed) return await describeFailure(run, failed);
    const version = await verify(run);
    return describeSuccess(run, version, context.clock.monotonic() - begun);
  } catch (error) {
    if (error instanceof Cancelled) return describeFailure(run, error);
    throw error;
  }
}

/** From here on the record tells what this step did, even when it is killed. */
function keep(context: MigrateContext, run: MigrationRun): void {
  context.keep(recordNow(run));
  context.output({ backup: run.backup?.file ?? '' });
}
