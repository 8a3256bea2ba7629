import { quoteLiteral } from '@slipway/postgres';
import type { Migration } from '../formats/format.ts';
import { externalRelease, type JournalRow } from './journal.ts';

/** What is recorded with a version: where it came from. */
export interface JournalFacts {
  release: string;
  commit: string;
  /** Page of the run; empty when unknown. */
  run: string;
}

export function createJournal(table: string): string {
  return `CREATE TABLE IF NOT EXISTS ${table} (
  version text PRIMARY KEY,
  file text NOT NULL,
  sha256 text NOT NULL,
  release text NOT NULL,
  commit text NOT NULL,
  run text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  step integer NOT NULL DEFAULT 0,
  in_flight boolean NOT NULL DEFAULT false,
  done text,
  contract text
)`;
}

/** Writes down what was found applied. What stopped half way and counts as applied was brought to its end by hand. */
export function recordExternallyApplied(table: string, versions: readonly string[]): string {
  const rows = versions.map(
    (version) => `(${quoteLiteral(version)}, '', '', ${quoteLiteral(externalRelease)}, '', '')`,
  );
  return `INSERT INTO ${table} (version, file, sha256, release, commit, run) VALUES ${rows.join(', ')}
 ON CONFLICT (version) DO UPDATE SET (file, sha256, release, commit, run, started_at, finished_at, step, in_flight, done)
 = ('', '', EXCLUDED.release, '', '', now(), NULL, 0, false, NULL)`;
}

/** What is written down of a migration itself. */
export type JournalFile = Pick<Migration, 'version' | 'file' | 'sha256' | 'class'>;

/**
 * Writes the row of a migration that begins. Of one that no row is known of, the key of the table keeps a second run
 * from it (23505), which costs a third of a guard and an upsert; else the guard does (22012).
 * The clock, because now() is one moment for all that is sent at once.
 * @param seen What the journal has of it; `externally applied` when no release of ours ran it.
 */
export function beginJournal(
  table: string,
  migration: JournalFile,
  { release, commit, run }: JournalFacts,
  seen: JournalRow | 'externally applied' | undefined,
): string[] {
  const { version, file, sha256 } = migration;
  const values = [version, file, sha256, release, commit, run].map(quoteLiteral).join(', ');
  const insert = `INSERT INTO ${table} AS entry (version, file, sha256, release, commit, run, started_at, in_flight, contract)
 VALUES (${values}, clock_timestamp(), true, ${contractColumn(migration)})`;
  if (seen === undefined) return [insert];
  const guard = guardJournal(table, version, seen === 'externally applied' ? undefined : seen);
  return [guard, `${insert} ${replaceRow}`];
}

/** In place of a row that is there. */
const replaceRow = `ON CONFLICT (version) DO UPDATE SET (file, sha256, release, commit, run, started_at, finished_at, step, in_flight, done, contract)
 = (EXCLUDED.file, EXCLUDED.sha256, EXCLUDED.release, EXCLUDED.commit, EXCLUDED.run, EXCLUDED.started_at, NULL, 0, true, NULL, coalesce(EXCLUDED.contract, entry.contract))`;

/** The time of a migration that is resumed counts from now; after what is done, its file may be another. */
export function resumeJournal(table: string, migration: JournalFile, seen: JournalRow | undefined): string[] {
  const { version, file, sha256 } = migration;
  return [
    guardJournal(table, version, seen),
    `UPDATE ${table} SET (started_at, in_flight, file, sha256, contract)
 = (clock_timestamp(), true, ${quoteLiteral(file)}, ${quoteLiteral(sha256)}, coalesce(${contractColumn(migration)}, contract)) WHERE version = ${quoteLiteral(version)}`,
  ];
}

/** Of a text that is not a contract migration any more, the part that has run may still be one. */
function contractColumn({ class: kind }: JournalFile): string {
  return kind === 'contract' ? "'open'" : 'NULL::text';
}

/** Notes that the server refused the statement that was begun: it did not run. */
export function markRefused(table: string, version: string): string {
  return `UPDATE ${table} SET in_flight = false WHERE version = ${quoteLiteral(version)}`;
}

/**
 * Fails (22012) when the row is not what the plan saw: another run has begun or applied the migration, which
 * must not run twice. Where it cannot be seen by a unique key of the tool's own table, this is all that keeps it from that.
 */
function guardJournal(
  table: string,
  version: string,
  seen: Pick<JournalRow, 'startedAt' | 'finishedAt'> | undefined,
): string {
  const row = `SELECT FROM ${table} WHERE version = ${quoteLiteral(version)} AND release <> ${quoteLiteral(externalRelease)}`;
  if (!seen) return `SELECT 1 / (NOT EXISTS (${row}))::int`;
  const finished = seen.finishedAt === null ? 'NULL' : quoteLiteral(seen.finishedAt);
  return `SELECT 1 / (EXISTS (${row} AND started_at AT TIME ZONE 'UTC' = ${quoteLiteral(seen.startedAt)}::timestamp
 AND finished_at AT TIME ZONE 'UTC' IS NOT DISTINCT FROM ${finished}::timestamp))::int`;
}

/** Notes that the first `step` statements of a text are done, and the hash of them. */
export function markStep(table: string, version: string, step: number, hash: string): string {
  return `UPDATE ${table} SET (step, in_flight, done) = (${step}, true, ${quoteLiteral(hash)})
 WHERE version = ${quoteLiteral(version)}`;
}

export function finishJournal(table: string, version: string): string {
  return `UPDATE ${table} SET finished_at = clock_timestamp(), in_flight = false WHERE version = ${quoteLiteral(version)}`;
}

/** A db-migrate step has passed: what it or one before it applied makes no later release count as one with contract migrations. */
export function settleContractMigrations(table: string): string {
  return `UPDATE ${table} SET contract = 'passed' WHERE contract = 'open'`;
}
