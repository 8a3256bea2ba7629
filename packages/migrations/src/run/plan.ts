import { UserError } from '@slipway/kernel';
import type { Migration } from '../formats/format.ts';
import { canResume, contradictions, isPending, isSame, rowsByVersion } from './contradictions.ts';
import type { MigrationState } from './migration-state.ts';

/** Where a migration is resumed. */
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
  /**
   * Of everything this release changes, what an earlier attempt of it did included, and contract migrations of releases whose
   * db-migrate step never passed: the version that serves has not run on these either.
   */
  class: 'none' | 'expand' | 'contract';
  /** All contract migrations that are applied, begun or pending, whosever release they came with, by the name of `contractOf`. */
  contractMigrations: string[];
}

export interface PlanOptions {
  /**
   * Id of the release. What an earlier attempt of it applied counts as its own: it does not make the
   * version that ran before any younger.
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
  standing: MigrationState,
  options: PlanOptions,
): MigrationPlan {
  const problems = contradictions(files, standing, options.outOfOrder);
  if (problems.length > 0) {
    throw new UserError(`the migrations contradict the database:\n${problems.join('\n')}`, {
      hint: 'Nothing was changed.',
    });
  }
  const rows = rowsByVersion(standing);
  const journal = new Map(standing.journal.map((row) => [row.version, row]));
  const pending = files.filter((file) => isPending(file, rows.get(file.version)));
  const resume = new Map<string, Resume>();
  for (const file of pending) {
    const entry = journal.get(file.version);
    if (!entry || entry.finished || !canResume(file, entry)) continue;
    // A statement that was edited is not the one that may have been done unseen.
    resume.set(file.version, { step: entry.step, inFlight: entry.inFlight && isSame(file, entry) });
  }
  const waiting = new Set(pending);
  const applied = files.filter((file) => !waiting.has(file));
  const earlier = applied.filter(({ version }) => journal.get(version)?.release === options.release);
  const changes = [...earlier, ...pending];
  const contracts = files.filter(
    ({ version, class: kind }) => kind === 'contract' || (journal.get(version)?.contract ?? null) !== null,
  );
  const contracting = contracts.some(
    (file) => changes.includes(file) || journal.get(file.version)?.contract === 'open',
  );
  return {
    pending,
    resume,
    earlier: earlier.map(({ version }) => version),
    current: newestOf(applied),
    before: newestOf(applied.filter((file) => !earlier.includes(file))),
    class: contracting ? 'contract' : changes.length === 0 ? 'none' : 'expand',
    contractMigrations: contracts.map(contractMigrationId),
  };
}

/** The newest version in the database, in the order of the files; null of none. */
export function newestVersion(files: readonly Migration[], standing: MigrationState): string | null {
  const rows = rowsByVersion(standing);
  return newestOf(files.filter((file) => rows.get(file.version)?.state === 'applied'));
}

function newestOf(applied: readonly Migration[]): string | null {
  return applied.findLast(({ kind }) => kind === 'versioned')?.version ?? null;
}

/** What a contract migration is known by: its version, and of one that runs again with another text, the text as well. */
export function contractMigrationId({
  version,
  kind,
  sha256,
}: Pick<Migration, 'version' | 'kind' | 'sha256'>): string {
  return kind === 'repeatable' ? `${version}@${sha256.slice(0, 12)}` : version;
}
