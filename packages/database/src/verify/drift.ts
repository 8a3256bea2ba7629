import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import type { Client } from 'pg';
import { quoteLiteral } from '../sql/text.ts';
import { diffSchemas, type SchemaSnapshot } from './schema-snapshot.ts';

/** The schema as a release left it. */
export interface KeptSchema {
  release: string;
  /** Version of the server: another one words the same schema in another way. */
  server: string;
  schema: SchemaSnapshot;
}

export type Drift =
  | { state: 'none' | 'unknown'; detail: string }
  | { state: 'drifted'; release: string; lines: string[] };

/** The table beside the version table that holds the schema as the last release left it, in one row. */
export function schemaTableBeside(versionTable: string): string {
  const schema = /^(?:"(?:[^"]|"")*"|[^."]+)\./.exec(versionTable)?.[0] ?? '';
  return `${schema}slipway_schema`;
}

/** @returns null when no release has left one. */
export async function readKeptSchema(client: Client, table: string): Promise<KeptSchema | null> {
  const found = await client.query(`SELECT to_regclass(${quoteLiteral(table)}) IS NOT NULL AS there`);
  if (found.rows[0]?.there !== true) return null;
  const { rows } = await client.query<{ release: string; server: string; schema: Buffer }>(
    `SELECT release, server, schema FROM ${table}`,
  );
  const kept = rows[0];
  return kept ? { ...kept, schema: JSON.parse(brotliDecompressSync(kept.schema).toString('utf8')) } : null;
}

/** Keeps the schema for the next release to compare with. */
export async function keepSchema(client: Client, table: string, kept: KeptSchema): Promise<void> {
  const schema = brotliCompressSync(JSON.stringify(kept.schema)).toString('hex');
  await client.query(`CREATE TABLE IF NOT EXISTS ${table} (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  release text NOT NULL,
  server text NOT NULL,
  kept_at timestamptz NOT NULL DEFAULT now(),
  schema bytea NOT NULL
);
INSERT INTO ${table} (release, server, schema)
 VALUES (${quoteLiteral(kept.release)}, ${quoteLiteral(kept.server)}, decode('${schema}', 'hex')) ON CONFLICT (one)
 DO UPDATE SET (release, server, kept_at, schema) = (EXCLUDED.release, EXCLUDED.server, now(), EXCLUDED.schema)`);
}

/** Whether the schema was changed past the migrations since a release kept it. Pure. */
export function judgeDrift(kept: KeptSchema | null, now: Omit<KeptSchema, 'release'>): Drift {
  if (!kept) return { state: 'unknown', detail: 'no release has kept its schema yet' };
  if (kept.server !== now.server) {
    return {
      state: 'unknown',
      detail: `the schema of ${kept.release} is in the words of server ${kept.server}`,
    };
  }
  const lines = diffSchemas(kept.schema, now.schema);
  if (lines.length === 0) return { state: 'none', detail: `the schema is as ${kept.release} left it` };
  return { state: 'drifted', release: kept.release, lines };
}
