import type { DatabaseConfig } from '@slipway/config';
import { UserError } from '@slipway/kernel';
import type { Migration, MigrationPlan, RehearsalFile, SchemaFile } from '@slipway/migrations';
import {
  type CatalogFacts,
  describeLock,
  type Finding,
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
import { placed, refuse, tell, verdict } from './findings.ts';
import type { MigrateContext } from './migration.ts';

/** What PostgreSQL's grammar and the lint say of the files that are going to run. */
export interface Review {
  /** As they will run, with the class that the lint found. */
  pending: Migration[];
  scripts: ReadonlyMap<string, Script>;
  /** Files whose statements run one by one. */
  stepwise: ReadonlySet<string>;
  findings: readonly Finding[];
  /** Of the lint as a whole, for the checklist. */
  state: 'passed' | 'failed' | 'waived';
  told: string;
  worst(planned: MigrationPlan['class']): MigrationPlan['class'];
  /** The down files, as the grammar reads them. */
  downs: readonly Script[];
  /** A down file as a rehearsal runs it. */
  bareDown(down: SchemaFile): RehearsalFile;
}

export interface ReviewOptions {
  context: MigrateContext;
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
export async function reviewFiles(options: ReviewOptions): Promise<Review> {
  // The files are read while the database answers.
  const reading = loadGrammar().then((grammar) => readFiles(grammar, options));
  const [{ grammar, pending, scripts, stepwise, problems, downs }, known] = await Promise.all([
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
    // A team that writes no way back at all need not be told of each.
    ...(options.pending.some(({ down }) => down !== null) ? { downs: new Map(downs) } : {}),
    ...(known ? { known } : {}),
  });
  const judged = options.lint.level === 'off' ? [] : findings;
  tell(options.context, judged);
  refuse(options.lint.level, judged);
  return {
    pending: pending.map((one) => ({
      ...one,
      class: classes.get(one.file) === 'contract' ? 'contract' : one.class,
    })),
    scripts,
    stepwise,
    downs: downs.flatMap(([, script]) => script ?? []),
    findings: judged,
    ...verdict(judged),
    worst: (planned) =>
      planned === 'contract' || [...classes.values()].includes('contract') ? 'contract' : planned,
    bareDown: (down) => bareDown(grammar, down),
  };
}

function readFiles(grammar: Grammar, { pending: files, schemas }: ReviewOptions) {
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
    if (how.mode === 'refused') problems.push(...how.problems.map(placed));
  }
  problems.push(...schemas.flatMap((one) => schemaProblems(grammar, one)));
  const downs = files.map(
    ({ file, down }) => [file, down && readScript(grammar, down.file, down.sql)] as const,
  );
  return { grammar, pending, scripts, stepwise, problems, downs };
}

/** The users' own word that there is no transaction: then there is none in the file either. */
function oneByOne(script: Script): TransactionMode {
  const problems = ownTransactions(script);
  return problems.length > 0 ? { mode: 'refused', problems } : { mode: 'statements' };
}

function syntaxProblems(script: Script): string[] {
  return script.problems.map(placed);
}

function schemaProblems(grammar: Grammar, { file, sql }: SchemaFile): string[] {
  const script = readScript(grammar, file, sql);
  const mode = transactionMode(script);
  const alone =
    mode.mode === 'statements' ? [`${file}: it holds statements that cannot run in a transaction`] : [];
  const refused = mode.mode === 'refused' ? mode.problems.map(placed) : [];
  return [...syntaxProblems(script), ...refused, ...alone, ...idempotenceProblems(script).map(placed)];
}

function bareDown(grammar: Grammar, { file, sql }: SchemaFile): RehearsalFile {
  const script = readScript(grammar, file, unwrapTransaction(sql));
  const stepwise = transactionMode(script).mode === 'statements';
  return { file, sql: script.sql, statements: stepwise ? script.statements : null };
}

/** What each statement of a file locks, one line each. */
export function describeLocks({ scripts }: Review, file: string): string[] {
  return (scripts.get(file)?.statements ?? []).flatMap((statement) =>
    locksOf(statement).map((lock) => `line ${statement.line}: ${describeLock(lock)}`),
  );
}
