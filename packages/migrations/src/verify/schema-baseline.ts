import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { quoteLiteral, type SchemaSnapshot, schemaOf } from '@slipway/postgres';
import type { Client } from 'pg';

/** The schema as a release left it. */
export interface SchemaBaseline {
  release: string;
  /** Major version of the server: another one writes the same schema in another way. */
  server: string;
  /** What was applied then, and begun: a release that broke off has changed the schema by migrations. */
  applied: string;
  schema: SchemaSnapshot;
}

/** A baseline as it is read back; `savedAt` as the server writes a time in UTC. */
export type SavedBaseline = SchemaBaseline & { savedAt: string };

/** The table next to the version table that holds the schema as the last release left it, in one row. */
export function schemaTableFor(versionTable: string): string {
  return `${schemaOf(versionTable)}slipway_schema`;
}

/** Version 0.1 called the column with the time `kept_at`; the next release that saves the schema renames it. */
const oldTimeColumn = 'kept_at';
const isTimeColumn = `attname IN ('saved_at', '${oldTimeColumn}') AND NOT attisdropped`;

/** @returns null when no release has left one. */
export async function readSchemaBaseline(client: Client, table: string): Promise<SavedBaseline | null> {
  const found = await client.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute WHERE attrelid = to_regclass(${quoteLiteral(table)}) AND ${isTimeColumn}`,
  );
  const [timeColumn] = found.rows;
  if (!timeColumn) return null;
  const { rows } = await client.query<Omit<SavedBaseline, 'schema'> & { schema: Buffer }>(
    `SELECT release, server, applied, (${timeColumn.name} AT TIME ZONE 'UTC')::text AS "savedAt", schema FROM ${table}`,
  );
  const saved = rows[0];
  return saved ? { ...saved, schema: JSON.parse(brotliDecompressSync(saved.schema).toString('utf8')) } : null;
}

/** A third more bytes than at the best quality, in a twentieth of the time: 8 ms for a thousand tables. */
const fast = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };

/** Saves the schema for the next release to compare with. */
export async function saveSchemaBaseline(
  client: Client,
  table: string,
  { release, server, applied, schema }: SchemaBaseline,
): Promise<void> {
  const compressed = brotliCompressSync(JSON.stringify(schema), fast).toString('hex');
  await client.query(`CREATE TABLE IF NOT EXISTS ${table} (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  release text NOT NULL,
  server text NOT NULL,
  applied text NOT NULL,
  saved_at timestamptz NOT NULL DEFAULT now(),
  schema bytea NOT NULL
);
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = ${quoteLiteral(table)}::regclass
      AND attname = '${oldTimeColumn}' AND NOT attisdropped) THEN
    ALTER TABLE ${table} RENAME COLUMN ${oldTimeColumn} TO saved_at;
  END IF;
END $$;
INSERT INTO ${table} (release, server, applied, schema)
 VALUES (${[release, server, applied].map(quoteLiteral).join(', ')}, decode('${compressed}', 'hex'))
 ON CONFLICT (one) DO UPDATE SET (release, server, applied, saved_at, schema)
 = (EXCLUDED.release, EXCLUDED.server, EXCLUDED.applied, now(), EXCLUDED.schema)`);
}
