import type { Client } from 'pg';

/** The table that an event store appends to, and the column by which its events are ordered. Quoted as SQL wants them. */
export interface EventTable {
  table: string;
  column: string;
}

/** How far a consumer has read. */
export type CheckpointTable = EventTable;

/**
 * Column that orders events, best first: our example and many home-made stores, Emmett (`emt_messages`), Message DB,
 * Marten (`mt_events`).
 */
const positions = ['global_position', 'position', 'seq_id', 'sequence_number'];
const eventTables = '^(events|event_store|event_log|emt_messages|mt_events|messages|stored_events)$';

/** Emmett's `emt_subscriptions`, Marten's `mt_event_progression`, and tables called after what they are. */
const checkpointTables = '(checkpoint|subscription|progression|projection_position|consumer_position)';
const checkpointColumns = [
  'last_processed_position',
  'last_seq_id',
  'global_position',
  'last_position',
  'position',
  'checkpoint',
];

/** Null when no table of the database has the name and column of an event store. */
export async function findEventTable(client: Client): Promise<EventTable | null> {
  const found = await find(client, eventTables, positions);
  return found[0] ?? null;
}

export async function findCheckpoints(client: Client): Promise<CheckpointTable[]> {
  return find(client, checkpointTables, checkpointColumns);
}

/** One column of each table whose name matches: the first of the list that it has, as a whole number. */
async function find(client: Client, name: string, columns: readonly string[]): Promise<EventTable[]> {
  const { rows } = await client.query(
    `SELECT DISTINCT ON (1) format('%I.%I', n.nspname, c.relname) AS table, quote_ident(a.attname) AS column
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
       AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND NOT a.attisdropped
       AND c.relname ~ $1 AND a.attname = ANY ($2) AND a.atttypid IN ('int4'::regtype, 'int8'::regtype)
     ORDER BY 1, array_position($2, a.attname::text)`,
    [name, columns],
  );
  return rows.map(({ table, column }) => ({ table, column }));
}

/** Highest position; null for a store without events. As text, since a bigint may exceed a JavaScript number. */
export async function headOf(client: Client, { table, column }: EventTable): Promise<string | null> {
  const { rows } = await client.query(`SELECT max(${column})::text AS head FROM ${table}`);
  return rows[0]?.head ?? null;
}
