import { type Clock, Fault, poll, UserError } from '@slipway/kernel';
import type { Client } from 'pg';
import type { Backup } from './options.ts';

export interface RestorePointOptions {
  client: Client;
  /** Part of the name. */
  release: string;
  /** How long the server may take to archive the segment of the point. */
  timeoutMs: number;
  clock: Clock;
  signal: AbortSignal;
}

/** From pg_stat_archiver and the settings. */
export interface Archiving {
  mode: string;
  /** archive_command or archive_library; empty when neither is set. */
  by: string;
  lastArchived: string | null;
  archivedAt: Date | null;
  lastFailed: string | null;
  failedAt: Date | null;
}

/**
 * Creates a named restore point for the platform's point-in-time recovery, and waits until its segment is in the WAL
 * archive. Nothing is dumped; the platform makes the base backup.
 * @returns the point as a backup without a file: `file` has its name and position.
 * @throws UserError when the server does not archive or the user lacks the right; Fault when it does not arrive; Cancelled.
 */
export async function makeRestorePoint(options: RestorePointOptions): Promise<Backup> {
  const { client, clock, signal, timeoutMs } = options;
  const problem = judgeArchiving(await readArchiving(client));
  if (problem) throw new UserError(`cannot create the restore point: ${problem}`, { hint: noArchive });
  const name = `slipway-${options.release}`.replace(/[^\w.-]/g, '_').slice(0, 63);
  const { lsn, segment } = await createPoint(client, name);
  const wait = { clock, signal, timeoutMs, intervalMs: 250, during: 'waiting for the WAL archive' };
  const archived = await poll(wait, async () => {
    const now = await readArchiving(client);
    if (isArchived(now.lastArchived, segment)) return { done: true, value: true };
    return {
      done: false,
      seen: judgeArchiving(now) ?? `the last archived segment is ${now.lastArchived ?? 'none'}`,
    };
  });
  if (archived.ok) return { file: `restore point ${name} at ${lsn}`, manifest: '', sha256: '', bytes: 0 };
  throw new Fault(`the restore point ${name} did not reach the WAL archive in time: ${archived.seen}`, {
    hint: 'Check the server log and pg_stat_archiver. Nothing was changed.',
  });
}

const noArchive = 'Fix WAL archiving on the server, or set database.backup.mode to dump.';

/** Why recovery to the point would fail; null when archiving is on and its last attempt succeeded. Pure. */
export function judgeArchiving(of: Archiving): string | null {
  if (of.mode === 'off') return 'archive_mode is off';
  if (of.by === '') return 'neither archive_command nor archive_library is set';
  const failing = of.failedAt !== null && (of.archivedAt === null || of.failedAt > of.archivedAt);
  return failing ? `archiving failed: segment ${of.lastFailed} at ${of.failedAt?.toISOString()}` : null;
}

/** Segments of one timeline sort by name. Timeline histories and backup labels are not segments. Pure. */
export function isArchived(lastArchived: string | null, segment: string): boolean {
  const name = /^[0-9A-F]{24}/.exec(lastArchived ?? '')?.[0];
  return name !== undefined && name.slice(8) >= segment.slice(8);
}

async function readArchiving(client: Client): Promise<Archiving> {
  const { rows } = await client.query(
    `SELECT (SELECT setting FROM pg_settings WHERE name = 'archive_mode') AS mode,
       (SELECT coalesce(string_agg(setting, '') FILTER (WHERE setting <> '(disabled)'), '') FROM pg_settings
         WHERE name IN ('archive_command', 'archive_library')) AS by,
       last_archived_wal AS "lastArchived", last_archived_time AS "archivedAt",
       last_failed_wal AS "lastFailed", last_failed_time AS "failedAt" FROM pg_stat_archiver`,
  );
  return rows[0];
}

async function createPoint(client: Client, name: string): Promise<{ lsn: string; segment: string }> {
  try {
    const { rows } = await client.query(
      'SELECT lsn::text, pg_walfile_name(lsn) AS segment FROM pg_create_restore_point($1) lsn',
      [name],
    );
    await client.query('SELECT pg_switch_wal()');
    return rows[0];
  } catch (cause) {
    const { code, message } = cause as { code?: string; message: string };
    throw new UserError(`cannot create the restore point: ${message}`, {
      cause,
      hint:
        code === '42501'
          ? 'As a superuser, run GRANT EXECUTE ON FUNCTION pg_create_restore_point(text), pg_switch_wal(), pg_walfile_name(pg_lsn) TO <user>.'
          : noArchive,
    });
  }
}
