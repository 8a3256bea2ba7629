import { UserError } from '@slipway/kernel';
import type { Client } from 'pg';
import type { AppliedMigration } from '../run/plan.ts';
import { quoteLiteral, refusedReading } from '../sql/text.ts';

export interface VersionTable {
  /** Quoted, with its schema: a migration may change search_path. */
  name: string;
  /** null when there is no such table yet. */
  rows: AppliedMigration[] | null;
}

const columns = ['version', 'sha256', 'applied_at', 'release'];

/**
 * Reads `schema_migrations` where search_path finds it, else names where it will be created.
 * @throws UserError for a table of another tool, and when the user may not read it.
 */
export async function readVersionTable(client: Client): Promise<VersionTable> {
  const { rows } = await client.query<{ name: string | null; found: string[]; rails: boolean }>(
    `SELECT coalesce(
       (SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid = to_regclass('schema_migrations')),
       quote_ident(current_schema()) || '.schema_migrations') AS name,
     array(SELECT attname::text FROM pg_attribute
       WHERE attrelid = to_regclass('schema_migrations') AND attnum > 0 AND NOT attisdropped ORDER BY attnum) AS found,
     to_regclass('ar_internal_metadata') IS NOT NULL AS rails`,
  );
  const { name, found = [], rails } = rows[0] ?? {};
  if (!name) {
    throw new UserError('the search_path of the database user names no schema that exists', {
      hint: 'CREATE SCHEMA public, or set the search_path of the user: ALTER ROLE … SET search_path = ….',
    });
  }
  if (found.length === 0) return { name, rows: null };
  if (!columns.every((column) => found.includes(column))) throw otherTool(found, rails === true);
  const applied = await client
    .query<AppliedMigration>(`SELECT version::text, sha256, release FROM ${name} ORDER BY version`)
    .catch((error: unknown) => {
      throw refusedReading(error, name);
    });
  return { name, rows: applied.rows };
}

/** Four tools call theirs `schema_migrations`; their columns tell them apart. */
function otherTool(found: readonly string[], rails: boolean): UserError {
  const only = rails ? 'Rails' : 'dbmate or a tool like it';
  const marks: [column: string, tool: string][] = [
    ['dirty', 'golang-migrate'],
    ['inserted_at', 'Ecto'],
    ['statements', 'Supabase'],
  ];
  const tool =
    marks.find(([column]) => found.includes(column))?.[1] ?? (found.length === 1 ? only : undefined);
  return new UserError(
    `the table schema_migrations (${found.join(', ')}) ${tool ? `belongs to ${tool}` : 'was not made by Slipway'}; nothing was changed`,
    {
      hint: 'Go on with that tool and leave the "database" section out, or rename its table and number the files from here on.',
    },
  );
}

/** `version` stays the digits of the file name, so that ORDER BY version finds the newest. */
export function createVersionTable(name: string): string {
  return `CREATE TABLE IF NOT EXISTS ${name} (
  version text PRIMARY KEY CHECK (version ~ '^[0-9]+$'),
  sha256 text,
  applied_at timestamptz NOT NULL DEFAULT now(),
  release text
)`;
}

/** The row that a migration leaves behind in its own transaction. */
export function insertVersion(
  name: string,
  row: { version: string; sha256: string; release: string },
): string {
  const values = [row.version, row.sha256, row.release].map(quoteLiteral).join(', ');
  return `INSERT INTO ${name} (version, sha256, release) VALUES (${values})`;
}
