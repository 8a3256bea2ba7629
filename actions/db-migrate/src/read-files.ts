import type { DatabaseConfig } from '@slipway/config';
import { UserError } from '@slipway/kernel';
import type { Migration, RehearsalFile, SchemaFile } from '@slipway/migrations';
import {
  type CatalogFacts,
  describeLock,
  type Grammar,
  idempotenceProblems,
  lintScripts,
  loadGrammar,
  locksOf,
  ownTransactions,
  readScript,
  type Script,
  scriptProblems,
  type TransactionMode,
  transactionMode,
  unwrapTransaction,
} from '@slipway/sql';
import { describeProblem, lintVerdict, logFindings, refuseFindings } from './findings.ts';
import type { MigrateContext, Review } from './migration.ts';

interface ReadOptions {
  context: Pick<MigrateContext, 'log'>;
  lint: DatabaseConfig['lint'];
  pending: readonly Migration[];
  schemas: readonly SchemaFile[];
  /** What the database says, asked while the grammar is loaded; the lint expects the worst without it. */
  known: Promise<CatalogFacts | undefined> | undefined;
}

/**
 * Reads the files with PostgreSQL's grammar, decides how each is run, and lints them.
 * @throws UserError with every file and line that cannot be run, or that the lint refuses.
 */
export async function readFiles(options: ReadOptions): Promise<Review> {
  // The files are read while the database answers.
  const reading = loadGrammar().then((grammar) => parseFiles(grammar, options));
  const [{ pending, scripts, stepwise, problems, downs }, known] = await Promise.all([
    reading,
    options.known,
  ]);
  if (problems.length > 0) {
    throw new UserError(`the SQL files cannot be run:\n${problems.join('\n')}`, {
      hint: 'Nothing was changed.',
    });
  }
  const { findings, classes } = lintScripts([...scripts.values()], {
    appendOnly: options.lint['append-only'],
    // A team that writes no down migrations at all need not read about each.
    ...(options.pending.some(({ down }) => down !== null) ? { downs: new Map(downs) } : {}),
    ...(known ? { known } : {}),
  });
  const judged = options.lint.level === 'off' ? [] : findings;
  logFindings(options.context, judged);
  refuseFindings(options.lint.level, judged);
  return {
    pending: pending.map((one) => ({
      ...one,
      class: classes.get(one.file) === 'contract' ? 'contract' : one.class,
    })),
    scripts,
    stepwise,
    downs: downs.flatMap(([, script]) => script ?? []),
    contracts: [...classes.values()].includes('contract'),
    lint: lintVerdict(judged),
  };
}

function parseFiles(grammar: Grammar, { pending: files, schemas }: ReadOptions) {
  const problems: string[] = [];
  const scripts = new Map<string, Script>();
  const stepwise = new Set<string>();
  const pending = files.map((one) =>
    one.transaction === 'none' ? one : { ...one, sql: unwrapTransaction(one.sql) },
  );
  for (const { file, sql, transaction } of pending) {
    const script = readScript(grammar, file, sql);
    scripts.set(file, script);
    problems.push(...scriptProblems(script), ...syntaxProblems(script));
    const how = transaction === 'none' ? oneByOne(script) : transactionMode(script);
    if (how.mode === 'statements') stepwise.add(file);
    if (how.mode === 'refused') problems.push(...how.problems.map(describeProblem));
  }
  problems.push(...schemas.flatMap((one) => schemaProblems(grammar, one)));
  const downs = files.map(
    ({ file, down }) => [file, down && readScript(grammar, down.file, down.sql)] as const,
  );
  return { pending, scripts, stepwise, problems, downs };
}

/** The users say that there is no transaction: then there is none in the file either. */
function oneByOne(script: Script): TransactionMode {
  const problems = ownTransactions(script);
  return problems.length > 0 ? { mode: 'refused', problems } : { mode: 'statements' };
}

function syntaxProblems(script: Script): string[] {
  return script.problems.map(describeProblem);
}

function schemaProblems(grammar: Grammar, { file, sql }: SchemaFile): string[] {
  const script = readScript(grammar, file, sql);
  const mode = transactionMode(script);
  const alone =
    mode.mode === 'statements' ? [`${file}: contains statements that cannot run in a transaction`] : [];
  const refused = mode.mode === 'refused' ? mode.problems.map(describeProblem) : [];
  return [
    ...syntaxProblems(script),
    ...refused,
    ...alone,
    ...idempotenceProblems(script).map(describeProblem),
  ];
}

/** A down file as a rehearsal runs it. */
export async function readDownFile({ file, sql }: SchemaFile): Promise<RehearsalFile> {
  const script = readScript(await loadGrammar(), file, unwrapTransaction(sql));
  const stepwise = transactionMode(script).mode === 'statements';
  return { file, sql: script.sql, statements: stepwise ? script.statements : null };
}

/** What each statement of a file locks, one line each. */
export function describeLocks({ scripts }: Pick<Review, 'scripts'>, file: string): string[] {
  return (scripts.get(file)?.statements ?? []).flatMap((statement) =>
    locksOf(statement).map((lock) => `line ${statement.line}: ${describeLock(lock)}`),
  );
}
