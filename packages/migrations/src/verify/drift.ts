import { createHash } from 'node:crypto';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { diffSchemas, quoteLiteral, type SchemaSnapshot, schemaOf } from '@slipway/postgres';
import type { Client } from 'pg';
import type { JournalRow } from '../run/journal.ts';
import type { MigrationTables } from '../run/migration-state.ts';

/** The schema as a release left it. */
export interface SchemaBaseline {
  release: string;
  /** Major version of the server: another one words the same schema in another way. */
  server: string;
  /** What was applied then, and begun: a release that broke off has changed the schema by migrations. */
  applied: string;
  schema: SchemaSnapshot;
}

/** What a database is found to be, to compare with what was kept. */
export interface CurrentSchema extends Omit<SchemaBaseline, 'release'> {
  /** What Slipway ran there. */
  journal: readonly Pick<JournalRow, 'version' | 'release' | 'finished' | 'startedAt'>[];
}

export interface Drift {
  /**
   * `first`: no release has run here yet, so that there is nothing to compare with. `unknown`: there may be a change by
   * hand, and what is known cannot tell it from what the files did.
   */
  state: 'none' | 'first' | 'drifted' | 'unknown';
  /** One sentence, with what differs. */
  detail: string;
}

/** The table beside the version table that holds the schema as the last release left it, in one row. */
export function schemaTableFor(versionTable: string): string {
  return `${schemaOf(versionTable)}slipway_schema`;
}

/** @returns null when no release has left one; `keptAt` as the server writes a time in UTC. */
export async function readSchemaBaseline(
  client: Client,
  table: string,
): Promise<(SchemaBaseline & { keptAt: string }) | null> {
  const found = await client.query(`SELECT to_regclass(${quoteLiteral(table)}) IS NOT NULL AS there`);
  if (found.rows[0]?.there !== true) return null;
  const { rows } = await client.query<Omit<SchemaBaseline, 'schema'> & { keptAt: string; schema: Buffer }>(
    `SELECT release, server, applied, (kept_at AT TIME ZONE 'UTC')::text AS "keptAt", schema FROM ${table}`,
  );
  const kept = rows[0];
  return kept ? { ...kept, schema: JSON.parse(brotliDecompressSync(kept.schema).toString('utf8')) } : null;
}

/** A third more bytes than at the best quality, in a twentieth of the time: 8 ms for a thousand tables. */
const fast = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };

/** Keeps the schema for the next release to compare with. */
export async function saveSchemaBaseline(client: Client, table: string, kept: SchemaBaseline): Promise<void> {
  const schema = brotliCompressSync(JSON.stringify(kept.schema), fast).toString('hex');
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

/**
 * What is applied and what has begun, as one short text. Of a table that holds the newest version only, its own row and
 * the journal are asked: an old file that is deleted changes neither. Pure.
 */
export function appliedOf({ versionTable, journal }: MigrationTables): string {
  const begun = journal.rows?.filter(({ finished }) => !finished) ?? [];
  const done = journal.rows?.filter(({ finished }) => finished) ?? [];
  const rows = versionTable.rows ?? [];
  const applied =
    versionTable.newest === undefined
      ? rows.map(({ version, state, checksum }) => `${version} ${state} ${checksum}`)
      : [
          versionTable.newest,
          ...[...done.map(({ version }) => version), ...journal.externallyApplied].sort(),
        ];
  const all = [...applied, ...begun.map(({ version, step }) => `${version} ${step}`)];
  return createHash('sha256').update(all.join('\n')).digest('hex');
}

/**
 * Names a schema in few letters, so that a person can accept exactly this one. It holds no number alone, which YAML would
 * read as one. Pure.
 */
export function fingerprintOf(schema: SchemaSnapshot): string {
  const sorted = Object.entries(schema)
    .map(([name, parts]) => [name, Object.entries(parts).toSorted()] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `schema-${createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 12)}`;
}

/** Whether the schema was changed past the migrations since a release kept it. Pure. */
export function judgeDrift(kept: (SchemaBaseline & { keptAt: string }) | null, now: CurrentSchema): Drift {
  if (kept === null) {
    const last = now.journal.at(-1);
    return last === undefined
      ? { state: 'first', detail: 'no release has kept its schema yet' }
      : unknown(`no release has kept it, although ${last.release} has run here`);
  }
  const lines = diffSchemas(kept.schema, now.schema);
  if (kept.server !== now.server) {
    const words = `${kept.release} kept it in the words of PostgreSQL ${kept.server}, and the server is ${now.server} now`;
    return unknown(words, lines);
  }
  if (kept.applied !== now.applied) {
    return unknown(`since ${kept.release} kept it, ${describeSince(kept.keptAt, now.journal)}`, lines);
  }
  if (lines.length === 0) return { state: 'none', detail: `the schema is as ${kept.release} left it` };
  return { state: 'drifted', detail: `the schema is not as ${kept.release} left it: ${few(lines)}` };
}

function unknown(why: string, lines: readonly string[] = []): Drift {
  const differs = lines.length > 0 ? `. What differs: ${few(lines)}` : '';
  return {
    state: 'unknown',
    detail: `whether the schema was changed by hand cannot be told: ${why}${differs}`,
  };
}

/** What has run since, release by release: none of it has kept the schema. */
function describeSince(keptAt: string, journal: CurrentSchema['journal']): string {
  const at = (time: string): number => Date.parse(`${time}Z`);
  const since = journal.filter(({ startedAt }) => at(startedAt) > at(keptAt));
  const releases = [...new Set(since.map(({ release }) => release))];
  if (releases.length === 0) return 'migrations were run or undone past Slipway';
  const told = releases.map((release) => {
    const of = (finished: boolean): string =>
      since
        .filter((row) => row.release === release && row.finished === finished)
        .map(({ version }) => version)
        .join(', ');
    const done = [of(true) && `run ${of(true)}`, of(false) && `begun ${of(false)}`].filter(Boolean);
    return `${release} has ${done.join(' and ')}`;
  });
  return `${told.join(', ')}, and was ended before it could keep it again`;
}

const maxLines = 20;

function few(lines: readonly string[]): string {
  const more = lines.length - maxLines;
  return [...lines.slice(0, maxLines), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}
