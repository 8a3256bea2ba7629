import type { Backup } from '@slipway/backup';
import { Cancelled, type DatabaseUrl, Fault } from '@slipway/kernel';
import { readMigrationFolder, settleContractMigrations } from '@slipway/migrations';
import { asDatabaseError } from '@slipway/postgres';
import { type Action, inputSchema, type Result } from '@slipway/runner';
import * as z from 'zod';
import { checkStaging } from './checks.ts';
import { checkDrift, checkDriftAgain, isDriftAccepted } from './drift.ts';
import { describeFailure, describeSuccess, describeUnproven } from './ending.ts';
import { keepSchemaNow } from './keep-schema.ts';
import { hasWork, type MigrateContext, type MigrationRun, recordNow, wantsBackup } from './migration.ts';
import { assertRunnable, prepare } from './prepare.ts';
import { readSchemaFiles } from './schema-files.ts';
import { withSession } from './session.ts';
import { readStandingNow, verify } from './verify.ts';

const own = {
  mode: z.enum(['migrate', 'restore']).default('migrate'),
  backup: z.enum(['when-pending', 'always', 'never']).default('when-pending'),
  from: z.string().default('latest'),
  confirm: z.string().default(''),
};

/**
 * Brings the schema to the version of the checkout: lock, plan, lint, backup, rehearsal, schema files, migrations,
 * proof. Whatever fails, the database is left as the last complete file left it, and the error says which that is.
 * What most runs do not come to is loaded when it is.
 */
export const dbMigrate: Action<typeof own, 'database' | 'programs'> = {
  name: 'db-migrate',
  inputs: inputSchema(own),
  uses: ['database', 'programs'],
  async main(context) {
    const { database } = context.config;
    if (!database) return { outcome: 'skipped', summary: 'No database is configured; nothing to migrate.' };
    if (context.inputs.mode === 'restore') {
      const { restoreBackup } = await import('./restore.ts');
      return restoreBackup(context, database, context.inputs);
    }
    const { dir, format, command } = database.migrations;
    if (command) {
      const { migrateByCommand } = await import('./command.ts');
      return migrateByCommand(context, database, command);
    }
    return withSession(context, database, {
      meanwhile: async () => ({
        folder: await readMigrationFolder(context.workspace, dir, { format }),
        schemas: readSchemaFiles(context.workspace, database.schemas),
      }),
      async use(session, files) {
        const run = await prepare({ context, database, session, ...files });
        if (hasWork(run)) await assertRunnable(run);
        if (hasWork(run)) await checkStaging(run);
        await checkDrift(run);
        if (!context.dryRun) return migrate(run);
        const { describePlan } = await import('./dry-run.ts');
        return describePlan(run);
      },
    });
  },
};

async function migrate(run: MigrationRun): Promise<Result> {
  const { context } = run;
  const work = hasWork(run);
  if (wantsBackup(run)) await context.log.group('Back up', () => backUpAndRehearse(run));
  keep(context, run);
  if (work && run.rehearsal === null && run.database['shadow-url'] !== undefined) {
    const { rehearseOnShadow } = await import('./rehearse.ts');
    await rehearseOnShadow(run, run.database['shadow-url']);
  }
  if (work || isDriftAccepted(run)) await checkDriftAgain(run);
  const begun = context.clock.monotonic();
  let ran = false;
  let told: Promise<void> | undefined;
  try {
    const files = work ? await (await import('./run-files.ts')).runFiles(run) : undefined;
    told = files?.told;
    if (files?.failed) return await endUnfinished(run, files.failed);
    ran = true;
    const version = await prove(run, told);
    await settleContractsNow(run);
    return describeSuccess(run, version, context.clock.monotonic() - begun);
  } catch (error) {
    await told;
    if (error instanceof Cancelled) return endUnfinished(run, error);
    if (ran && error instanceof Fault) return describeUnproven(run, error);
    throw error;
  }
}

/**
 * Whatever is found, the next release goes on from the schema as it is.
 * @param told What the connection is asked before. @returns the newest version, proven.
 */
async function prove(run: MigrationRun, told: Promise<void> | undefined): Promise<string | null> {
  const now = Promise.resolve(told).then(() => readStandingNow(run));
  // Who needs it waits for it.
  now.catch(() => undefined);
  const kept = hasWork(run) || isDriftAccepted(run) ? keepSchemaNow(run, now) : undefined;
  try {
    return await verify(run, await now);
  } finally {
    await kept;
  }
}

/** The step has passed with what earlier ones left. When that cannot be written down, the next release counts them too. */
async function settleContractsNow({ plan, journal, session, context }: MigrationRun): Promise<void> {
  if (plan.class !== 'contract') return;
  await session.observer.query(settleContractMigrations(journal.table)).catch((error: unknown) => {
    context.log.warn(
      `the next release will be taken for a contract, since what this one left could not be written down: ${asDatabaseError(error, '').message}`,
    );
  });
}

async function endUnfinished(run: MigrationRun, why: Fault | Cancelled): Promise<Result> {
  const result = await describeFailure(run, why);
  if (hasWork(run)) await keepSchemaNow(run);
  return result;
}

/** A backup that is proven by restoring it lends its copy to the rehearsal, and is known even when that fails. */
async function backUpAndRehearse(run: MigrationRun): Promise<void> {
  const rehearse = async (scratchUrl: DatabaseUrl, backup: Backup): Promise<void> => {
    run.backup = backup;
    keep(run.context, run);
    const { rehearseOnCopy } = await import('./rehearse.ts');
    await rehearseOnCopy(run, scratchUrl);
  };
  const { makeBackup } = await import('./backup.ts');
  run.backup = await makeBackup(run, hasWork(run) ? rehearse : undefined);
}

/** From here on the record tells what this step did, even when it is killed. */
function keep(context: MigrateContext, run: MigrationRun): void {
  context.keep(recordNow(run));
  context.output({ backup: run.backup?.file ?? '' });
}
