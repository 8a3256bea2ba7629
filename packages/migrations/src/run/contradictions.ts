import type { AppliedMigration, Migration } from '../formats/format.ts';
import { hashOfCompleted } from './completed-statements.ts';
import type { JournalRow } from './journal.ts';
import type { MigrationState } from './migration-state.ts';

/** What of the files and the database does not go together, one sentence each. Pure. */
export function contradictions(
  files: readonly Migration[],
  standing: MigrationState,
  outOfOrder: 'refuse' | 'allow',
): string[] {
  const rows = rowsByVersion(standing);
  const journal = new Map(standing.journal.map((row) => [row.version, row]));
  const known = new Set(files.map(({ version }) => version));
  const newest = files.findLastIndex(
    ({ kind, version }) => kind === 'versioned' && rows.get(version)?.state === 'applied',
  );
  const missing = [...rows.values()].filter(({ version }) => !known.has(version));
  const begun = standing.journal.filter(({ finished, version }) => !finished && !known.has(version));
  return [
    ...missing.map(
      ({ version }) => `version ${version} is in the database, but has no file: is this an older checkout?`,
    ),
    ...begun.map(
      ({ version, step }) =>
        `version ${version} was started and stopped after ${step} of its statements, but has no file: restore the file, or revert what it has changed and delete its row in slipway_migrations`,
    ),
    ...files.flatMap((file, index) => {
      const row = rows.get(file.version);
      const entry = journal.get(file.version);
      const late = outOfOrder === 'refuse' && file.kind === 'versioned' && index < newest;
      if (row?.state === 'applied') return changed(file, row, entry) ? [wasChanged(file)] : [];
      // After what is done, a file that cannot run may still be fixed.
      if (entry && !entry.finished)
        return entry.step === 0 || canResume(file, entry) ? [] : [changedHalfWay(file, entry)];
      if (row?.state === 'failed') return [isMarkedFailed(file)];
      return late
        ? [`${file.file}: is new, but ${files[newest]?.version} is already applied; give it a higher number`]
        : [];
    }),
  ];
}

/** The tool's own checksum goes first; of what it stores none for, the journal knows the file's. */
function changed(file: Migration, row: AppliedMigration, entry: JournalRow | undefined): boolean {
  if (file.kind === 'repeatable') return false;
  if (row.checksum !== null && file.checksum !== null) return row.checksum !== file.checksum;
  return entry?.finished === true && entry.sha256 !== file.sha256;
}

/** Whether a file that was stopped half way is the same as far as it is done; what follows may have been edited. */
export function canResume(file: Migration, entry: JournalRow): boolean {
  return isSame(file, entry) || (entry.done !== null && hashOfCompleted(file.sql, entry.step) === entry.done);
}

/** Whether a file is still the one that the journal knows. */
export function isSame(file: Migration, entry: JournalRow | undefined): boolean {
  return entry?.sha256 === file.sha256;
}

function wasChanged({ file }: Migration): string {
  return `${file}: was changed after it was applied; write a new migration instead`;
}

function changedHalfWay({ file }: Migration, { step }: JournalRow): string {
  return `${file}: was changed in the ${step} statements that are applied; restore those; the statements after them may be edited`;
}

function isMarkedFailed({ file, version }: Migration): string {
  return `${file}: version ${version} is marked as failed in the database: its last run did not finish. Check what it has changed, finish or revert that by hand, then correct the row`;
}

/** What differs between the files and the table when every file should be in it. Pure; empty means proven. */
export function verifyVersions(files: readonly Migration[], standing: MigrationState): string[] {
  const rows = rowsByVersion(standing);
  const missing = files.filter(({ version }) => !rows.has(version));
  return [
    ...missing.map(({ version }) => `version ${version} is missing from the database`),
    ...contradictions(
      files.filter(({ version }) => rows.has(version)),
      standing,
      'allow',
    ),
    ...files.flatMap((file) => {
      const row = rows.get(file.version);
      return row?.state === 'applied' && isPending(file, row)
        ? [`${file.file} has another checksum in the database`]
        : [];
    }),
  ];
}

/** The rows of the version table by their version. */
export function rowsByVersion(standing: MigrationState): Map<string, AppliedMigration> {
  return new Map((standing.rows ?? []).map((row) => [row.version, row]));
}

/** Whether a file is to be run: it has not been, or it is repeatable and has changed. */
export function isPending(file: Migration, row: AppliedMigration | undefined): boolean {
  if (row?.state !== 'applied') return true;
  return file.kind === 'repeatable' && row.checksum !== file.checksum;
}
