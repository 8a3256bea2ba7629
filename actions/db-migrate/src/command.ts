import type { DatabaseConfig } from '@slipway/config';
import {
  type AssertionFile,
  findVersionQuery,
  judgeProjections,
  listVersions,
  readAssertionFiles,
  readProjections,
  runAssertions,
} from '@slipway/migrations';
import type { Result } from '@slipway/runner';
import { makeBackup } from './backup.ts';
import { openCommandClass } from './command-class.ts';
import { describeCommand, describeDryRun, type Finished, recordOf, type Started } from './command-report.ts';
import type { AnnounceMigrations } from './in-release.ts';
import type { Connected, MigrateContext } from './migration.ts';
import { failureOf, runCommand } from './run-command.ts';
import { withSession } from './session.ts';

type Command = readonly string[];

/**
 * Migrates by the users' own program, with Slipway's lock, backup, time limits and verification around it. What the
 * program applied is the difference of its version table before and after.
 */
export function migrateByCommand(
  context: MigrateContext,
  database: DatabaseConfig,
  { command, announce }: { command: Command; announce: AnnounceMigrations },
): Promise<Result> {
  return withSession(context, database, {
    whileConnecting: async () => readAssertionFiles(context.workspace, database.verify.assertions),
    async run(session, assertions) {
      const connected = { context, database, session };
      const before = (await versionsOf(connected)) ?? [];
      if (context.dryRun) return describeDryRun(context, command, before);
      const started = await start(connected, before);
      const contracts = database.migrations['contract-migrations'];
      await announce(started.kind.of([...new Set([...before, ...contracts])]));
      const finished = await execute(connected, started, command);
      const problems = await findProblems(connected, finished, { command, assertions });
      const { record, ...result } = describeCommand(context, finished, command, problems);
      if (problems.length === 0) await finished.kind.settle(finished.listed ?? []);
      return { ...result, record };
    },
  });
}

async function start(connected: Connected, before: readonly string[]): Promise<Started> {
  const { context, database, session } = connected;
  const projections = await readProjections(session.observer, database.verify);
  const plan = { current: before.at(-1) ?? null };
  const backup =
    context.inputs.backup === 'never'
      ? null
      : await context.log.group('Back up', () => makeBackup({ ...connected, plan }));
  const contracts = database.migrations['contract-migrations'];
  const kind = await openCommandClass(context, session, contracts, before);
  await kind.begin();
  return { before, projections, backup, kind };
}

async function execute(connected: Connected, started: Started, argv: Command): Promise<Finished> {
  const { context, database, session } = connected;
  context.saveRecord(recordOf(context.record, started, started.before));
  await session.lock.assertHeld();
  const startedAt = context.clock.monotonic();
  const command = await runCommand(context, database, session, argv);
  const listed = await versionsOf(connected);
  return { ...started, command, listed, startedAt };
}

/** One sentence for each; empty when all is as it should be. */
async function findProblems(
  { database, session }: Connected,
  { before, command, listed, projections }: Finished,
  ran: { command: Command; assertions: readonly AssertionFile[] },
): Promise<string[]> {
  const unlisted = 'the command exited 0, but no known version table lists what it applied';
  const broken = command.ok
    ? await runAssertions(session.observer, ran.assertions, database['statement-timeout'])
    : [failureOf(ran.command, command)];
  return [
    ...(listed === null && command.ok ? [`${unlisted}: set database.migrations.versions`] : []),
    ...(command.ok ? [] : broken),
    ...lost(before, listed ?? []).map((one) => `version ${one} disappeared from the version table`),
    ...(command.ok ? broken : []),
    ...judgeProjections(projections, await readProjections(session.observer, database.verify)),
  ];
}

/** A table that holds the newest version only, such as that of Alembic, loses none by moving on. */
function lost(before: readonly string[], after: readonly string[]): string[] {
  if (before.length === 1 && after.length === 1) return [];
  return before.filter((version) => !after.includes(version));
}

/** null when nothing says which versions are applied. */
async function versionsOf({ session, database }: Connected): Promise<string[] | null> {
  const query = database.migrations.versions ?? (await findVersionQuery(session.observer));
  return query === null ? null : listVersions(session.observer, query);
}
