import type { Client } from 'pg';

/** A table whose rows a dump holds. Names are quoted as SQL wants them, e.g. `public."Order"`. */
export interface CountedTable {
  name: string;
  /** Rows inserted, updated and deleted since the last reset of the statistics; null where they are not collected. */
  changes: number | null;
}

/**
 * Up to this number, all tables are counted; of more, the largest. Counting a small table takes a fraction of a
 * millisecond.
 */
const maxCounted = 2000;

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
  return { tables: tables.slice(0, maxCounted), total: tables.length };
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

/** Tables with unexpected numbers of rows, as sentences. Pure. */
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
