import {
  type DatabaseAddress,
  type DatabaseUrl,
  describeError,
  Fault,
  type Log,
  ProgramFailure,
  writeTo,
} from '@slipway/kernel';
import { closeConnection, connectionEnvironment } from '@slipway/postgres';
import type { Client } from 'pg';
import type { BackupManifest } from './manifest.ts';
import { explainFailure, feed, type ReadOptions, type StoredBytes } from './read-back.ts';
import { type ConnectionStep, openConnection } from './scratch.ts';
import { withoutTimeouts } from './snapshot.ts';
import { compareCounts, countRows, listTables } from './tables.ts';

export interface RestoreTarget {
  /** pg_restore of the server's own major version. */
  pgRestore: string;
  url: DatabaseUrl;
  at: DatabaseAddress;
  /** A scratch copy needs no owners, and no durability. */
  scratch: boolean;
}

/**
 * Restores into an empty database; `verifyRestored` then checks it.
 * @throws Fault that says what is wrong with the backup; Cancelled.
 */
export async function restoreInto(
  target: RestoreTarget,
  backup: StoredBytes,
  options: ReadOptions,
): Promise<void> {
  await feed(restoreProgram(target, options), backup, options, 'restore');
}

/**
 * Restores a dump into an empty database while pg_dump writes it.
 * @throws Fault when it cannot be restored; whatever `content` throws; Cancelled.
 */
export async function restoreWhileDumped(
  target: RestoreTarget,
  content: AsyncIterable<Buffer>,
  step: Pick<ReadOptions, 'env' | 'signal' | 'redactor'>,
): Promise<void> {
  await writeTo(restoreProgram(target, step), content).catch((error: unknown) => {
    throw error instanceof ProgramFailure ? explainFailure('restore', error) : error;
  });
}

function restoreProgram(
  target: RestoreTarget,
  { env, signal, redactor }: Pick<ReadOptions, 'env' | 'signal' | 'redactor'>,
) {
  const durability = target.scratch ? ' -c synchronous_commit=off' : '';
  return {
    argv: restoreCommand(target),
    env: {
      ...env,
      ...connectionEnvironment(target.at, target.url),
      PGAPPNAME: 'slipway restore',
      PGOPTIONS: `-c statement_timeout=0 -c maintenance_work_mem=256MB${durability}`,
    },
    signal,
    redactor,
  };
}

/** @throws Fault that names the tables whose rows are not those of the snapshot; Cancelled. */
export async function verifyRestored(
  url: DatabaseUrl,
  backup: Pick<BackupManifest, 'counts'>,
  step: ConnectionStep,
): Promise<void> {
  const { client } = await openConnection(url, 'slipway restore', step);
  try {
    await withoutTimeouts(client, 'session');
    await verifyCounts(client, backup);
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault(`cannot count the rows of the restored copy: ${describeError(error)}`, {
      cause: error,
      hint: 'Check the log of the target server, then re-run this job.',
    });
  } finally {
    await closeConnection(client);
  }
}

/** Collects the planner's statistics, which a dump does not contain. Without them a database is slow, not wrong. */
export async function makeStatistics(
  url: DatabaseUrl,
  { log, ...step }: ConnectionStep & { log: Log },
): Promise<void> {
  const { client } = await openConnection(url, 'slipway restore', step);
  try {
    await withoutTimeouts(client, 'session');
    await client.query('ANALYZE');
  } catch (error) {
    log.warn(`the restored copy has no statistics: ANALYZE failed: ${describeError(error)}`);
  } finally {
    await closeConnection(client);
  }
}

/** The environment names the database: as an argument, a name could be read as connection settings. Pure. */
function restoreCommand({ pgRestore, scratch }: RestoreTarget): [string, ...string[]] {
  const copy = ['--no-owner', '--no-privileges', '--no-publications', '--no-subscriptions'];
  return [
    pgRestore,
    '--exit-on-error',
    '--no-password',
    '--dbname=',
    ...(scratch ? copy : ['--no-subscriptions']),
  ];
}

async function verifyCounts(client: Client, backup: Pick<BackupManifest, 'counts'>): Promise<void> {
  const { tables } = await listTables(client);
  const wanted = tables.map(({ name }) => name).filter((name) => name in backup.counts);
  const differences = compareCounts(backup.counts, await countRows(client, wanted));
  if (differences.length === 0) return;
  throw new Fault(`the restored copy differs from the backup: ${differences.slice(0, 5).join('; ')}`, {
    hint: 'Do not rely on this backup. Create a new one, and report this message.',
  });
}
