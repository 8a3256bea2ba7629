import type { Client } from 'pg';
import type { BackupManifest } from '../manifest.ts';
import { listTables } from '../tables.ts';
import { countLive, type Looked, notCounted, type TableLook, withLook } from './look.ts';

/** What was written after the backup, and is gone when it is restored. */
export interface LossReport {
  /** ISO time of the backup. */
  since: string;
  /** null when the database has no table of events. */
  events: LostEvents | null;
  /** Tables that differ, by name. */
  tables: TableLoss[];
  /** Whether the counters of changes go back to the backup; a crash or a reset of the server empties them. */
  counted: boolean;
}

export interface LostEvents {
  table: string;
  /** Exact; null when it is unknown. */
  lost: number | null;
  from: string | null;
  to: string | null;
  /** Why they could not be counted. */
  unknown?: string;
}

export interface TableLoss {
  name: string;
  /** Exact rows in the backup and now; null where there is no such table, or it is unknown how many there are now. */
  before: number | null;
  now: number | null;
  /** Why the rows that it has now could not be counted: it is locked, or damaged. */
  unknown?: string;
  /** Rows inserted, updated and deleted since; approximate, null when unknown. */
  changes: number | null;
}

/**
 * Reads what the live database has that the backup has not. Changes nothing. A table that cannot be counted is no reason
 * to stop: a damaged one may be why the backup is restored.
 * @throws Cancelled
 */
export async function measureLoss(
  client: Client,
  backup: BackupManifest,
  signal: AbortSignal,
): Promise<LossReport> {
  return withLook(client, signal, async (look) => {
    const { tables } = await listTables(client);
    const counts = await countLive(
      client,
      look,
      tables.map(({ name }) => name),
    );
    const { rows } = await client.query(
      'SELECT stats_reset::text AS since FROM pg_stat_database WHERE datname = current_database()',
    );
    const now = Object.fromEntries(
      tables.map(({ name, changes }) => [name, { rows: counts.get(name) ?? notCounted, changes }]),
    );
    const sameCounters = (rows[0]?.since ?? null) === backup.statisticsSince;
    return {
      since: backup.createdAt,
      events: await lostEvents(client, look, backup),
      ...compare(backup, now, sameCounters),
    };
  });
}

async function lostEvents(
  client: Client,
  look: TableLook,
  { events }: BackupManifest,
): Promise<LossReport['events']> {
  if (events === null) return null;
  const { table, column, head } = events;
  const { rows } = await client.query('SELECT to_regclass($1) IS NOT NULL AS there', [table]);
  if (!rows[0]?.there) return null;
  const beyond = await look.ask(table, () =>
    client.query(
      `SELECT count(*)::int8 AS lost, min(${column})::text AS from, max(${column})::text AS to
       FROM ${table} WHERE ${column} > $1::int8`,
      [head ?? '-9223372036854775808'],
    ),
  );
  if ('unknown' in beyond) return { table, lost: null, from: null, to: null, unknown: beyond.unknown };
  const { lost, from, to } = beyond.value.rows[0] ?? {};
  return { table, lost: Number(lost), from, to };
}

/** Pure. */
export function compare(
  backup: Pick<BackupManifest, 'counts' | 'changes'>,
  now: Readonly<Record<string, { rows: Looked<number>; changes: number | null }>>,
  sameCounters: boolean,
): Pick<LossReport, 'tables' | 'counted'> {
  const deltas = Object.entries(now).map(
    ([name, { changes }]) => [name, delta(backup.changes[name], changes)] as const,
  );
  // A counter that went back was emptied, and then none of them tells anything.
  const counted = sameCounters && deltas.every(([, changes]) => changes === null || changes >= 0);
  const changed = new Map(deltas);
  const names = [...new Set([...Object.keys(backup.counts), ...Object.keys(now)])].sort();
  const tables = names.map((name): TableLoss => {
    const rows = now[name]?.rows ?? { value: null };
    return {
      name,
      before: backup.counts[name] ?? null,
      ...('value' in rows ? { now: rows.value } : { now: null, unknown: rows.unknown }),
      changes: counted ? (changed.get(name) ?? null) : null,
    };
  });
  return { counted, tables: tables.filter(isLoss) };
}

function isLoss({ before, now, changes, unknown }: TableLoss): boolean {
  return before !== now || (changes ?? 0) > 0 || unknown !== undefined;
}

function delta(then: number | null | undefined, now: number | null): number | null {
  return now === null ? null : now - (then ?? 0);
}

/** The report as lines for people. Pure. */
export function describeLoss({ since, events, tables, counted }: LossReport): string[] {
  const lines: string[] = [];
  if (events?.unknown !== undefined) {
    lines.push(
      `how many events of ${events.table} were written after ${since} is unknown (${events.unknown})`,
    );
  } else if (events?.lost) {
    lines.push(
      `${events.lost} events of ${events.table} were written after ${since} (positions ${events.from} to ${events.to})`,
    );
  }
  for (const table of tables) {
    const { name, changes } = table;
    lines.push(`${name} ${describeRows(table)}${changes === null ? '' : `, about ${changes} changes`}`);
  }
  if (!counted) {
    lines.push(
      'rows that were updated are not counted: the counters of the server were emptied since the backup',
    );
  }
  return lines.length > 0 ? lines : [`nothing was written after ${since}`];
}

function describeRows({ before, now, unknown }: TableLoss): string {
  if (unknown !== undefined) {
    return `${before === null ? 'is new' : `had ${before} rows`}, and how many it has is unknown (${unknown})`;
  }
  if (before === null) return `is new, with ${now} rows`;
  return now === null ? 'was dropped' : `had ${before} rows, has ${now}`;
}
