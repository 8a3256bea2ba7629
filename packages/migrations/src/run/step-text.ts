import type { SqlStatement } from '@slipway/sql';
import { runsAlone } from '@slipway/sql';
import type { RunSettings } from './transaction-text.ts';

/**
 * A concurrent statement blocks nobody while it waits for old transactions to end, and its time is that of the table's
 * size: neither limit is for it. Pure.
 */
export function limitsOf(
  { lockTimeoutMs, statementTimeoutMs }: Pick<RunSettings, 'lockTimeoutMs' | 'statementTimeoutMs'>,
  concurrent: boolean,
): string {
  const [lock, statement] = concurrent ? [0, 0] : [lockTimeoutMs, statementTimeoutMs];
  return `SET lock_timeout = ${lock}; SET statement_timeout = ${statement}`;
}

/**
 * What is sent of a statement: with its mark in one transaction, so that it never runs twice, unless it cannot be in
 * one or is about the session. `start` is where the file would begin in that text. Pure.
 * @param mark null when none is written.
 */
export function textOf(statement: SqlStatement, mark: string | null): { text: string; start: number } {
  const { text, offset } = statement;
  if (isAlone(statement)) return { text, start: -offset };
  const head = 'BEGIN;\n';
  const end = mark === null ? 'COMMIT;' : `${mark};\nCOMMIT;`;
  return { text: `${head}${text}\n;\n${end}`, start: head.length - offset };
}

/** Whether a statement is sent without its mark, which then follows it. Pure. */
export function isAlone(statement: SqlStatement): boolean {
  const { tag, inside } = statement;
  return runsAlone(statement) || inside?.commits === true || tag === 'CallStmt' || tag === 'VariableSetStmt';
}
