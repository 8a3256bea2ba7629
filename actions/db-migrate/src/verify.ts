import {
  type AppliedMigration,
  connectFor,
  newestVersion,
  readVersionTable,
  verifyVersions,
} from '@slipway/database';
import { Fault, poll } from '@slipway/kernel';
import type { MigrationRun } from './migration.ts';

/** What the version table says now. */
export type SchemaState = { known: true; rows: AppliedMigration[] | null } | { known: false };

/** How long a server that dropped us may take to come back, and how long one try may take. */
const comeBack = 10_000;
const oneTry = 2000;

/**
 * Asks the version table again after a run that failed or was cancelled; by a new connection when the old one is gone.
 * A cancelled step has no time to wait for a server.
 */
export async function askState(run: MigrationRun): Promise<SchemaState> {
  const { session, context, database } = run;
  try {
    return { known: true, rows: (await readVersionTable(session.observer)).rows };
  } catch {
    const { clock, record } = context;
    const signal = new AbortController().signal;
    const within = context.signal.aborted ? 0 : comeBack;
    const asked = await poll({ clock, signal, every: 500, within, during: 'a new connection' }, async () => {
      const again = { url: database.url, release: record.id, clock, signal };
      const client = await connectFor(again, oneTry).catch(() => null);
      if (!client) return { done: false, seen: 'no connection' };
      try {
        return { done: true, value: (await readVersionTable(client)).rows };
      } catch {
        return { done: false, seen: 'no answer' };
      } finally {
        client.end().catch(() => undefined);
      }
    });
    return asked.ok ? { known: true, rows: asked.value } : { known: false };
  }
}

/**
 * Proves that the table holds exactly the files' versions. @returns the newest version.
 * @throws Fault when the two differ although every file was applied.
 */
export async function verify(run: MigrationRun): Promise<string | null> {
  const rows = (await readVersionTable(run.session.observer)).rows ?? [];
  const differences = verifyVersions(run.files, rows);
  if (differences.length === 0) return newestVersion(rows);
  throw new Fault(
    `the migrations ran, but the version table is not what the files say: ${differences.join('; ')}`,
    {
      hint: 'Something else changed schema_migrations meanwhile. Compare it with the files before you go on.',
    },
  );
}
