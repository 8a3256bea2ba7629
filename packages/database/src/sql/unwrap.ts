import { eachStatement, type ScannedStatement } from './scan.ts';

const begins = /^(begin|start transaction)( (work|transaction))?$/;
const ends = /^(commit|end)( (work|transaction))?$/;

/**
 * Takes the BEGIN and the COMMIT away from a text that is one transaction from its first statement to its last, as
 * psql scripts are: it then runs in ours, together with its row in the version table. They are blanked, so that every
 * offset stays. Any other transaction control is left for the lint to refuse. Pure.
 */
export function unwrapTransaction(sql: string): string {
  let first: ScannedStatement | undefined;
  let second: ScannedStatement | undefined;
  let last: ScannedStatement | undefined;
  for (const statement of eachStatement(sql)) {
    // Most texts are no such script, and that shows at once.
    if (!first && !begins.test(statement.words.join(' '))) return sql;
    if (first) second ??= statement;
    first ??= statement;
    last = statement;
  }
  if (!first || !second || !last || !ends.test(last.words.join(' '))) return sql;
  const blank = (text: string): string => text.replace(/[^\n;]/g, ' ');
  const begin = /^[^;]*/.exec(sql.slice(first.offset, second.offset))?.[0] ?? '';
  return (
    sql.slice(0, first.offset) +
    blank(begin) +
    sql.slice(first.offset + begin.length, last.offset) +
    sql.slice(last.offset).replace(/^[^;]*/, blank)
  );
}
