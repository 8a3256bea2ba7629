import { quoteIdentifier } from '@slipway/postgres';
import type { Client } from 'pg';

/** The tables that describe the projections of an event store. */
export interface ProjectionTables {
  /** Events that could not be applied; a row with a `resolved_at` is settled. */
  failures: string;
  /** How far each projection has read. */
  checkpoints: string;
}

/** How they are at one moment; null for a table that is not there or cannot be understood. */
export interface ProjectionState {
  openFailures: number | null;
  positions: ReadonlyMap<string, bigint> | null;
}

/** Reads both tables, by their columns; those of an event store differ in names. @throws what the server says. */
export async function readProjections(client: Client, tables: ProjectionTables): Promise<ProjectionState> {
  const found = await columnsOf(client, [tables.failures, tables.checkpoints]);
  const failures = found.filter(({ table }) => table === tables.failures);
  const checkpoints = found.filter(({ table }) => table === tables.checkpoints);
  return {
    openFailures: failures.length === 0 ? null : await countOpen(client, tables.failures, failures),
    positions: checkpoints.length === 0 ? null : await readPositions(client, tables.checkpoints, checkpoints),
  };
}

interface Column {
  /** As the configuration names it. */
  table: string;
  name: string;
  /** Category of its type, as in pg_type: S text, N number, U uuid and its kind, D time. */
  category: string;
}

/** Of tables that are not there, nothing. */
async function columnsOf(client: Client, tables: readonly string[]): Promise<Column[]> {
  const { rows } = await client.query<Column>(
    `SELECT named.table, a.attname AS name, t.typcategory::text AS category
     FROM unnest($1::text[]) AS named ("table") JOIN pg_attribute a ON a.attrelid = to_regclass(named.table)
     JOIN pg_type t ON t.oid = a.atttypid WHERE a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    [tables],
  );
  return rows;
}

async function countOpen(client: Client, table: string, columns: readonly Column[]): Promise<number> {
  const open = columns.some(({ name }) => name === 'resolved_at') ? 'WHERE resolved_at IS NULL' : '';
  const { rows } = await client.query(`SELECT count(*)::int AS open FROM ${table} ${open}`);
  return Number(rows[0]?.open);
}

async function readPositions(
  client: Client,
  table: string,
  columns: readonly Column[],
): Promise<Map<string, bigint> | null> {
  const key = columns.find(({ category }) => category === 'S' || category === 'U');
  const position = columns.find(
    ({ name, category }) => category === 'N' && /position|checkpoint|sequence|offset/.test(name),
  );
  if (!key || !position) return null;
  const { rows } = await client.query<{ key: string; position: string | null }>(
    `SELECT ${quoteIdentifier(key.name)}::text AS key, ${quoteIdentifier(position.name)}::text AS position FROM ${table}`,
  );
  return new Map(rows.map((row) => [row.key, BigInt(row.position ?? 0)]));
}

/** What is worse than before, one sentence each. Pure; empty means no worse. */
export function judgeProjections(before: ProjectionState, after: ProjectionState): string[] {
  const problems: string[] = [];
  if (before.openFailures !== null) {
    const more = (after.openFailures ?? Number.NaN) - before.openFailures;
    if (Number.isNaN(more)) problems.push('the table of projection failures disappeared');
    if (more > 0) problems.push(`${more} more events than before failed in a projection`);
  }
  if (before.positions === null) return problems;
  if (after.positions === null) return [...problems, 'the table of projection checkpoints disappeared'];
  for (const [key, position] of before.positions) {
    const now = after.positions.get(key);
    if (now === undefined) problems.push(`the checkpoint of projection ${key} disappeared`);
    else if (now < position) {
      problems.push(`the checkpoint of projection ${key} moved back from ${position} to ${now}`);
    }
  }
  return problems;
}
