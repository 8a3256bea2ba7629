import { openSession, planMigrations, readMigrations, readVersions } from '@slipway/database';
import { type Action, inputSchema, type Result } from '@slipway/runner';
import * as z from 'zod';
import { makeBackup } from './backup.ts';
import type { MigrationRun } from './migration.ts';
import { recorded } from './migration.ts';
import { runFiles } from './run-files.ts';
import { readSchemaFiles, type SchemaFile } from './schema-files.ts';
import { verify } from './verify.ts';

const own = { backup: z.enum(['when-pending', 'always', 'never']).default('when-pending') };

/** How long another migration of the same database may take before this one gives up. */
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
    const files = await readMigrations(context.workspace, database.migrations.dir);
    const schemas = await readSchemaFiles(context.workspace, database.schemas);
    const { clock, signal } = context;
    const session = await openSession({ url: database.url, release: context.record.id, clock, signal });
    try {
      if (!context.dryRun) await session.lock(lockWithin);
      const rows = await readVersions(session.worker);
      const plan = planMigrations(files, rows ?? []);
      const run: MigrationRun = {
        context,
        database,
        session,
        files,
        plan,
        firstTime: rows === null,
        backup: null,
        done: [],
      };
      return context.dryRun ? describePlan(run, schemas) : await migrate(run, schemas);
    } finally {
      session.end();
    }
  },
};

function describePlan(run: MigrationRun, schemas: readonly SchemaFile[]): Result {
  const { context, plan, firstTime } = run;
  const nothing = plan.pending.length === 0 && !firstTime;
  if (!nothing) for (const { file } of schemas) context.log.info(`schema file ${file}`);
  for (const { file, class: kind } of plan.pending) context.log.info(`migration ${file} (${kind})`);
  const backup = wantsBackup(run) ? 'after a backup' : 'without a backup';
  const summary = nothing
    ? `Dry run: the schema is at ${plan.before}; nothing is pending.`
    : `Dry run: ${plan.pending.length} migrations (${plan.class}) would be applied ${backup}; nothing was changed.`;
  return {
    outcome: 'skipped',
    summary,
    outputs: { 'schema-version': plan.before ?? '', applied: '0', backup: '' },
  };
}

function wantsBackup({ context, plan, firstTime }: MigrationRun): boolean {
  const policy = context.inputs.backup;
  return policy === 'always' || (policy === 'when-pending' && (plan.pending.length > 0 || firstTime));
}

async function migrate(run: MigrationRun, schemas: readonly SchemaFile[]): Promise<Result> {
  const { context, plan } = run;
  if (wantsBackup(run)) run.backup = await makeBackup(run);
  context.keep({ ...context.record, database: recorded(run) });
  const begun = context.clock.monotonic();
  const failed = plan.pending.length > 0 || run.firstTime ? await runFiles(run, schemas) : null;
  const record = { ...context.record, database: recorded(run) };
  const evidence = { kind: 'migration' as const, files: run.done };
  const now = await verify(run, failed !== null);
  const outputs = {
    'schema-version': now.version ?? '',
    applied: String(recorded(run).applied.length),
    backup: run.backup?.file ?? '',
  };
  if (failed) {
    const stands = now.version === null ? 'no migration has been applied' : `the schema is at ${now.version}`;
    const summary = `${failed.message} The file was rolled back; ${stands}, and nothing was rolled out.`;
    return { outcome: 'failed', summary, hint: failed.hint, record, evidence, outputs };
  }
  const kept = run.backup
    ? `, after a backup of ${formatBytes(run.backup.bytes)} (sha256 ${run.backup.sha256.slice(0, 12)})`
    : '';
  const took = Math.round(context.clock.monotonic() - begun);
  const applied = recorded(run).applied;
  const summary =
    applied.length === 0
      ? `The schema is at ${now.version ?? 'no version'}; nothing was pending${kept}.`
      : `The schema went from ${plan.before ?? 'nothing'} to ${now.version} with ${applied.length} migration${applied.length === 1 ? '' : 's'} in ${took} ms${kept}.`;
  return { outcome: 'passed', summary, record, evidence, outputs };
}

function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
