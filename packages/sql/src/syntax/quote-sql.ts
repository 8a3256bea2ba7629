import { Lexer } from './lexer.ts';

/**
 * A statement as a sentence names it: on one line, without comments, and with `'…'` in place of each literal, which may be
 * a password. One that is too long is cut between two tokens.
 */
export function quoteSql(sql: string, maxLength = Number.POSITIVE_INFINITY): string {
  return joinTokens(sql, () => "'…'", maxLength).text.replace(/ ?;$/, '');
}

/** What would make the literals of a statement secret. */
const namesSecret =
  /pass(?:word|wd|phrase)|secret|token|credential|\bconnection\b|(?:api|access|private|encryption|signing)_?key/i;

const maxCopyLength = 300;

/**
 * SQL that a remedy repeats, to be copied: on one line, without comments. Its literals are left out when it names a secret,
 * or when it is too long to be copied as a whole.
 */
export function copyableSql(sql: string): string {
  const whole = joinTokens(sql, (literal) => literal, maxCopyLength);
  return whole.complete && !namesSecret.test(sql) ? whole.text : quoteSql(sql, maxCopyLength);
}

function joinTokens(
  sql: string,
  showLiteral: (literal: string) => string,
  maxLength: number,
): { text: string; complete: boolean } {
  const lexer = new Lexer(sql);
  let text = '';
  for (let previousEnd = 0; lexer.next(); previousEnd = lexer.end) {
    const token = sql.slice(lexer.start, lexer.end).replace(/\s+/g, ' ');
    const gap = text !== '' && lexer.start > previousEnd ? ' ' : '';
    const next = gap + (lexer.kind === 'string' ? showLiteral(token) : token);
    if (text.length + next.length > maxLength) return { text: `${text}…`, complete: false };
    text += next;
  }
  return { text, complete: true };
}
