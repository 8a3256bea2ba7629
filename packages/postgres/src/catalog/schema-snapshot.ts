import { OutsideText, type Redactor } from '@slipway/kernel';
import type { Client } from 'pg';

/** The parts of a schema, each with its definition as the server writes it: `table public.t` → `column a` → `integer`. */
export type SchemaSnapshot = Record<string, Record<string, string>>;

/** Leaves out the server's own schemas and those of sessions. */
const own = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

/** The users' relations with their names in a snapshot. Slipway's own tables are left out. */
const relations = `SELECT c.oid, c.relkind, CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
  WHEN 'c' THEN 'type' WHEN 'f' THEN 'foreign table' ELSE 'table' END || ' ' || format('%I.%I', n.nspname, c.relname) AS name
 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${own} AND c.relname !~ '^slipway_'`;

/** Each returns rows of object, part and definition. Members of an extension are covered by the extension's version. */
const parts = [
  `SELECT 'schema ' || quote_ident(n.nspname), '', '' FROM pg_namespace n WHERE ${own}`,
  `SELECT 'extension ' || quote_ident(extname), '', extversion FROM pg_extension`,
  `SELECT r.name, '', concat_ws(' ', CASE c.relpersistence WHEN 'u' THEN 'unlogged' END,
     CASE WHEN c.relrowsecurity THEN 'row security' END, CASE WHEN c.relforcerowsecurity THEN 'forced' END,
     'partition by ' || pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid), array_to_string(c.reloptions, ','),
     CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END)
   FROM r JOIN pg_class c ON c.oid = r.oid WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'c', 'f')`,
  `SELECT r.name, 'column ' || quote_ident(x.attname), concat_ws(' ', format_type(x.atttypid, x.atttypmod),
     CASE WHEN x.attnotnull THEN 'not null' END, 'identity ' || nullif(x.attidentity::text, ''),
     CASE WHEN x.attgenerated = '' THEN 'default ' ELSE 'generated ' END || pg_get_expr(d.adbin, d.adrelid),
     'collate ' || (SELECT l.collname FROM pg_collation l JOIN pg_type t ON t.oid = x.atttypid
                    WHERE l.oid = x.attcollation AND x.attcollation <> t.typcollation))
   FROM r JOIN pg_attribute x ON x.attrelid = r.oid LEFT JOIN pg_attrdef d ON d.adrelid = x.attrelid AND d.adnum = x.attnum
   WHERE r.relkind IN ('r', 'p', 'v', 'm', 'c', 'f') AND x.attnum > 0 AND NOT x.attisdropped`,
  `SELECT r.name, 'parent ' || x.inhparent::regclass, '' FROM r JOIN pg_inherits x ON x.inhrelid = r.oid`,
  `SELECT r.name, 'constraint ' || quote_ident(x.conname),
     pg_get_constraintdef(x.oid) || CASE WHEN x.convalidated THEN '' ELSE ' (not valid)' END
   FROM r JOIN pg_constraint x ON x.conrelid = r.oid WHERE x.contype <> 'n'`,
  `SELECT r.name, 'index ' || x.indexrelid::regclass,
     pg_get_indexdef(x.indexrelid) || CASE WHEN x.indisvalid THEN '' ELSE ' (invalid)' END
   FROM r JOIN pg_index x ON x.indrelid = r.oid`,
  `SELECT r.name, 'trigger ' || quote_ident(x.tgname), pg_get_triggerdef(x.oid) || ' ' || x.tgenabled::text
   FROM r JOIN pg_trigger x ON x.tgrelid = r.oid WHERE NOT x.tgisinternal`,
  `SELECT r.name, 'rule ' || quote_ident(x.rulename), pg_get_ruledef(x.oid)
   FROM r JOIN pg_rewrite x ON x.ev_class = r.oid WHERE x.rulename <> '_RETURN'`,
  `SELECT r.name, 'policy ' || quote_ident(x.polname), concat_ws(' ', x.polcmd, x.polpermissive, x.polroles::regrole[],
     pg_get_expr(x.polqual, x.polrelid), 'check ' || pg_get_expr(x.polwithcheck, x.polrelid))
   FROM r JOIN pg_policy x ON x.polrelid = r.oid`,
  `SELECT r.name, '', concat_ws(' ', format_type(x.seqtypid, NULL), x.seqincrement, x.seqmin, x.seqmax, x.seqstart,
     x.seqcache, x.seqcycle) FROM r JOIN pg_sequence x ON x.seqrelid = r.oid`,
  `SELECT 'function ' || p.oid::regprocedure, '', CASE WHEN p.prokind = 'a' THEN 'aggregate' ELSE pg_get_functiondef(p.oid) END
   FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${own}
     AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = p.oid AND e.classid = 'pg_proc'::regclass AND e.deptype = 'e')`,
  `SELECT 'type ' || format('%I.%I', n.nspname, t.typname), '', concat_ws(' ', t.typtype, CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END,
     CASE WHEN t.typnotnull THEN 'not null' END, t.typdefault,
     (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid))
   FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype IN ('e', 'd', 'r') AND ${own}
     AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = t.oid AND e.classid = 'pg_type'::regclass AND e.deptype = 'e')`,
  `SELECT 'type ' || x.contypid::regtype, 'constraint ' || quote_ident(x.conname), pg_get_constraintdef(x.oid)
   FROM pg_constraint x WHERE x.contypid <> 0 AND x.contype <> 'n'`,
  `SELECT 'event trigger ' || quote_ident(evtname), '', concat_ws(' ', evtevent, evtfoid::regproc, evtenabled) FROM pg_event_trigger`,
  `SELECT 'publication ' || quote_ident(pubname), '', concat_ws(' ', puballtables, pubinsert, pubupdate, pubdelete, pubtruncate)
   FROM pg_publication`,
].map((sql) => sql.replaceAll(/\n\s+/g, ' '));

/**
 * Reads the schema of a database in one query: what `pg_dump --schema-only` would write, without owners, privileges and
 * comments, and without pg_dump. The server writes the definitions, so that snapshots of one server can be compared.
 * @throws the server's error.
 */
export async function readSchemaSnapshot(client: Client): Promise<SchemaSnapshot> {
  // Without a search_path every name has its schema, whatever the session has set. Statements sent as one text are one
  // transaction, which also ends when one of them fails.
  const text = `SET TRANSACTION READ ONLY; SET LOCAL search_path = ''; WITH r AS (${relations}) ${parts.join(' UNION ALL ')}`;
  const results = (await client.query({ text, rowMode: 'array' })) as unknown as { rows: string[][] }[];
  const snapshot: SchemaSnapshot = {};
  for (const [object = '', part = '', definition = ''] of results[2]?.rows ?? []) {
    const of = snapshot[object] ?? {};
    snapshot[object] = of;
    // A sequence has two rows.
    of[part] = [of[part], definition].filter(Boolean).join(' ');
  }
  return snapshot;
}

/** Characters of a definition that a line shows. */
const maxDefinitionLength = 160;

/**
 * The differences between two schemas, one line each: `-` for what only the first has, `+` for what only the second has.
 * Pure; empty means equal.
 */
export function diffSchemas(before: SchemaSnapshot, after: SchemaSnapshot, redactor: Redactor): string[] {
  const shown = (definition: string): string =>
    OutsideText.of(definition, redactor).excerpt(maxDefinitionLength);
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) => {
    const [old, now] = [before[name], after[name]];
    if (!old) return [`+ ${name}`];
    if (!now) return [`- ${name}`];
    const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
    return keys.flatMap((key) => {
      if (old[key] === now[key]) return [];
      const line = (sign: string, definition: string | undefined): string[] =>
        definition === undefined
          ? []
          : [`${sign} ${name}: ${[key, shown(definition)].filter(Boolean).join(' ')}`];
      return [...line('-', old[key]), ...line('+', now[key])];
    });
  });
}
