import { UserError } from '@slipway/kernel';
import { compareVersions, type Migration } from './migration-files.ts';

/** A row of the version table. */
export interface AppliedMigration {
  version: string;
  /** null for a row that Slipway did not write. */
  sha256: string | null;
}

export interface MigrationPlan {
  pending: Migration[];
  /** Newest version in the table; null when it is empty or not there. */
  before: string | null;
  /** Newest version of the files; null when there are none. */
  after: string | null;
  class: 'none' | 'expand' | 'contract';
}

/**
 * What is to be done, from the files and the table. Pure.
 * @throws UserError that names every contradiction between the two at once.
 */
export function planMigrations(
  files: readonly Migration[],
  applied: readonly AppliedMigration[],
): MigrationPlan {
  const rows = new Map(applied.map((row) => [row.version, row]));
  const newest =
    [...rows.keys()]
      .filter((version) => /^\d+$/.test(version))
      .sort(compareVersions)
      .at(-1) ?? null;
  const problems: string[] = [];
  for (const version of rows.keys()) {
    if (!files.some((file) => file.version === version)) {
      problems.push(
        `version ${version} is in the database, but there is no file for it: is this an older checkout?`,
      );
    }
  }
  for (const file of files) {
    const row = rows.get(file.version);
    if (row?.sha256 && row.sha256 !== file.sha256) {
      problems.push(`${file.file}: was changed after it had been applied; write a new migration instead`);
    }
    if (!row && newest !== null && compareVersions(file.version, newest) < 0) {
      problems.push(`${file.file}: is new, but ${newest} was applied already; give it a higher number`);
    }
  }
  if (problems.length > 0) {
    throw new UserError(`the migrations and the database do not agree:\n${problems.join('\n')}`, {
      hint: 'Nothing was changed.',
    });
  }
  const pending = files.filter((file) => !rows.has(file.version));
  const contracts = pending.some((migration) => migration.class === 'contract');
  const kind = pending.length === 0 ? 'none' : contracts ? 'contract' : 'expand';
  return { pending, before: newest, after: files.at(-1)?.version ?? null, class: kind };
}

/** Whether the table holds exactly the files' versions; else what differs. */
export function verifyVersions(files: readonly Migration[], applied: readonly AppliedMigration[]): string[] {
  const expected = new Set(files.map(({ version }) => version));
  const found = new Set(applied.map(({ version }) => version));
  return [
    ...[...expected]
      .filter((version) => !found.has(version))
      .map((version) => `version ${version} is missing in the database`),
    ...[...found]
      .filter((version) => !expected.has(version))
      .map((version) => `version ${version} is in the database, but has no file`),
  ];
}
