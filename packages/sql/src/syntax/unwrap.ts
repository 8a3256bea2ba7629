import { afterBlanks } from './blanks.ts';
import { eachStatement, type ScannedStatement } from './scan.ts';

const mayBegin = /(?:begin|start)/iy;
const begins = /^(begin|start transaction)( (work|transaction))?$/;
const ends = /^(commit|end)( (work|transaction))?$/;

/**
 * Removes the BEGIN and the COMMIT of a text that is one transaction from its first statement to its last, as psql scripts
 * are: it then runs in Slipway's transaction, together with its row in the version table. They are blanked, so that every
 * offset stays. Any other transaction control is left for the lint to refuse. Pure.
 */
export function unwrapTransaction(sql: string): string {
  // Most texts are not such a script, which their first word shows.
  mayBegin.lastIndex = firstToken(sql);
  if (!mayBegin.test(sql)) return sql;
  let first: ScannedStatement | undefined;
  let last: ScannedStatement | undefined;
  for (const statement of eachStatement(sql)) {
    if (!first && !begins.test(statement.words.join(' '))) return sql;
    first ??= statement;
    last = statement;
  }
  if (!first || !last || first === last || !ends.test(last.words.join(' '))) return sql;
  return blankStatement(blankStatement(sql, first), last);
}

/** Index of the first character that belongs to a statement. */
function firstToken(sql: string): number {
  let at = afterBlanks(sql, 0);
  while (sql[at] === ';') at = afterBlanks(sql, at + 1);
  return at;
}

/** Leaves the lines and the semicolon. */
function blankStatement(sql: string, { offset, end }: ScannedStatement): string {
  const textEnd = sql[end - 1] === ';' ? end - 1 : end;
  return sql.slice(0, offset) + sql.slice(offset, textEnd).replace(/[^\r\n]/g, ' ') + sql.slice(textEnd);
}
