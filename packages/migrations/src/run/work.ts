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
  /** What it counts as; the tables of versions and journal are nobody's file. */
  as: { kind: 'schema' } | { kind: 'bookkeeping' } | { kind: 'migration'; migration: Migration };
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
  const tables = [
    versionTable.create,
    journal.rows === null ? createJournal(journal.table) : '',
    versionTable.unnoted?.length ? recordExternallyApplied(journal.table, versionTable.unnoted) : '',
  ].filter(Boolean);
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
  beside: { before?: readonly string[]; after?: readonly string[] } = {},
): Work {
  const { before = [], after = [] } = beside;
  return { file, as, how: { mode: 'transaction', transaction: { file, sql, before, after } } };
}

function workOf(migration: Migration, options: WorkOptions): Work {
  const { versionTable, journal, facts, plan, scripts, stepwise } = options;
  const { file, sql, version } = migration;
  const as = { kind: 'migration' as const, migration };
  const noted = journal.rows?.find((row) => row.version === version);
  const seen = noted ?? (journal.externallyApplied.includes(version) ? 'found' : undefined);
  if (!stepwise.has(file)) {
    return inTransaction({ file, sql }, as, {
      before: beginJournal(journal.table, migration, facts, seen),
      after: [versionTable.record(migration), finishJournal(journal.table, version)],
    });
  }
  const resume = plan.resume.get(version) ?? null;
  const hashOf = hashesOfCompleted(sql);
  const steps: FileSteps = {
    file,
    sql,
    statements: scripts.get(file)?.statements ?? [],
    resume,
    begin:
      resume === null
        ? [...beginJournal(journal.table, migration, facts, seen), versionTable.begin(migration)]
        : resumeJournal(journal.table, migration, noted),
    note: (done) => markStep(journal.table, version, done, hashOf(done)),
    refused: markRefused(journal.table, version),
    finish: [versionTable.record(migration), finishJournal(journal.table, version)],
  };
  return { file, as, how: { mode: 'steps', steps } };
}

/** A text to run without any row beside it; `statements` when they must run one by one. */
export interface RehearsalFile {
  file: string;
  sql: string;
  statements: FileSteps['statements'] | null;
}

/** The work of a rehearsal. @param more.after SQL for the end of its transaction. */
export function rehearsalWork(
  { file, sql, statements }: RehearsalFile,
  more: { after?: readonly string[]; resume?: Resume | null } = {},
): Work {
  const as = { kind: 'schema' as const };
  if (statements === null) return inTransaction({ file, sql }, as, more.after ? { after: more.after } : {});
  const nothing = { begin: [], note: () => 'SELECT 1', refused: 'SELECT 1', finish: [] };
  return {
    file,
    as,
    how: { mode: 'steps', steps: { file, sql, statements, resume: more.resume ?? null, ...nothing } },
  };
}
