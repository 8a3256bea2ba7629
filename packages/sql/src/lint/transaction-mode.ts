import type { SqlStatement } from '../syntax/grammar.ts';
import { quoteSql } from '../syntax/quote-sql.ts';
import type { Script } from '../syntax/script.ts';
import { type EarlyUse, earlyUses } from './enum-values.ts';
import { runsAlone } from './runs-alone.ts';

/** Why a file cannot be run as it is. */
export interface ModeProblem {
  file: string;
  line: number;
  column: number;
  message: string;
  remedy: string;
}

/** How a file is to be run: in one transaction, or statement by statement because PostgreSQL demands it. */
export type TransactionMode =
  | { mode: 'transaction' }
  | { mode: 'statements' }
  | { mode: 'refused'; problems: ModeProblem[] };

/** Decides by the parse tree, never by comments, how a file can be run. Pure. */
export function transactionMode(script: Script): TransactionMode {
  const { statements } = script;
  const own: ModeProblem[] = [];
  const alone: SqlStatement[] = [];
  const others: SqlStatement[] = [];
  for (const one of statements) {
    own.push(...ownTransaction(script, one));
    if (runsAlone(one)) alone.push(one);
    // Settings of the session are the usual companions of a concurrent index.
    else if (!isSetting(one) && !isOwn(one)) others.push(one);
  }
  const mixed = alone.length > 0 && others.length > 0 ? [mixing(script, alone, others)] : [];
  const enums = alone.length > 0 ? [] : earlyUses(script).map((one) => usedTooEarly(script, one));
  const problems = [...own, ...mixed, ...enums];
  if (problems.length > 0) return { mode: 'refused', problems };
  return { mode: alone.length > 0 ? 'statements' : 'transaction' };
}

/** The statements of a file that begin or end a transaction, which a file that runs one by one cannot have either. */
export function ownTransactions(script: Script): ModeProblem[] {
  return script.statements.filter(isOwn).map((statement) => {
    const message = `${quoteSql(statement.text, 40).toUpperCase()} is not allowed here: the statements of this file run one by one`;
    return problem(
      script,
      statement,
      message,
      'Delete this line, or the switch that takes the transaction away.',
    );
  });
}

function isSetting({ tag, node }: SqlStatement): boolean {
  return tag === 'VariableSetStmt' && !(node as { is_local?: boolean }).is_local;
}

function isOwn({ tag, node }: SqlStatement): boolean {
  const kind = tag === 'TransactionStmt' ? ((node as { kind?: string }).kind ?? '') : '';
  return /_(?:BEGIN|START|COMMIT|ROLLBACK|PREPARE)$/.test(kind);
}

function problem(script: Script, statement: SqlStatement, message: string, remedy: string): ModeProblem {
  return { file: script.file, line: statement.line, column: statement.column, message, remedy };
}

function ownTransaction(script: Script, statement: SqlStatement): ModeProblem[] {
  if (isOwn(statement)) {
    const what = quoteSql(statement.text, 40).toUpperCase();
    const message = `${what} is not allowed here: every file runs in its own transaction`;
    return [problem(script, statement, message, `Delete this line, and the others that begin or end it.`)];
  }
  if (!statement.inside?.commits) return [];
  const message = 'this DO block commits, which PostgreSQL refuses inside the transaction of the file';
  return [problem(script, statement, message, 'Leave COMMIT and ROLLBACK out of it.')];
}

function mixing(script: Script, alone: SqlStatement[], others: SqlStatement[]): ModeProblem {
  const [first, other] = [alone[0] as SqlStatement, others[0] as SqlStatement];
  const message = `split this file: "${quoteSql(first.text, 80)}" cannot run in a transaction, and line ${other.line} should`;
  const remedy = `Move it${alone.length > 1 ? ' and similar statements' : ''} to a separate file: such a file runs statement by statement.`;
  return problem(script, first, message, remedy);
}

function usedTooEarly(script: Script, { user, added, type, value }: EarlyUse): ModeProblem {
  const message = `the value '${value}', which line ${added.line} adds to ${type}, is used in the same transaction, and PostgreSQL refuses that`;
  const remedy = `Leave ALTER TYPE ${type} ADD VALUE '${value}' alone in an earlier file.`;
  return problem(script, user, message, remedy);
}
