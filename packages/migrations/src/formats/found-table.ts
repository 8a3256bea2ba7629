import { UserError } from '@slipway/kernel';
import type { Client } from 'pg';
import { readError } from './table-access.ts';

/** A table where a tool looks for it. */
export interface FoundTable {
  /** Quoted, with its schema; where it would be made when it is not there. */
  name: string;
  /** Its schema, not quoted. */
  schema: string;
  exists: boolean;
  columns: FoundColumn[];
  database: string;
}

interface FoundColumn {
  name: string;
  /** As in pg_type, `int8`, `varchar`. */
  type: string;
  /** Whether a row can be inserted without a value for it. */
  optional: boolean;
}

/**
 * Looks for a table, by search_path unless a schema is given.
 * @param table Its name, not quoted. @throws UserError when search_path names no schema that exists.
 */
export async function findTable(client: Client, table: string, schema?: string): Promise<FoundTable> {
  const { rows } = await client.query<{
    schema: string | null;
    exists: boolean;
    name: string | null;
    database: string;
    columns: FoundColumn[] | null;
  }>(
    `WITH wanted AS (SELECT to_regclass(CASE WHEN $2::text IS NULL THEN format('%I', $1::text)
                                             ELSE format('%I.%I', $2::text, $1::text) END) AS oid),
     of_table AS (SELECT coalesce((SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                                WHERE c.oid = (SELECT oid FROM wanted)), $2::text, current_schema()) AS schema)
     SELECT schema, (SELECT oid FROM wanted) IS NOT NULL AS exists, quote_ident(schema) || '.' || quote_ident($1::text) AS name,
       current_database() AS database,
       (SELECT json_agg(json_build_object('name', a.attname, 'type', t.typname, 'optional',
                 NOT a.attnotnull OR a.atthasdef OR a.attidentity <> '') ORDER BY a.attnum)
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        WHERE a.attrelid = (SELECT oid FROM wanted) AND a.attnum > 0 AND NOT a.attisdropped) AS columns
     FROM of_table`,
    [table, schema ?? null],
  );
  const [found] = rows;
  if (!found?.schema || found.name === null) {
    throw new UserError('the search_path of the database user names no schema that exists', {
      hint: 'CREATE SCHEMA public, or set the search_path of the user: ALTER ROLE … SET search_path = ….',
    });
  }
  const { name, schema: foundSchema, exists, columns, database } = found;
  return { name, schema: foundSchema, exists, columns: columns ?? [], database };
}

/** Whether a table has all of these columns. */
export function hasColumns(table: FoundTable, ...names: string[]): boolean {
  return names.every((name) => table.columns.some((column) => column.name === name));
}

/**
 * Rows of a version table; the parts of the query are SQL. null when the table is not there.
 * @throws UserError when the user may not read it; Fault.
 */
export async function readRows<R extends object>(
  client: Client,
  table: FoundTable,
  query: { columns: string; where?: string; order: string },
): Promise<R[] | null> {
  if (!table.exists) return null;
  const { columns, where = 'true', order } = query;
  const found = await client
    .query<R>(`SELECT ${columns} FROM ${table.name} WHERE ${where} ORDER BY ${order}`)
    .catch((error: unknown) => {
      throw readError(error, table.name);
    });
  return found.rows;
}
