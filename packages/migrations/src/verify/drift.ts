import { createHash } from 'node:crypto';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { diffSchemas, quoteLiteral, type SchemaSnapshot, schemaOf } from '@slipway/postgres';
import type { Client } from 'pg';
import type { JournalRow } from '../run/journal.ts';
import type { MigrationTables } from '../run/migration-state.ts';

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

/** What a database is found to be, to compare with the baseline. */
export interface CurrentSchema extends Omit<SchemaBaseline, 'release'> {
  /** What Slipway ran there. */
  journal: readonly Pick<JournalRow, 'version' | 'release' | 'finished' | 'startedAt'>[];
}

export interface Drift {
  /**
   * `first`: no release has run here yet, so that there is nothing to compare with. `unknown`: there may be a change by
   * hand, which cannot be distinguished from what the files did.
   */
  state: 'none' | 'first' | 'drifted' | 'unknown';
  /** One sentence, with what differs. */
  detail: string;
}

/** The table next to the version table that holds the schema as the last release left it, in one row. */
export function schemaTableFor(versionTable: string): string {
  return `${schemaOf(versionTable)}slipway_schema`;
}

/** @returns null when no release has left one. */
export async function readSchemaBaseline(client: Client, table: string): Promise<SavedBaseline | null> {
  const found = await client.query(`SELECT to_regclass(${quoteLiteral(table)}) IS NOT NULL AS exists`);
  if (found.rows[0]?.exists !== true) return null;
  const { rows } = await client.query<Omit<SavedBaseline, 'schema'> & { schema: Buffer }>(
    `SELECT release, server, applied, (saved_at AT TIME ZONE 'UTC')::text AS "savedAt", schema FROM ${table}`,
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
INSERT INTO ${table} (release, server, applied, schema)
 VALUES (${[release, server, applied].map(quoteLiteral).join(', ')}, decode('${compressed}', 'hex'))
 ON CONFLICT (one) DO UPDATE SET (release, server, applied, saved_at, schema)
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
    versionTable.lists.versions === 'all'
      ? rows.map(({ version, state, checksum }) => `${version} ${state} ${checksum}`)
      : [
          versionTable.lists.row,
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

/** Whether the schema was changed outside of the migrations since a release saved it. Pure. */
export function judgeDrift(baseline: SavedBaseline | null, now: CurrentSchema): Drift {
  if (baseline === null) {
    const last = now.journal.at(-1);
    return last === undefined
      ? { state: 'first', detail: 'no release has saved a schema to compare with yet' }
      : unknown(`no schema was saved, although release ${last.release} has run on this database`);
  }
  const { release, server } = baseline;
  const lines = diffSchemas(baseline.schema, now.schema);
  if (server !== now.server) {
    const upgrade = `release ${release} saved it from PostgreSQL ${server}, and the server is PostgreSQL ${now.server} now`;
    return unknown(upgrade, lines);
  }
  if (baseline.applied !== now.applied) {
    const since = describeSince(baseline.savedAt, now.journal);
    return unknown(`since release ${release} saved it, ${since}`, lines);
  }
  if (lines.length === 0) return { state: 'none', detail: `the schema is as release ${release} left it` };
  return { state: 'drifted', detail: `the schema is not as release ${release} left it: ${few(lines)}` };
}

function unknown(why: string, lines: readonly string[] = []): Drift {
  const differences = lines.length > 0 ? `. Differences: ${few(lines)}` : '';
  return {
    state: 'unknown',
    detail: `cannot determine whether the schema was changed by hand: ${why}${differences}`,
  };
}

/** What has run since, release by release: none of it has saved the schema. */
function describeSince(savedAt: string, journal: CurrentSchema['journal']): string {
  const at = (time: string): number => Date.parse(`${time}Z`);
  const since = journal.filter(({ startedAt }) => at(startedAt) > at(savedAt));
  const releases = [...new Set(since.map(({ release }) => release))];
  if (releases.length === 0) return 'migrations were run or reverted outside of Slipway';
  const runs = releases.map((release) => {
    const of = (finished: boolean): string =>
      since
        .filter((row) => row.release === release && row.finished === finished)
        .map(({ version }) => version)
        .join(', ');
    const done = [of(true) && `applied ${of(true)}`, of(false) && `started ${of(false)}`].filter(Boolean);
    return `release ${release} has ${done.join(' and ')}`;
  });
  return `${runs.join(', ')}, and stopped before the schema was saved again`;
}

const maxLines = 20;

function few(lines: readonly string[]): string {
  const more = lines.length - maxLines;
  return [...lines.slice(0, maxLines), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}
