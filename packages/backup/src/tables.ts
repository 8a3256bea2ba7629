import type { Client } from 'pg';

/** A table whose rows a dump holds. Names are quoted as SQL wants them, e.g. `public."Order"`. */
export interface CountedTable {
  name: string;
  /** Rows inserted, updated and deleted since the statistics of the database began; null where they are not kept. */
  changes: number | null;
}

/**
 * All tables are counted up to this number; of more, the largest. A count of a small table is a fraction of a
 * millisecond, so even this many take seconds only.
 */
export const mostCounted = 2000;

/** The tables whose rows `pg_dump` writes: not those of extensions, foreign servers or the session. Largest first. */
export async function listTables(client: Client): Promise<{ tables: CountedTable[]; total: number }> {
  const { rows } = await client.query(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name,
       pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid) + pg_stat_get_tuples_deleted(c.oid) AS changes
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
       AND NOT EXISTS (SELECT FROM pg_depend d
         WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
     ORDER BY c.relpages DESC, 1`,
  );
  const tables = rows.map(({ name, changes }) => ({
    name,
    changes: changes === null ? null : Number(changes),
  }));
  return { tables: tables.slice(0, mostCounted), total: tables.length };
}

const atOnce = 50;

/** Exact numbers of rows, by table, as the connection's transaction sees them. */
export async function countRows(client: Client, names: readonly string[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let at = 0; at < names.length; at += atOnce) {
    const some = names.slice(at, at + atOnce);
    const each = some.map((name, index) => `SELECT ${index} AS at, count(*) AS rows FROM ${name}`);
    const { rows } = await client.query(each.join(' UNION ALL '));
    for (const row of rows) counts[some[row.at] as string] = Number(row.rows);
  }
  return counts;
}

/** Tables whose numbers of rows are not what they should be, as sentences. Pure. */
export function compareCounts(
  expected: Readonly<Record<string, number>>,
  found: Readonly<Record<string, number>>,
): string[] {
  return Object.entries(expected).flatMap(([table, rows]) => {
    const there = found[table];
    if (there === rows) return [];
    return [there === undefined ? `${table} is missing` : `${table} has ${there} rows instead of ${rows}`];
  });
}
