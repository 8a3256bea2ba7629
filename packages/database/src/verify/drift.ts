import { createHash } from 'node:crypto';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import type { Client } from 'pg';
import type { Standing } from '../run/plan.ts';
import { quoteLiteral, schemaOf } from '../sql/text.ts';
import { diffSchemas, type SchemaSnapshot } from './schema-snapshot.ts';

/** The schema as a release left it. */
export interface KeptSchema {
  release: string;
  /** Version of the server: another one words the same schema in another way. */
  server: string;
  /** What was applied then, and begun: a release that broke off has changed the schema by migrations. */
  applied: string;
  schema: SchemaSnapshot;
}

export type Drift =
  | { state: 'none' | 'unknown'; detail: string }
  | { state: 'drifted'; release: string; lines: string[] };

/** The table beside the version table that holds the schema as the last release left it, in one row. */
export function schemaTableBeside(versionTable: string): string {
  return `${schemaOf(versionTable)}slipway_schema`;
}

/** @returns null when no release has left one. */
export async function readKeptSchema(client: Client, table: string): Promise<KeptSchema | null> {
  const found = await client.query(`SELECT to_regclass(${quoteLiteral(table)}) IS NOT NULL AS there`);
  if (found.rows[0]?.there !== true) return null;
  const { rows } = await client.query<{ release: string; server: string; applied: string; schema: Buffer }>(
    `SELECT release, server, applied, schema FROM ${table}`,
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
  applied text NOT NULL,
  kept_at timestamptz NOT NULL DEFAULT now(),
  schema bytea NOT NULL
);
INSERT INTO ${table} (release, server, applied, schema)
 VALUES (${[kept.release, kept.server, kept.applied].map(quoteLiteral).join(', ')}, decode('${schema}', 'hex'))
 ON CONFLICT (one) DO UPDATE SET (release, server, applied, kept_at, schema)
 = (EXCLUDED.release, EXCLUDED.server, EXCLUDED.applied, now(), EXCLUDED.schema)`);
}

/** What is applied and what has begun, as one short text. Pure. */
export function appliedOf({ rows, journal }: Standing): string {
  const begun = journal.filter(({ finished }) => !finished).map(({ version, step }) => `${version} ${step}`);
  const all = [
    ...(rows ?? []).map(({ version, state, checksum }) => `${version} ${state} ${checksum}`),
    ...begun,
  ];
  return createHash('sha256').update(all.join('\n')).digest('hex');
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
  if (kept.applied !== now.applied) {
    return {
      state: 'unknown',
      detail: `a release broke off since ${kept.release}; the next one is compared again`,
    };
  }
  const lines = diffSchemas(kept.schema, now.schema);
  if (lines.length === 0) return { state: 'none', detail: `the schema is as ${kept.release} left it` };
  return { state: 'drifted', release: kept.release, lines };
}
