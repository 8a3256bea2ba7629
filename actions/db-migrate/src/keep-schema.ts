import { poll } from '@slipway/kernel';
import {
  appliedOf,
  type MigrationTables,
  readMigrationTables,
  saveSchemaBaseline,
  schemaTableFor,
} from '@slipway/migrations';
import {
  asDatabaseError,
  connect,
  isWorking,
  readSchemaSnapshot,
  type SchemaSnapshot,
  sessionName,
} from '@slipway/postgres';
import type { MigrationRun } from './migration.ts';

type Client = MigrationRun['session']['observer'];

/** Milliseconds that a new connection may take, and our last statement to end: a cancelled step has no more. */
const [oneTry, endsWithin] = [2000, 2000];

/**
 * Keeps the schema for the next release to compare with. What goes wrong here does not undo a migration that is done.
 * @param standing As it is read now, where the server has answered all that was sent; without it, what may still run is
 * waited for.
 */
export async function keepSchemaNow(run: MigrationRun, standing?: Promise<MigrationTables>): Promise<void> {
  if (run.database.verify.drift === 'off') return;
  const { log } = run.context;
  try {
    const kept = standing ? keepBeside(run, standing) : keep(run, run.session.observer);
    if (await kept.catch(() => keepAnew(run))) return;
    log.warn(
      'the schema is not kept for the next release: a statement of a migration still runs in the server',
    );
  } catch (error) {
    log.warn(`the schema could not be kept for the next release: ${asDatabaseError(error, '').message}`);
  }
}

/** While the version table is read, the connection that did the work has nothing to do. */
async function keepBeside(run: MigrationRun, standing: Promise<MigrationTables>): Promise<true> {
  const worker = await run.session.worker();
  const [now, schema] = await Promise.all([standing, readSchemaSnapshot(worker)]);
  await write(run, worker, { now, schema });
  return true;
}

/** A cancelled run has its connections cut, and a run may have failed of losing them. */
async function keepAnew(run: MigrationRun): Promise<boolean> {
  const { context, session } = run;
  const signal = new AbortController().signal;
  const client = await connect({
    url: session.url,
    applicationName: sessionName(context.record.id),
    timeoutMs: oneTry,
    signal,
  });
  return keep(run, client).finally(() => client.end().catch(() => undefined));
}

/** @returns false when a statement of ours runs on in the server, which may still change the schema. */
async function keep(run: MigrationRun, client: Client): Promise<boolean> {
  const { context, folder } = run;
  const signal = new AbortController().signal;
  const wait = { clock: context.clock, signal, every: 100, within: endsWithin, during: 'the last statement' };
  const over = await poll(wait, async () =>
    (await isWorking(client)) ? { done: false, seen: 'it runs' } : { done: true, value: true },
  );
  if (!over.ok) return false;
  const now = await readMigrationTables(client, folder.format, folder.migrations);
  await write(run, client, { now, schema: await readSchemaSnapshot(client) });
  return true;
}

function write(
  { session, context, versionTable }: MigrationRun,
  client: Client,
  { now, schema }: { now: MigrationTables; schema: SchemaSnapshot },
): Promise<void> {
  return saveSchemaBaseline(client, schemaTableFor(versionTable.table), {
    release: context.record.id,
    server: String(session.server.major),
    applied: appliedOf(now),
    schema,
  });
}
