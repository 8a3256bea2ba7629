import { type Clock, type DatabaseUrl, Fault, type Log, type Redactor } from '@slipway/kernel';
import { closeConnection } from '@slipway/postgres';
import { type Client, escapeIdentifier, escapeLiteral } from 'pg';
import type { BackupManifest } from '../manifest.ts';
import { openConnection } from '../scratch.ts';
import { withoutTimeouts } from '../snapshot.ts';
import { type CarryOverResult, carryOver, type OldHead, readOldHead } from './carry-over.ts';
import { allowConnections, closeDatabase } from './closing.ts';
import { type LossReport, measureLoss } from './loss.ts';
import type { RestoreNames } from './names.ts';
import { copyProperties } from './properties.ts';

export interface SwapOptions {
  url: DatabaseUrl;
  database: string;
  names: RestoreNames;
  backup: BackupManifest;
  clock: Clock;
  signal: AbortSignal;
  redactor: Redactor;
  log: Log;
}

export interface SwapResult {
  /** The actual loss, measured after all writers were gone. */
  loss: LossReport;
  carried: CarryOverResult;
}

/**
 * Puts the restored database in place of the old one. Both renames are one transaction, so that one of the two has the name
 * at every moment. When anything fails before that, the old database is opened again; a killed run leaves that to the
 * next.
 * @param admin Connected to another database of the server.
 * @param live Connected to the old database, and so is the guard that keeps migrations out; both are closed here.
 * @throws Fault, Cancelled
 */
export async function swap(
  options: SwapOptions,
  admin: Client,
  live: Client,
  guard: Client,
): Promise<SwapResult> {
  const { database, names, log } = options;
  try {
    log.info(`closing the connections of ${database}`);
    const except = await Promise.all([live, guard].map(sessionOf));
    await closeDatabase(admin, { database, restored: names.restored, except }, options);
    const loss = await measureLoss(live, options.backup, options);
    const old = await readOldHead(live, options);
    await Promise.all([live, guard].map(closeConnection));
    const carried = await prepareRestored(options, old);
    await rename(admin, options);
    return { loss, carried };
  } catch (error) {
    await allowConnections(admin, database, true).catch((failed: Error) =>
      log.warn(
        `cannot open ${database} again (${failed.message}): run ALTER DATABASE … ALLOW_CONNECTIONS true`,
      ),
    );
    throw error;
  }
}

async function sessionOf(client: Client): Promise<number> {
  const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid;
}

async function prepareRestored(options: SwapOptions, old: OldHead): Promise<CarryOverResult> {
  const { url, names } = options;
  const { client } = await openConnection(url.withDatabase(names.restored), 'slipway restore', options);
  try {
    await client.query('BEGIN');
    await withoutTimeouts(client, 'transaction');
    const carried = await carryOver(client, old);
    await client.query('COMMIT');
    return carried;
  } finally {
    await closeConnection(client);
  }
}

async function rename(admin: Client, { database, names, backup, clock }: SwapOptions): Promise<void> {
  const [name, restored, old] = [database, names.restored, names.old].map(escapeIdentifier);
  const note = `replaced on ${clock.now().toISOString()} by the backup ${backup.file}`;
  try {
    await admin.query('BEGIN');
    await copyProperties(admin, database, names.restored);
    await admin.query(`ALTER DATABASE ${name} RENAME TO ${old}`);
    await admin.query(`COMMENT ON DATABASE ${old} IS ${escapeLiteral(note)}`);
    await admin.query(`ALTER DATABASE ${restored} RENAME TO ${name}`);
    await admin.query('COMMIT');
  } catch (cause) {
    await admin.query('ROLLBACK').catch(() => undefined);
    throw new Fault(`cannot put the restored database in place of ${database}: ${(cause as Error).message}`, {
      cause,
      hint: 'The old database is in place again. The user of the database URL must own it and have CREATEDB, and no prepared transaction may exist.',
    });
  }
}
