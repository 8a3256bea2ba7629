import type { DatabaseConfig } from '@slipway/config';
import { formatDuration } from '@slipway/kernel';
import {
  findVersionQuery,
  judgeProjections,
  listVersions,
  readAssertionFiles,
  readProjections,
  runAssertions,
} from '@slipway/migrations';
import type { MigrationSession } from '@slipway/postgres';
import type { RecordedDatabase } from '@slipway/release';
import type { Result } from '@slipway/runner';
import { makeBackup } from './backup.ts';
import { type CommandClass, openCommandClass } from './command-class.ts';
import type { MigrateContext } from './migration.ts';
import { failureOf, runCommand } from './run-command.ts';
import { withSession } from './session.ts';
import { count } from './wording.ts';

/**
 * Migrates by the users' own program, with Slipway's lock, backup, time limits and verification around it. What the
 * program applied is the difference of its version table before and after.
 */
export function migrateByCommand(
  context: MigrateContext,
  database: DatabaseConfig,
  command: readonly string[],
): Promise<Result> {
  return withSession(context, database, {
    whileConnecting: async () => readAssertionFiles(context.workspace, database.verify.assertions),
    async run(session, assertions) {
      const before = (await versionsOf(session, database)) ?? [];
      if (context.dryRun) {
        const summary = `Dry run: ${command.join(' ')} would be run, ${context.inputs.backup === 'never' ? 'without' : 'after'} a backup; the schema is at ${before.at(-1) ?? 'no version'}; nothing was changed.`;
        return {
          outcome: 'skipped',
          summary,
          outputs: { 'schema-version': before.at(-1) ?? '', applied: '0', backup: '' },
        };
      }
      const projections = await readProjections(session.observer, database.verify);
      const current = before.at(-1) ?? null;
      const policy = context.inputs.backup;
      const backup =
        policy === 'never'
          ? null
          : await context.log.group('Back up', () =>
              makeBackup({ context, database, session, plan: { current } }),
            );
      const kind = await openCommandClass(
        context,
        session,
        database.migrations['contract-migrations'],
        before,
      );
      await kind.begin();
      const known = { context, before, backup, kind };
      context.keep(recordOf(known, before));
      await session.lock.assertHeld();
      const begun = context.clock.monotonic();
      const done = await runCommand(context, database, session, command);
      const listed = await versionsOf(session, database);
      const after = listed ?? [];
      const record = recordOf(known, after);
      const problems = [
        ...(listed === null && done.ok
          ? [
              'the command exited 0, but no known version table lists what it applied: set database.migrations.versions',
            ]
          : []),
        ...(done.ok ? [] : [failureOf(command, done)]),
        ...lost(before, after).map((one) => `version ${one} disappeared from the version table`),
        ...(done.ok ? await runAssertions(session.observer, assertions, database['statement-timeout']) : []),
        ...judgeProjections(projections, await readProjections(session.observer, database.verify)),
      ];
      const version = after.at(-1) ?? null;
      const applied = record.database?.applied ?? [];
      const outputs = {
        'schema-version': version ?? '',
        applied: String(applied.length),
        backup: backup?.file ?? '',
      };
      if (problems.length > 0) {
        const summary = `${problems.join('; ')}.\nThe schema is at ${version ?? 'no version'}; nothing was rolled out.`;
        return { outcome: 'failed', summary, hint: 'Fix the cause and release again.', record, outputs };
      }
      await kind.settle(after);
      const took = formatDuration(context.clock.monotonic() - begun);
      const summary =
        applied.length === 0
          ? `The schema is at ${version ?? 'no version'}; ${command[0]} had nothing to do.`
          : `The schema went from ${current ?? 'nothing'} to ${version} by ${count(applied.length, 'migration')} of ${command[0]} in ${took}.`;
      return { outcome: 'passed', summary, record, outputs };
    },
  });
}

/** A table that holds the newest version only, such as that of Alembic, loses none by moving on. */
function lost(before: readonly string[], after: readonly string[]): string[] {
  if (before.length === 1 && after.length === 1) return [];
  return before.filter((version) => !after.includes(version));
}

/** null when nothing says which versions are applied. */
async function versionsOf(
  session: MigrationSession,
  { migrations }: DatabaseConfig,
): Promise<string[] | null> {
  const query = migrations.versions ?? (await findVersionQuery(session.observer));
  return query === null ? null : listVersions(session.observer, query);
}

function recordOf(
  {
    context,
    before,
    backup,
    kind,
  }: {
    context: MigrateContext;
    before: readonly string[];
    kind: Pick<CommandClass, 'of' | 'contracts'>;
    backup: RecordedDatabase['backup'];
  },
  now: readonly string[],
) {
  const earlier = context.record.database;
  const applied = now.filter((one) => !before.includes(one));
  const database: RecordedDatabase = {
    before: earlier ? earlier.before : (before.at(-1) ?? null),
    after: now.at(-1) ?? null,
    applied: [...(earlier?.applied ?? []), ...applied],
    class: kind.of(now),
    contracts: kind.contracts(now),
    backup: earlier?.backup ?? backup,
  };
  return { ...context.record, database };
}
