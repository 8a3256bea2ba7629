import { createHash } from 'node:crypto';
import type { Redactor } from '@slipway/kernel';
import { diffSchemas, type SchemaSnapshot } from '@slipway/postgres';
import type { JournalRow } from '../run/journal.ts';
import type { MigrationTables } from '../run/migration-state.ts';
import type { SavedBaseline, SchemaBaseline } from './schema-baseline.ts';

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
export function judgeDrift(baseline: SavedBaseline | null, now: CurrentSchema, redactor: Redactor): Drift {
  if (baseline === null) {
    const last = now.journal.at(-1);
    return last === undefined
      ? { state: 'first', detail: 'no release has saved a schema to compare with yet' }
      : unknown(`no schema was saved, although release ${last.release} has run on this database`);
  }
  const { release, server } = baseline;
  const lines = diffSchemas(baseline.schema, now.schema, redactor);
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
