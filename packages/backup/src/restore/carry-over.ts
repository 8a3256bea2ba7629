import type { Client } from 'pg';
import { type EventTable, findCheckpoints, findEventTable, headOf } from '../event-tables.ts';
import { type TableLook, withLook } from './look.ts';

/** How far the old database had come in giving out positions. */
export interface OldHead {
  /** Highest position that an event has or that the sequence gave out; as text, null when there is none. */
  position: string | null;
}

export interface CarriedOver {
  /** Sequences that go on beyond the old head. */
  sequences: string[];
  /** Consumers that were set back, over all tables of checkpoints. */
  checkpoints: number;
}

/**
 * Of the database that is going to be replaced, when nobody writes to it any more. A table of events that cannot be read
 * is no reason to stop: what its sequence gave out is known without it. @throws Cancelled
 */
export function readOldHead(client: Client, signal: AbortSignal): Promise<OldHead> {
  return withLook(client, signal, (look) => headIn(client, look));
}

async function headIn(client: Client, look: TableLook): Promise<OldHead> {
  const events = await findEventTable(client);
  if (events === null) return { position: null };
  const read = await look.ask(events.table, () => headOf(client, events));
  const heads = 'value' in read ? [read.value] : [];
  for (const sequence of await sequencesOf(client, events)) {
    const { rows } = await client.query(`SELECT last_value::text AS last FROM ${sequence} WHERE is_called`);
    heads.push(rows[0]?.last ?? null);
  }
  const known = heads.flatMap((head) => (head === null ? [] : [BigInt(head)]));
  const highest = known.sort((a, b) => (a < b ? 1 : -1))[0];
  return { position: highest === undefined ? null : String(highest) };
}

/**
 * Prepares the restored database for consumers that saw the old one: positions that were given out are never given out
 * again, and a checkpoint beyond the restored head, which would make its consumer skip new events in silence, is set
 * back to it.
 */
export async function carryOver(client: Client, old: OldHead): Promise<CarriedOver> {
  const events = await findEventTable(client);
  if (events === null) return { sequences: [], checkpoints: 0 };
  const carried: CarriedOver = { sequences: [], checkpoints: 0 };
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
