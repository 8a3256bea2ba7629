import type { Client } from 'pg';
import { type EventTable, findCheckpoints, findEventTable, headOf } from '../event-tables.ts';
import type { ConnectionStep } from '../scratch.ts';
import { inspectTables, type TableInspection } from './inspect.ts';

/** The last position that the old database assigned. */
export interface OldHead {
  /** Highest position of an event or of the sequence; as text, null when there is none. */
  position: string | null;
}

export interface CarryOverResult {
  /** Sequences that now continue after the old head. */
  sequences: string[];
  /** Consumers that were set back, in all checkpoint tables. */
  checkpoints: number;
}

/**
 * Reads the head of the database that will be replaced, after all writers are gone. An event table that cannot be read is
 * not an error: the sequence has the last position as well. @throws Cancelled
 */
export function readOldHead(client: Client, step: ConnectionStep): Promise<OldHead> {
  return inspectTables(client, step, (inspection) => headIn(client, inspection));
}

async function headIn(client: Client, inspection: TableInspection): Promise<OldHead> {
  const events = await findEventTable(client);
  if (events === null) return { position: null };
  const read = await inspection.ask(events.table, () => headOf(client, events));
  const heads = read.ok ? [read.value] : [];
  for (const sequence of await sequencesOf(client, events)) {
    const { rows } = await client.query(`SELECT last_value::text AS last FROM ${sequence} WHERE is_called`);
    heads.push(rows[0]?.last ?? null);
  }
  const known = heads.flatMap((head) => (head === null ? [] : [BigInt(head)]));
  const highest = known.sort((a, b) => (a < b ? 1 : -1))[0];
  return { position: highest === undefined ? null : String(highest) };
}

/**
 * Prepares the restored database for consumers of the old one: no position is assigned twice, and a checkpoint beyond the
 * restored head, which would make its consumer skip new events silently, is set back to it.
 */
export async function carryOver(client: Client, old: OldHead): Promise<CarryOverResult> {
  const events = await findEventTable(client);
  if (events === null) return { sequences: [], checkpoints: 0 };
  const carried: CarryOverResult = { sequences: [], checkpoints: 0 };
  const head = (await headOf(client, events)) ?? '0';
  for (const sequence of old.position === null ? [] : await sequencesOf(client, events)) {
    const { rowCount } = await client.query(
      `SELECT setval($1::regclass, $2::int8) FROM ${sequence} WHERE last_value < $2::int8 OR NOT is_called`,
      [sequence, old.position],
    );
    if (rowCount) carried.sequences.push(sequence);
  }
  for (const { table, column } of await findCheckpoints(client)) {
    const { rowCount } = await client.query(
      `UPDATE ${table} SET ${column} = $1::int8 WHERE ${column} > $1::int8`,
      [head],
    );
    carried.checkpoints += rowCount ?? 0;
  }
  return carried;
}

/** The sequences that number the events: owned by the column, or named by its default. Quoted as SQL wants them. */
async function sequencesOf(client: Client, { table, column }: EventTable): Promise<string[]> {
  const { rows } = await client.query(
    `WITH col AS (SELECT attrelid, attnum FROM pg_attribute
       WHERE attrelid = $1::regclass AND quote_ident(attname) = $2 AND NOT attisdropped)
     SELECT format('%I.%I', n.nspname, s.relname) AS name
     FROM pg_class s JOIN pg_namespace n ON n.oid = s.relnamespace
     WHERE s.relkind = 'S' AND s.oid IN (
       SELECT d.objid FROM pg_depend d JOIN col ON d.refobjid = col.attrelid AND d.refobjsubid = col.attnum
         WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
       UNION
       SELECT d.refobjid FROM pg_attrdef f JOIN col ON f.adrelid = col.attrelid AND f.adnum = col.attnum
         JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid
         WHERE d.refclassid = 'pg_class'::regclass)
     ORDER BY 1`,
    [table, column],
  );
  return rows.map(({ name }) => name);
}
