import { UserError } from '@slipway/kernel';
import type { Client } from 'pg';
import type { AppliedMigration } from './plan.ts';

/** What a foreign `schema_migrations` looks like: four tools use the name, told apart by their columns. */
const foreign: [column: string, tool: string][] = [
  ['dirty', 'golang-migrate'],
  ['inserted_at', 'Ecto'],
  ['statements', 'Supabase'],
];

/** Rows of the version table, or null when there is none yet. @throws UserError for a table of another tool. */
export async function readVersions(client: Client): Promise<AppliedMigration[] | null> {
  const { rows: columns } = await client.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute
     WHERE attrelid = to_regclass('schema_migrations') AND attnum > 0 AND NOT attisdropped`,
  );
  if (columns.length === 0) return null;
  const names = columns.map(({ name }) => name);
  if (!names.includes('sha256') || !names.includes('version')) throw otherTool(names);
  const { rows } = await client.query<AppliedMigration>(
    'SELECT version, sha256 FROM schema_migrations ORDER BY version',
  );
  return rows;
}

function otherTool(columns: readonly string[]): UserError {
  const tool = foreign.find(([column]) => columns.includes(column))?.[1] ?? 'dbmate, Rails or another tool';
  return new UserError(
    `the table schema_migrations (${columns.join(', ')}) belongs to ${tool}; it is not read yet`,
    {
      hint: 'Go on migrating with that tool before the rollout and leave the "database" section out, or rename its table.',
    },
  );
}

/** `version` stays the digits of the file name, so that ORDER BY version finds the newest. */
export const createVersionTable = `CREATE TABLE IF NOT EXISTS schema_migrations (
  version text PRIMARY KEY CHECK (version ~ '^[0-9]+$'),
  sha256 text,
  applied_at timestamptz NOT NULL DEFAULT now(),
  release text
)`;
