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
  type MigrationSession,
  readSchemaSnapshot,
  type SchemaSnapshot,
  sessionName,
} from '@slipway/postgres';
import type { BackedUp, Connected } from './migration.ts';

type Client = MigrationSession['observer'];
type Migrated = Pick<BackedUp, 'folder' | 'tables'>;

/** How long a new connection may take, and our last statement to finish: a cancelled step has no more time. */
const attemptTimeoutMs = 2000;
const statementGraceMs = 2000;

/**
 * Saves the schema for the next release to compare with. What goes wrong here does not undo a migration that is done.
 * @param tables As they are read now, where the server has answered all that was sent; without them, what may still run
 * is waited for.
 */
export async function saveBaseline(
  run: Connected,
  of: Migrated,
  tables?: Promise<MigrationTables>,
): Promise<void> {
  if (run.database.verify.drift === 'off') return;
  const { log } = run.context;
  try {
    const saved = tables ? saveByWorker(run, of, tables) : saveWhenIdle(run, of, run.session.observer);
    if (await saved.catch(() => saveByNewConnection(run, of))) return;
    log.warn(
      'cannot save the schema for the next release: a statement of a migration is still running on the server',
    );
  } catch (error) {
    log.warn(`cannot save the schema for the next release: ${asDatabaseError(error, '').message}`);
  }
}

/** While the version table is read, the connection that did the work is idle. */
async function saveByWorker(run: Connected, of: Migrated, tables: Promise<MigrationTables>): Promise<true> {
  const worker = await run.session.worker();
  const [now, schema] = await Promise.all([tables, readSchemaSnapshot(worker)]);
  await write(run, worker, of, { now, schema });
  return true;
}

/** A cancelled run has its connections cut, and a run may have failed because it lost them. */
async function saveByNewConnection(run: Connected, of: Migrated): Promise<boolean> {
  const { context, session } = run;
  const signal = new AbortController().signal;
  const client = await connect({
    url: session.url,
    applicationName: sessionName(context.record.id),
    timeoutMs: attemptTimeoutMs,
    signal,
    redactor: context.redactor,
  });
  return saveWhenIdle(run, of, client).finally(() => client.end().catch(() => undefined));
}

/** @returns false when a statement of ours is still running on the server, which may yet change the schema. */
async function saveWhenIdle(run: Connected, of: Migrated, client: Client): Promise<boolean> {
  const { clock } = run.context;
  const signal = new AbortController().signal;
  const wait = { clock, signal, intervalMs: 100, timeoutMs: statementGraceMs, during: 'the last statement' };
  const idle = await poll(wait, async () =>
    (await isWorking(client)) ? { done: false, seen: 'it is running' } : { done: true, value: true },
  );
  if (!idle.ok) return false;
  const now = await readMigrationTables(client, of.folder.format, of.folder.migrations);
  await write(run, client, of, { now, schema: await readSchemaSnapshot(client) });
  return true;
}

function write(
  { session, context }: Connected,
  client: Client,
  { tables }: Migrated,
  { now, schema }: { now: MigrationTables; schema: SchemaSnapshot },
): Promise<void> {
  return saveSchemaBaseline(client, schemaTableFor(tables.versionTable.table), {
    release: context.record.id,
    server: String(session.server.major),
    applied: appliedOf(now),
    schema,
  });
}
