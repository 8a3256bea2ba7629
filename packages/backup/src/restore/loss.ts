import type { Client } from 'pg';
import type { BackupManifest } from '../manifest.ts';
import type { ConnectionStep } from '../scratch.ts';
import { listTables } from '../tables.ts';
import {
  countLiveRows,
  inspectTables,
  notCounted,
  type TableAnswer,
  type TableInspection,
} from './inspect.ts';

/** What was written after the backup, and will be lost when it is restored. */
export interface LossReport {
  /** ISO time of the backup. */
  since: string;
  /** Null when the database has no event table. */
  events: LostEvents | null;
  /** Tables that differ, by name. */
  tables: TableLoss[];
  /** Whether the counters of changes reach back to the backup; a crash or a reset of the server clears them. */
  counted: boolean;
}

interface LostEvents {
  table: string;
  /** Exact; null when unknown. */
  lost: number | null;
  from: string | null;
  to: string | null;
  /** Why they could not be counted. */
  unknown?: string;
}

interface TableLoss {
  name: string;
  /** Exact rows in the backup and now; null where the table does not exist, or the current number is unknown. */
  before: number | null;
  now: number | null;
  /** Why the current rows could not be counted: the table is locked or damaged. */
  unknown?: string;
  /** Rows inserted, updated and deleted since; approximate, null when unknown. */
  changes: number | null;
}

/**
 * Reads what the live database has and the backup does not have. Changes nothing. A table that cannot be counted is not an
 * error: a damaged table may be the reason for the restore.
 * @throws Cancelled
 */
export async function measureLoss(
  client: Client,
  backup: BackupManifest,
  step: ConnectionStep,
): Promise<LossReport> {
  return inspectTables(client, step, async (inspection) => {
    const { tables } = await listTables(client);
    const counts = await countLiveRows(
      client,
      inspection,
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
      events: await lostEvents(client, inspection, backup),
      ...compare(backup, now, sameCounters),
    };
  });
}

async function lostEvents(
  client: Client,
  inspection: TableInspection,
  { events }: BackupManifest,
): Promise<LossReport['events']> {
  if (events === null) return null;
  const { table, column, head } = events;
  const { rows } = await client.query('SELECT to_regclass($1) IS NOT NULL AS there', [table]);
  if (!rows[0]?.there) return null;
  const beyond = await inspection.ask(table, () =>
    client.query(
      `SELECT count(*)::int8 AS lost, min(${column})::text AS from, max(${column})::text AS to
       FROM ${table} WHERE ${column} > $1::int8`,
      [head ?? '-9223372036854775808'],
    ),
  );
  if (!beyond.ok) return { table, lost: null, from: null, to: null, unknown: beyond.reason };
  const { lost, from, to } = beyond.value.rows[0] ?? {};
  return { table, lost: Number(lost), from, to };
}

/** Pure. */
export function compare(
  backup: Pick<BackupManifest, 'counts' | 'changes'>,
  now: Readonly<Record<string, { rows: TableAnswer<number>; changes: number | null }>>,
  sameCounters: boolean,
): Pick<LossReport, 'tables' | 'counted'> {
  const deltas = Object.entries(now).map(
    ([name, { changes }]) => [name, delta(backup.changes[name], changes)] as const,
  );
  // A counter that decreased was reset, and then none of them is usable.
  const counted = sameCounters && deltas.every(([, changes]) => changes === null || changes >= 0);
  const changed = new Map(deltas);
  const names = [...new Set([...Object.keys(backup.counts), ...Object.keys(now)])].sort();
  const tables = names.map((name): TableLoss => {
    const rows = now[name]?.rows;
    return {
      name,
      before: backup.counts[name] ?? null,
      now: rows?.ok ? rows.value : null,
      ...(rows?.ok === false ? { unknown: rows.reason } : {}),
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
    lines.push(`${events.table}: the number of events written after ${since} is unknown (${events.unknown})`);
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
    lines.push("updated rows are not counted: the server's counters were reset after the backup");
  }
  return lines.length > 0 ? lines : [`nothing was written after ${since}`];
}

function describeRows({ before, now, unknown }: TableLoss): string {
  if (unknown !== undefined) {
    return `${before === null ? 'is new' : `had ${before} rows`}; its current count is unknown (${unknown})`;
  }
  if (before === null) return `is new, with ${now} rows`;
  return now === null ? 'was dropped' : `had ${before} rows, has ${now}`;
}
