import { Lexer } from './lexer.ts';

/** An INSERT with one row in place of all of them. */
export interface ShortInsert {
  /** The same for every INSERT that differs in its rows alone. */
  text: string;
  /** Index of the first token of the original. */
  start: number;
  /** Index after its last token, without the semicolon. */
  end: number;
}

/**
 * Shortens `INSERT INTO … VALUES …` to one row of NULL, whatever the length of the rows. Pure.
 * @returns null for any other statement, for several statements, and where something is never closed.
 */
export function withoutRows(sql: string): ShortInsert | null {
  const lexer = new Lexer(sql);
  if (!lexer.next() || wordAt(lexer) !== 'insert') return null;
  const { start } = lexer;
  if (!skipTo(lexer, 'values')) return null;
  const rowsStart = lexer.end;
  const rowsEnd = skipRows(lexer);
  if (rowsEnd === null) return null;
  let end = rowsEnd;
  let closed = false;
  // The lexer is at the first token after the rows, or at the end of the text.
  for (let more = lexer.end > rowsEnd; more; more = lexer.next()) {
    if (markAt(lexer) === ';') closed = true;
    else if (closed) return null;
    else end = lexer.end;
  }
  if (lexer.unclosed) return null;
  return { text: `${sql.slice(start, rowsStart)} (NULL)${sql.slice(rowsEnd, end)}`, start, end };
}

/** Goes to a word outside parentheses; false when the statement ends first, or takes its rows from a query. */
function skipTo(lexer: Lexer, word: string): boolean {
  for (let depth = 0; lexer.next(); ) {
    const mark = markAt(lexer);
    if (mark === '(') depth++;
    else if (mark === ')') depth--;
    else if (mark === ';') return false;
    else if (depth === 0 && wordAt(lexer) === word) return true;
    else if (depth === 0 && /^(?:select|with|table|default)$/.test(wordAt(lexer))) return false;
  }
  return false;
}

/**
 * Goes past `(…), (…)` to the next token, if there is one.
 * @returns the index after the last row; null when a row, a comma or a parenthesis is missing.
 */
function skipRows(lexer: Lexer): number | null {
  for (;;) {
    if (!lexer.next() || markAt(lexer) !== '(' || !skipParentheses(lexer)) return null;
    const { end } = lexer;
    if (!lexer.next() || markAt(lexer) !== ',') return end;
  }
}

/** From an opening parenthesis to its closing one; false when it is never closed. */
function skipParentheses(lexer: Lexer): boolean {
  for (let depth = 1; depth > 0; ) {
    if (!lexer.next()) return false;
    const mark = markAt(lexer);
    if (mark === '(') depth++;
    else if (mark === ')') depth--;
  }
  return true;
}

function markAt({ kind, sql, start }: Lexer): string {
  return kind === 'mark' ? (sql[start] ?? '') : '';
}

function wordAt({ kind, sql, start, end }: Lexer): string {
  return kind === 'word' ? sql.slice(start, Math.min(end, start + 8)).toLowerCase() : '';
}
