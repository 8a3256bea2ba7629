import type { CatalogFacts, ColumnFacts, RelationFacts } from '@slipway/sql';
import type { Client } from 'pg';

interface Row {
  key: string;
  kind: string;
  rows: number;
  columns: Record<string, ColumnFacts>;
  checks: string[] | null;
}

/** More relations than this are not looked up: the lint then expects the worst, as it does without a database. */
const maxRelations = 20_000;

/** What the lint asks of the database that is to be migrated, in one query. @throws what the server says. */
export async function readCatalog(client: Client): Promise<CatalogFacts | undefined> {
  const { rows } = await client.query<Row>(
    `SELECT n.nspname || '.' || c.relname AS key, c.relkind AS kind, c.reltuples AS rows,
       (SELECT coalesce(json_object_agg(a.attname,
          json_build_object('type', format_type(a.atttypid, a.atttypmod), 'notNull', a.attnotnull)), '{}')
        FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
       (SELECT array_agg(pg_get_constraintdef(k.oid)) FROM pg_constraint k
        WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.convalidated) AS checks
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_(?!temp)' AND n.nspname <> 'information_schema'
     LIMIT ${maxRelations + 1}`,
  );
  if (rows.length > maxRelations) return undefined;
  return { relations: Object.fromEntries(rows.map((row) => [row.key, factsOf(row)])) };
}

function factsOf({ kind, rows, columns, checks }: Row): RelationFacts {
  return { kind, rows, columns, provenNotNull: (checks ?? []).flatMap(notNullBy) };
}

/** Columns that a CHECK proves not to be null: those that stand alone, or joined by AND alone. */
function notNullBy(definition: string): string[] {
  const body = /^CHECK \((.*)\)$/s.exec(definition)?.[1] ?? '';
  const terms = body.replace(/^\((.*)\)$/s, '$1').split(/\) AND \(| AND /);
  return terms.flatMap((term) => {
    const [, quoted, plain] = /^\(*(?:"((?:[^"]|"")+)"|([a-z_][a-z0-9_$]*)) IS NOT NULL\)*$/.exec(term) ?? [];
    const name = quoted?.replaceAll('""', '"') ?? plain;
    return name === undefined ? [] : [name];
  });
}
