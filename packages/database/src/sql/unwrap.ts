import { scanStatements } from './scan.ts';

/**
 * Takes the BEGIN and the COMMIT away from a text that is one transaction from its first statement to its last, as
 * psql scripts are: it then runs in ours, together with its row in the version table. They are blanked, so that every
 * offset stays. Any other transaction control is left for the lint to refuse. Pure.
 */
export function unwrapTransaction(sql: string): string {
  const { statements } = scanStatements(sql);
  const [first, last] = [statements.at(0), statements.at(-1)];
  if (!first || !last || statements.length < 2) return sql;
  if (!/^(begin|start transaction)( (work|transaction))?$/.test(first.words.join(' '))) return sql;
  if (!/^(commit|end)( (work|transaction))?$/.test(last.words.join(' '))) return sql;
  const blank = (text: string): string => text.replace(/[^\n;]/g, ' ');
  const body = statements[1]?.offset ?? first.offset;
  const begin = /^[^;]*/.exec(sql.slice(first.offset, body))?.[0] ?? '';
  return (
    sql.slice(0, first.offset) +
    blank(begin) +
    sql.slice(first.offset + begin.length, last.offset) +
    sql.slice(last.offset).replace(/^[^;]*/, blank)
  );
}
