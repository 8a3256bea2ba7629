import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import type { Client } from 'pg';
import { quoteLiteral } from '../sql/text.ts';
import { diffSchemas } from './schema-dump.ts';

/** The schema as a release left it. */
export interface KeptSchema {
  release: string;
  /** Versions of server and pg_dump: another pair writes the same schema in other words. */
  writer: string;
  dump: string;
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
  const { rows } = await client.query<{ release: string; writer: string; dump: Buffer }>(
    `SELECT release, writer, dump FROM ${table}`,
  );
  const kept = rows[0];
  return kept ? { ...kept, dump: brotliDecompressSync(kept.dump).toString('utf8') } : null;
}

/** Keeps the schema for the next release to compare with. */
export async function keepSchema(client: Client, table: string, kept: KeptSchema): Promise<void> {
  await client.query(`CREATE TABLE IF NOT EXISTS ${table} (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  release text NOT NULL,
  writer text NOT NULL,
  kept_at timestamptz NOT NULL DEFAULT now(),
  dump bytea NOT NULL
)`);
  await client.query(
    `INSERT INTO ${table} (release, writer, dump) VALUES ($1, $2, $3) ON CONFLICT (one)
     DO UPDATE SET (release, writer, kept_at, dump) = (EXCLUDED.release, EXCLUDED.writer, now(), EXCLUDED.dump)`,
    [kept.release, kept.writer, brotliCompressSync(kept.dump)],
  );
}

/** Whether the schema was changed past the migrations since a release kept it. Pure. */
export function judgeDrift(kept: KeptSchema | null, now: Omit<KeptSchema, 'release'>): Drift {
  if (!kept) return { state: 'unknown', detail: 'no release has kept its schema yet' };
  if (kept.writer !== now.writer) {
    return { state: 'unknown', detail: `the schema of ${kept.release} was written by ${kept.writer}` };
  }
  const lines = diffSchemas(kept.dump, now.dump);
  if (lines.length === 0) return { state: 'none', detail: `the schema is as ${kept.release} left it` };
  return { state: 'drifted', release: kept.release, lines };
}
