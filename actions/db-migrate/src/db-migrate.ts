import type { DatabaseConfig } from '@slipway/config';
import { readMigrationFolder } from '@slipway/migrations';
import { defineAction, flag, type Result } from '@slipway/runner';
import * as z from 'zod';
import { applyFiles } from './apply.ts';
import { backUpAndRehearse } from './back-up.ts';
import { migrateByCommand } from './command.ts';
import { refuseIrreversible, saveDownMigrations } from './down-migrations.ts';
import { describePlan } from './dry-run.ts';
import { type AnnounceMigrations, inRelease } from './in-release.ts';
import { type Connected, type MigrateContext, type SourceFiles, uses } from './migration.ts';
import { describeStopped, describeSuccess, describeUnproven } from './outcome.ts';
import { prepare } from './prepare.ts';
import { restoreInLease } from './restore-in-lease.ts';
import { review } from './review.ts';
import { saveBaseline } from './save-baseline.ts';
import { readSchemaFiles } from './schema-files.ts';
import { withSession } from './session.ts';
import { settle, verify } from './verify.ts';

const own = {
  mode: z.enum(['migrate', 'restore']).default('migrate'),
  backup: z.enum(['when-pending', 'always', 'never']).default('when-pending'),
  from: z.string().default('latest'),
  confirm: z.string().default(''),
  'allow-downgrade': flag.prefault('false'),
  'take-over': flag.prefault('false'),
  'github-token': z.string().default(''),
};

/**
 * Brings the schema to the version of the checkout: lock, plan, lint, backup, rehearsal, schema files, migrations,
 * proof. Whatever fails, the database is left as the last complete file left it, and the error says which that is.
 */
export const dbMigrate = defineAction({
  name: 'db-migrate',
  inputs: own,
  usesSources: ({ mode }) => mode === 'migrate',
  uses,
  async main(context) {
    const { database } = context.config;
    if (!database) return { outcome: 'skipped', summary: 'No database is configured; nothing to migrate.' };
    if (context.inputs.mode === 'restore') return restoreInLease(context, database);
    return inRelease(context, (guarded, announce) => migrateDatabase(guarded, database, announce));
  },
});

function migrateDatabase(
  context: MigrateContext,
  database: DatabaseConfig,
  announce: AnnounceMigrations,
): Promise<Result> {
  const { dir, format, command } = database.migrations;
  if (command) return migrateByCommand(context, database, { command, announce });
  return withSession(context, database, {
    whileConnecting: async () => ({
      folder: await readMigrationFolder(context.workspace, dir, { format }),
      schemas: readSchemaFiles(context.workspace, database.schemas),
    }),
    run: (session, files) => migrate({ context, database, session }, files, announce),
  });
}

/** One stage after the other; each takes what the one before it returned. @throws UserError, Fault, Cancelled */
async function migrate(run: Connected, files: SourceFiles, announce: AnnounceMigrations): Promise<Result> {
  const { context } = run;
  const reviewed = await review(run, await prepare(run, files));
  await refuseIrreversible(run, reviewed);
  if (context.dryRun) return describePlan(context, reviewed);
  const ready = await backUpAndRehearse(run, reviewed);
  await saveDownMigrations(run, ready);
  if (ready.hasWork) await announce(ready.plan.class);
  const result = await applyFiles(run, ready);
  const proof = result.state === 'stopped' ? result : await verify(run, result.applied);
  if (proof.state === 'unproven') return describeUnproven(context, proof);
  if (proof.state === 'stopped') {
    const stopped = await describeStopped(run, proof);
    if (proof.stopped.hasWork) await saveBaseline(run, proof.stopped);
    return stopped;
  }
  await settle(run, proof.verified);
  return describeSuccess(context, proof.verified);
}
