import { Fault, poll } from '@slipway/kernel';
import {
  judgeProjections,
  type MigrationState,
  type MigrationTables,
  newestVersion,
  type ProjectionState,
  readMigrationTables,
  readProjections,
  runAssertions,
  stateOf,
  verifyVersions,
} from '@slipway/migrations';
import { connect, isWorking, sessionName } from '@slipway/postgres';
import { note } from './checks.ts';
import { hasWork, type MigrationRun } from './migration.ts';

/** What the version table says now. */
export type SchemaState = { known: true; standing: MigrationState } | { known: false };

/** How long a server that dropped us may take to come back, and how long one try may take. */
const comeBack = 10_000;
const oneTry = 2000;

/**
 * Asks the version table again after a run that failed or was cancelled; by a new connection when the old one is gone.
 * A cancelled step has no time to wait for a server.
 * @param answered Whether the server has answered our last statement: what still runs there is of another run.
 */
export async function askState(run: MigrationRun, answered: boolean): Promise<SchemaState> {
  const { session, context, folder } = run;
  const ask = async (client = session.observer): Promise<MigrationState> => {
    // A server does not always see at once that its client is gone, and may commit after we have looked.
    if (!answered && (await isWorking(client))) throw new Error('our last statement still runs');
    return stateOf(await readMigrationTables(client, folder.format, folder.migrations));
  };
  try {
    return { known: true, standing: await ask() };
  } catch {
    const { clock, record } = context;
    const signal = new AbortController().signal;
    const within = context.signal.aborted ? 0 : comeBack;
    const asked = await poll({ clock, signal, every: 500, within, during: 'a new connection' }, async () => {
      const client = await connect({
        url: session.url,
        applicationName: sessionName(record.id),
        timeoutMs: oneTry,
        signal,
      }).catch(() => null);
      if (!client) return { done: false, seen: 'no connection' };
      try {
        return { done: true, value: await ask(client) };
      } catch {
        return { done: false, seen: 'no answer, or our last statement still runs' };
      } finally {
        client.end().catch(() => undefined);
      }
    });
    return asked.ok ? { known: true, standing: asked.value } : { known: false };
  }
}

/**
 * What the database says after everything has run. Where nothing was run and no backup took its time, it was read a
 * moment ago, under the lock, and is not read again.
 */
export async function readStandingNow(run: MigrationRun): Promise<MigrationTables> {
  const { session, folder } = run;
  if (isFresh(run)) return run;
  return readMigrationTables(session.observer, folder.format, folder.migrations);
}

function isFresh(run: MigrationRun): boolean {
  return !hasWork(run) && run.backup === null;
}

/**
 * Proves that the table holds exactly the files' versions, that the users' assertions hold, and that the projections
 * are no worse than before. @returns the newest version.
 * @throws Fault when anything is not so although every file was applied.
 */
export async function verify(run: MigrationRun, now: MigrationTables): Promise<string | null> {
  const { session, folder } = run;
  const version = newestVersion(folder.migrations, stateOf(now));
  const differences = verifyVersions(folder.migrations, stateOf(now));
  if (differences.length > 0) {
    throw new Fault(
      `the migrations ran, but the version table is not what the files say: ${differences.join('; ')}`,
      {
        hint: `Something else changed ${now.versionTable.table} meanwhile. Compare it with the files before you go on.`,
      },
    );
  }
  note(
    run,
    'versions',
    'Version table',
    'passed',
    `${now.versionTable.table} holds exactly the versions of the files`,
  );
  await verifyAssertions(run, version);
  const after = isFresh(run) ? run.projections : await readProjections(session.observer, run.database.verify);
  verifyProjections(run, version, after);
  return version;
}

async function verifyAssertions(run: MigrationRun, version: string | null): Promise<void> {
  const { database, session, assertions: files } = run;
  if (files.length === 0) return;
  const broken = await runAssertions(session.observer, files, database['statement-timeout']);
  note(
    run,
    'assertions',
    'Assertions',
    broken.length === 0 ? 'passed' : 'failed',
    broken.length === 0 ? `all of ${files.map(({ file }) => file).join(', ')} hold` : broken.join('; '),
  );
  if (broken.length === 0) return;
  throw new Fault(
    `the schema is at ${version}, but does not hold what is asserted of it:\n${broken.join('\n')}`,
    {
      hint: 'The migrations stay applied and nothing was rolled out: write a migration that mends it, and release again.',
    },
  );
}

function verifyProjections(run: MigrationRun, version: string | null, after: ProjectionState): void {
  const { projections } = run;
  const worse = judgeProjections(projections, after);
  const looked = projections.openFailures !== null || projections.positions !== null;
  if (looked || worse.length > 0) {
    const seen = worse.join('; ') || 'failures and checkpoints are no worse than before';
    note(run, 'projections', 'Projections', worse.length === 0 ? 'passed' : 'failed', seen);
  }
  if (worse.length === 0) return;
  throw new Fault(
    `the schema is at ${version}, but the projections are worse than before: ${worse.join('; ')}`,
    {
      hint: 'The migrations stay applied and nothing was rolled out: repair the projection, then release again.',
    },
  );
}
