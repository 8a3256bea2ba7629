import { UserError } from '@slipway/kernel';
import { compareVersions, type Migration } from '../formats/migration-files.ts';

/** A row of the version table. */
export interface AppliedMigration {
  version: string;
  /** null for a row that was written by hand: its file is not compared. */
  sha256: string | null;
  /** Id of the release that applied it. */
  release: string | null;
}

export interface MigrationPlan {
  pending: Migration[];
  /** Versions that an earlier attempt of this same release applied already. */
  earlier: string[];
  /** Newest version in the table; null when it is empty or not there. */
  current: string | null;
  /** Newest version from before this release. */
  before: string | null;
  /** Of everything this release changes, what an earlier attempt of it did included. */
  class: 'none' | 'expand' | 'contract';
}

/**
 * What is to be done, from the files and the table. Pure.
 * @param release Id of the release. What an earlier attempt of it applied counts as its own: the version that ran
 * before is no younger for it.
 * @throws UserError that names every contradiction between files and table at once.
 */
export function planMigrations(
  files: readonly Migration[],
  applied: readonly AppliedMigration[],
  release: string,
): MigrationPlan {
  const problems = contradictions(files, applied);
  if (problems.length > 0) {
    throw new UserError(`the migrations and the database do not agree:\n${problems.join('\n')}`, {
      hint: 'Nothing was changed.',
    });
  }
  const rows = new Map(applied.map((row) => [row.version, row]));
  const pending = files.filter(({ version }) => !rows.has(version));
  const earlier = files.filter(({ version }) => rows.get(version)?.release === release);
  const changes = [...earlier, ...pending];
  const contracts = changes.some((migration) => migration.class === 'contract');
  return {
    pending,
    earlier: earlier.map(({ version }) => version),
    current: newestVersion(applied),
    before: newestVersion(applied.filter((row) => row.release !== release)),
    class: changes.length === 0 ? 'none' : contracts ? 'contract' : 'expand',
  };
}

/** The highest number; null of none. */
export function newestVersion(rows: readonly { version: string }[]): string | null {
  return (
    rows
      .map(({ version }) => version)
      .sort(compareVersions)
      .at(-1) ?? null
  );
}

function contradictions(files: readonly Migration[], applied: readonly AppliedMigration[]): string[] {
  const rows = new Map(applied.map((row) => [row.version, row]));
  const newest = newestVersion(applied);
  const missing = applied.filter(({ version }) => !files.some((file) => file.version === version));
  return [
    ...missing.map(
      ({ version }) => `version ${version} is in the database, but has no file: is this an older checkout?`,
    ),
    ...files.flatMap(({ file, version, sha256 }) => {
      const row = rows.get(version);
      if (row) {
        const same = row.sha256 === null || row.sha256 === sha256;
        return same ? [] : [`${file}: was changed after it had been applied; write a new migration instead`];
      }
      const late = newest !== null && compareVersions(version, newest) < 0;
      return late ? [`${file}: is new, but ${newest} was applied already; give it a higher number`] : [];
    }),
  ];
}

/** What differs between the files and the table when every file should be in it. Pure; empty means proven. */
export function verifyVersions(files: readonly Migration[], applied: readonly AppliedMigration[]): string[] {
  const rows = new Set(applied.map(({ version }) => version));
  const missing = files.filter(({ version }) => !rows.has(version));
  return [
    ...missing.map(({ version }) => `version ${version} is missing in the database`),
    ...contradictions(
      files.filter(({ version }) => rows.has(version)),
      applied,
    ),
  ];
}
