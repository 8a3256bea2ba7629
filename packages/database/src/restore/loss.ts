import type { Client } from 'pg';
import type { BackupManifest } from '../backup/manifest.ts';
import { countRows, listTables } from '../backup/tables.ts';

/** What was written after the backup, and is gone when it is restored. */
export interface LossReport {
  /** ISO time of the backup. */
  since: string;
  /** Exact; null when the database has no table of events. */
  events: { table: string; lost: number; from: string | null; to: string | null } | null;
  /** Tables that differ, by name. */
  tables: TableLoss[];
  /** Whether the counters of changes go back to the backup; a crash or a reset of the server empties them. */
  counted: boolean;
}

export interface TableLoss {
  name: string;
  /** Exact rows in the backup and now; null where there is no such table. */
  before: number | null;
  now: number | null;
  /** Rows inserted, updated and deleted since; approximate, null when unknown. */
  changes: number | null;
}

/** Reads what the live database has that the backup has not. Changes nothing. */
export async function measureLoss(client: Client, backup: BackupManifest): Promise<LossReport> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
  try {
    const { tables } = await listTables(client);
    const counts = await countRows(
      client,
      tables.map(({ name }) => name),
    );
    const { rows } = await client.query(
      'SELECT stats_reset::text AS since FROM pg_stat_database WHERE datname = current_database()',
    );
    const now = Object.fromEntries(
      tables.map(({ name, changes }) => [name, { rows: counts[name] ?? 0, changes }]),
    );
    const sameCounters = (rows[0]?.since ?? null) === backup.statisticsSince;
    return {
      since: backup.createdAt,
      events: await lostEvents(client, backup),
      ...compare(backup, now, sameCounters),
    };
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
  }
}

async function lostEvents(client: Client, { events }: BackupManifest): Promise<LossReport['events']> {
  if (events === null) return null;
  const { rows } = await client.query('SELECT to_regclass($1) IS NOT NULL AS there', [events.table]);
  if (!rows[0]?.there) return null;
  const beyond = await client.query(
    `SELECT count(*)::int8 AS lost, min(${events.column})::text AS from, max(${events.column})::text AS to
     FROM ${events.table} WHERE ${events.column} > $1::int8`,
    [events.head ?? '-9223372036854775808'],
  );
  const { lost, from, to } = beyond.rows[0] ?? {};
  return { table: events.table, lost: Number(lost), from, to };
}

/** Pure. */
export function compare(
  backup: Pick<BackupManifest, 'counts' | 'changes'>,
  now: Readonly<Record<string, { rows: number; changes: number | null }>>,
  sameCounters: boolean,
): Pick<LossReport, 'tables' | 'counted'> {
  const deltas = Object.entries(now).map(
    ([name, { changes }]) => [name, delta(backup.changes[name], changes)] as const,
  );
  // A counter that went back was emptied, and then none of them tells anything.
  const counted = sameCounters && deltas.every(([, changes]) => changes === null || changes >= 0);
  const changed = new Map(deltas);
  const names = [...new Set([...Object.keys(backup.counts), ...Object.keys(now)])].sort();
  const tables = names.map((name) => ({
    name,
    before: backup.counts[name] ?? null,
    now: now[name]?.rows ?? null,
    changes: counted ? (changed.get(name) ?? null) : null,
  }));
  return { counted, tables: tables.filter((one) => one.before !== one.now || (one.changes ?? 0) > 0) };
}

function delta(then: number | null | undefined, now: number | null): number | null {
  return now === null ? null : now - (then ?? 0);
}

/** The report as lines for people. Pure. */
export function describeLoss({ since, events, tables, counted }: LossReport): string[] {
  const lines: string[] = [];
  if (events && events.lost > 0) {
    lines.push(
      `${events.lost} events of ${events.table} were written after ${since} (positions ${events.from} to ${events.to})`,
    );
  }
  for (const { name, before, now, changes } of tables) {
    const rows =
      before === null
        ? `is new, with ${now} rows`
        : now === null
          ? 'was dropped'
          : `had ${before} rows, has ${now}`;
    lines.push(`${name} ${rows}${changes === null ? '' : `, about ${changes} changes`}`);
  }
  if (!counted) {
    lines.push(
      'rows that were updated are not counted: the counters of the server were emptied since the backup',
    );
  }
  return lines.length > 0 ? lines : [`nothing was written after ${since}`];
}
