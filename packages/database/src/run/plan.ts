import { UserError } from '@slipway/kernel';
import type { AppliedMigration, Migration } from '../formats/format.ts';
import type { JournalRow } from './journal.ts';

/** What the database says of the migrations: the version table of their tool, and our journal. */
export interface Standing {
  /** null when there is no version table yet. */
  rows: readonly AppliedMigration[] | null;
  journal: readonly JournalRow[];
}

/** Where a migration is gone on with. */
export interface Resume {
  /** Statements that are done. */
  step: number;
  /** Whether the one after them may have been done as well, because nobody saw its end. */
  inFlight: boolean;
}

export interface MigrationPlan {
  /** In the order in which they will run. */
  pending: Migration[];
  /** Pending migrations without a transaction that were stopped half way, by version: how far they came. */
  resume: ReadonlyMap<string, Resume>;
  /** Versions that an earlier attempt of this same release applied already. */
  earlier: string[];
  /** Newest version in the table, as the tool orders them; null when it is empty or not there. */
  current: string | null;
  /** Newest version from before this release. */
  before: string | null;
  /** Of everything this release changes, what an earlier attempt of it did included. */
  class: 'none' | 'expand' | 'contract';
}

export interface PlanOptions {
  /**
   * Id of the release. What an earlier attempt of it applied counts as its own: the version that ran before is no
   * younger for it.
   */
  release: string;
  /** Whether a file below the newest applied version runs, as after a merge of two branches, or is refused. */
  outOfOrder: 'refuse' | 'allow';
}

/**
 * What is to be done, from the files and the database. Pure.
 * @throws UserError that names every contradiction between files and table at once.
 */
export function planMigrations(
  files: readonly Migration[],
  standing: Standing,
  options: PlanOptions,
): MigrationPlan {
  const problems = contradictions(files, standing, options.outOfOrder);
  if (problems.length > 0) {
    throw new UserError(`the migrations and the database do not agree:\n${problems.join('\n')}`, {
      hint: 'Nothing was changed.',
    });
  }
  const rows = rowsByVersion(standing);
  const journal = new Map(standing.journal.map((row) => [row.version, row]));
  const pending = files.filter((file) => isPending(file, rows.get(file.version)));
  const resume = new Map<string, Resume>();
  for (const file of pending) {
    const noted = journal.get(file.version);
    if (!noted || noted.finished || !isSame(file, noted)) continue;
    resume.set(file.version, { step: noted.step, inFlight: noted.inFlight });
  }
  const waiting = new Set(pending);
  const applied = files.filter((file) => !waiting.has(file));
  const earlier = applied.filter(({ version }) => journal.get(version)?.release === options.release);
  const changes = [...earlier, ...pending];
  const contracts = changes.some((migration) => migration.class === 'contract');
  return {
    pending,
    resume,
    earlier: earlier.map(({ version }) => version),
    current: newestOf(applied),
    before: newestOf(applied.filter((file) => !earlier.includes(file))),
    class: changes.length === 0 ? 'none' : contracts ? 'contract' : 'expand',
  };
}

/** The newest version in the database, in the order of the files; null of none. */
export function newestVersion(files: readonly Migration[], standing: Standing): string | null {
  const rows = rowsByVersion(standing);
  return newestOf(files.filter((file) => rows.get(file.version)?.state === 'applied'));
}

function newestOf(applied: readonly Migration[]): string | null {
  return applied.findLast(({ kind }) => kind === 'versioned')?.version ?? null;
}

function rowsByVersion(standing: Standing): Map<string, AppliedMigration> {
  return new Map((standing.rows ?? []).map((row) => [row.version, row]));
}

function isPending(file: Migration, row: AppliedMigration | undefined): boolean {
  if (row?.state !== 'applied') return true;
  return file.kind === 'repeatable' && row.checksum !== file.checksum;
}

function contradictions(
  files: readonly Migration[],
  standing: Standing,
  outOfOrder: PlanOptions['outOfOrder'],
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
        `version ${version} was begun and stopped after ${step} of its statements, but has no file: put it back, or undo what is done of it and delete its row in slipway_migrations`,
    ),
    ...files.flatMap((file, index) => {
      const row = rows.get(file.version);
      const noted = journal.get(file.version);
      const late = outOfOrder === 'refuse' && file.kind === 'versioned' && index < newest;
      if (row?.state === 'applied') return changed(file, row, noted) ? [wasChanged(file)] : [];
      // While none of its statements is done, a file that cannot run may still be mended.
      if (noted && !noted.finished)
        return isSame(file, noted) || noted.step === 0 ? [] : [changedHalfWay(file, noted)];
      if (row?.state === 'failed') return [isMarkedFailed(file)];
      return late
        ? [`${file.file}: is new, but ${files[newest]?.version} was applied already; give it a higher number`]
        : [];
    }),
  ];
}

/** The tool's own checksum goes first; of what it stores none for, the journal knows the file's. */
function changed(file: Migration, row: AppliedMigration, noted: JournalRow | undefined): boolean {
  if (file.kind === 'repeatable') return false;
  if (row.checksum !== null && file.checksum !== null) return row.checksum !== file.checksum;
  return noted?.finished === true && noted.sha256 !== file.sha256;
}

function isSame(file: Migration, noted: JournalRow | undefined): boolean {
  return noted?.sha256 === file.sha256;
}

function wasChanged({ file }: Migration): string {
  return `${file}: was changed after it had been applied; write a new migration instead`;
}

function changedHalfWay({ file }: Migration, { step }: JournalRow): string {
  return `${file}: was changed after ${step} of its statements had run; put it back as it was, let it end, then write a new one`;
}

function isMarkedFailed({ file, version }: Migration): string {
  return `${file}: version ${version} is marked as failed in the database: whoever ran it last did not come to its end. Look at what of it is there, finish or undo it by hand, then correct the row`;
}

/** What differs between the files and the table when every file should be in it. Pure; empty means proven. */
export function verifyVersions(files: readonly Migration[], standing: Standing): string[] {
  const rows = rowsByVersion(standing);
  const missing = files.filter(({ version }) => !rows.has(version));
  return [
    ...missing.map(({ version }) => `version ${version} is missing in the database`),
    ...contradictions(
      files.filter(({ version }) => rows.has(version)),
      standing,
      'allow',
    ),
    ...files.flatMap((file) => {
      const row = rows.get(file.version);
      return row?.state === 'applied' && isPending(file, row)
        ? [`${file.file} is in the database with another checksum`]
        : [];
    }),
  ];
}
