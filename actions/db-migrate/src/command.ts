import type { DatabaseConfig } from '@slipway/config';
import {
  findVersionQuery,
  judgeProjections,
  listVersions,
  type MigrationSession,
  readAssertionFiles,
  readProjections,
  runAssertions,
} from '@slipway/database';
import { type Completed, Fault, formatDuration, lastLines, poll } from '@slipway/kernel';
import type { RecordedDatabase } from '@slipway/release';
import type { Result } from '@slipway/runner';
import { makeBackup } from './backup.ts';
import { type CommandClass, openCommandClass } from './command-class.ts';
import type { MigrateContext } from './migration.ts';
import { withSession } from './session.ts';
import { count } from './wording.ts';

/** How long the command is tried again whose locks were not free, and how often it is. */
const again = { within: 10 * 60_000, every: () => 500 + Math.random() * 4000 };
/** What the server says of a lock that was not free (55P03) and of a deadlock (40P01), and the codes themselves. */
const contention = /\b(55P03|40P01)\b|canceling statement due to lock timeout|deadlock detected/;

/**
 * Migrates by the users' own program, with Slipway's lock, backup, time limits and verification around it. What the
 * program applied is the difference of its version table before and after.
 */
export function migrateByCommand(
  context: MigrateContext,
  database: DatabaseConfig,
  command: readonly string[],
): Promise<Result> {
  const assertions = readAssertionFiles(context.workspace, database.verify.assertions);
  return withSession(context, database, async (session) => {
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
    const kind = await openCommandClass(context, session, database.migrations.contract, before);
    await kind.begin();
    const told = { context, before, backup, kind };
    context.keep(recordOf(told, before));
    await session.lock.assertHeld();
    const begun = context.clock.monotonic();
    const done = await runCommand(context, database, session, command);
    const listed = await versionsOf(session, database);
    const after = listed ?? [];
    const record = recordOf(told, after);
    const problems = [
      ...(listed === null && done.code === 0
        ? [
            'the command ended well, but no known version table says what it applied: set database.migrations.versions',
          ]
        : []),
      ...(done.code === 0 ? [] : [failureOf(command, done)]),
      ...lost(before, after).map((one) => `version ${one} is gone from the version table`),
      ...(done.code === 0
        ? await runAssertions(session.observer, assertions, database['statement-timeout'])
        : []),
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
      return { outcome: 'failed', summary, hint: 'Mend the cause and release again.', record, outputs };
    }
    await kind.settle(after);
    const took = formatDuration(context.clock.monotonic() - begun);
    const summary =
      applied.length === 0
        ? `The schema is at ${version ?? 'no version'}; ${command[0]} had nothing to do.`
        : `The schema went from ${current ?? 'nothing'} to ${version} by ${count(applied.length, 'migration')} of ${command[0]} in ${took}.`;
    return { outcome: 'passed', summary, record, outputs };
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
  const query = migrations.versions
    ? { of: 'database.migrations.versions', sql: migrations.versions }
    : await findVersionQuery(session.observer);
  return query === null ? null : listVersions(session.observer, query);
}

async function runCommand(
  { exec, clock, signal, log, workspace }: MigrateContext,
  database: DatabaseConfig,
  session: MigrationSession,
  [program = '', ...args]: readonly string[],
): Promise<Completed> {
  const limits = `-c lock_timeout=${database['lock-timeout']} -c statement_timeout=${database['statement-timeout']}`;
  const env = { DATABASE_URL: session.url, PGOPTIONS: limits };
  let last: Completed | undefined;
  const wait = { clock, signal, ...again, during: program };
  const tried = await poll(wait, async () => {
    const done = await exec({ argv: [program, ...args], cwd: workspace, env }, { onLine: log.info });
    last = done;
    if (done.code === 0 || !contention.test(`${done.stderr}\n${done.stdout}`))
      return { done: true, value: done };
    log.info(`${program} met a lock that was not free; it is run again`);
    return { done: false, seen: 'a lock that was not free' };
  });
  if (tried.ok) return tried.value;
  if (last) return last;
  throw new Fault(`${program} was never run`);
}

function failureOf(command: readonly string[], done: Completed): string {
  const how = done.code === null ? 'was ended by a signal' : `exited ${done.code}`;
  return `${command.join(' ')} ${how}: ${lastLines(done, 3) || 'without a word'}`;
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
    kind: Pick<CommandClass, 'of'>;
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
    contracts: context.config.database?.migrations.contract ?? [],
    backup: earlier?.backup ?? backup,
  };
  return { ...context.record, database };
}
