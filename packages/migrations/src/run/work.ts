import type { Script } from '@slipway/sql';
import type { Migration, VersionTable } from '../formats/format.ts';
import { hashesOfCompleted } from './completed-statements.ts';
import type { Journal } from './journal.ts';
import {
  beginJournal,
  createJournal,
  finishJournal,
  type JournalFacts,
  markRefused,
  markStep,
  recordExternallyApplied,
  resumeJournal,
} from './journal-writing.ts';
import type { MigrationPlan, Resume } from './plan.ts';
import type { FileSteps } from './steps.ts';
import type { FileTransaction } from './transaction-text.ts';

/** An idempotent file that runs before the migrations. */
export interface SchemaFile {
  file: string;
  sql: string;
}

/** One thing to run, in the way it can be run. */
export interface Work {
  file: string;
  /**
   * `bookkeeping`: the tables of versions and journal, which belong to no file. `rehearsal`: a file, without its rows.
   * `down`: what takes a migration back, with its rows.
   */
  as:
    | { kind: 'schema' }
    | { kind: 'bookkeeping' }
    | { kind: 'migration'; migration: Migration }
    | { kind: 'rehearsal' }
    | { kind: 'down' };
  how: { mode: 'transaction'; transaction: FileTransaction } | { mode: 'steps'; steps: FileSteps };
}

export interface WorkOptions {
  schemas: readonly SchemaFile[];
  plan: Pick<MigrationPlan, 'pending' | 'resume'>;
  versionTable: VersionTable;
  journal: Journal;
  /** The pending files by their path, as the grammar reads them. */
  scripts: ReadonlyMap<string, Script>;
  /** Files whose statements must run one by one. */
  stepwise: ReadonlySet<string>;
  facts: JournalFacts;
}

/**
 * What a run has to do, in its order: schema files, the tables of versions and journal, then every pending migration
 * together with its rows there. The tables come after the schema files: where they stand, those have run. Pure.
 */
export function buildWork(options: WorkOptions): Work[] {
  const { schemas, plan, versionTable, journal } = options;
  const { lists } = versionTable;
  const unrecorded = lists.versions === 'newest' ? lists.unrecorded : [];
  const tables = [
    versionTable.creation ?? [],
    journal.rows === null ? createJournal(journal.table) : [],
    unrecorded.length > 0 ? recordExternallyApplied(journal.table, unrecorded) : [],
  ].flat();
  return [
    ...schemas.map((one) => inTransaction(one, { kind: 'schema' })),
    ...(tables.length > 0
      ? [inTransaction({ file: versionTable.table, sql: tables.join(';\n') }, { kind: 'bookkeeping' })]
      : []),
    ...plan.pending.map((migration) => workOf(migration, options)),
  ];
}

function inTransaction(
  { file, sql }: SchemaFile,
  as: Work['as'],
  { before = [], after = [] }: Partial<Pick<FileTransaction, 'before' | 'after'>> = {},
): Work {
  return { file, as, how: { mode: 'transaction', transaction: { file, sql, before, after } } };
}

function workOf(migration: Migration, options: WorkOptions): Work {
  const { versionTable, journal, facts, plan, scripts, stepwise } = options;
  const { table } = journal;
  const { file, sql, version } = migration;
  const as = { kind: 'migration' as const, migration };
  const row = journal.rows?.find((one) => one.version === version);
  const seen = row ?? (journal.externallyApplied.includes(version) ? 'externally applied' : undefined);
  const finish = [versionTable.record(migration) ?? [], finishJournal(table, version)].flat();
  if (!stepwise.has(file)) {
    const before = beginJournal(table, migration, facts, seen);
    return inTransaction({ file, sql }, as, { before, after: finish });
  }
  const resume = plan.resume.get(version) ?? null;
  const hashOf = hashesOfCompleted(sql);
  const marks = {
    begin:
      resume === null
        ? [...beginJournal(table, migration, facts, seen), versionTable.begin(migration) ?? []].flat()
        : resumeJournal(table, migration, row),
    done: (step: number) => markStep(table, version, step, hashOf(step)),
    refused: markRefused(table, version),
    finish,
  };
  const statements = scripts.get(file)?.statements ?? [];
  return { file, as, how: { mode: 'steps', steps: { file, sql, statements, resume, marks } } };
}

/** A file as a rehearsal runs it; `statements` when they must run one by one. */
export interface RehearsalFile {
  file: string;
  sql: string;
  statements: FileSteps['statements'] | null;
}

/** The work of a rehearsal. @param more.after SQL for the end of its transaction. */
export function rehearsalWork(
  { file, sql, statements }: RehearsalFile,
  { after = [], resume = null }: { after?: readonly string[]; resume?: Resume | null } = {},
): Work {
  const as = { kind: 'rehearsal' as const };
  if (statements === null) return inTransaction({ file, sql }, as, { after });
  return { file, as, how: { mode: 'steps', steps: { file, sql, statements, resume, marks: null } } };
}

/** The work that takes a migration back. @param after SQL for the end of its transaction. */
export function downWork(file: SchemaFile, after: readonly string[]): Work {
  return inTransaction(file, { kind: 'down' }, { after });
}
