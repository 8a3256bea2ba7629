/** A statement at the top level of a SQL text: where its first word begins, and that word. */
export interface ScannedStatement {
  /** Index of its first character. */
  offset: number;
  /** First word in lower case, or the backslash of a psql meta-command. */
  word: string;
}

/** What can hide a semicolon or a keyword: strings, quoted names, dollar quotes, comments (which nest in PostgreSQL). */
const tokens =
  /'(?:[^']|'')*'?|"(?:[^"]|"")*"?|\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|--[^\n]*|\/\*|;|\\|[A-Za-z_][\w$]*|\d+|\S/gy;
const space = /\s*/y;

/**
 * Finds the statements of a SQL text by PostgreSQL's lexical rules (manual, section 4.1), far enough to see what a
 * file does with transactions and where it speaks psql. It checks no syntax; the server does.
 */
export function scanStatements(sql: string): ScannedStatement[] {
  const found: ScannedStatement[] = [];
  let at = 0;
  let fresh = true;
  while (at < sql.length) {
    space.lastIndex = at;
    space.exec(sql);
    at = space.lastIndex;
    tokens.lastIndex = at;
    const match = tokens.exec(sql);
    if (!match) break;
    const [token] = match;
    const offset = at;
    at = tokens.lastIndex;
    if (token.startsWith('--')) continue;
    if (token === '/*') at = afterComment(sql, at);
    else if (token === ';') fresh = true;
    else {
      if (token.startsWith('$') && token.endsWith('$') && token.length > 1)
        at = afterDollarQuote(sql, at, token);
      if (fresh || token === '\\') found.push({ offset, word: token.toLowerCase() });
      fresh = false;
    }
  }
  return found;
}

function afterComment(sql: string, from: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = from;
  for (let depth = 1; depth > 0; ) {
    const match = edge.exec(sql);
    if (!match) return sql.length;
    depth += match[0] === '/*' ? 1 : -1;
  }
  return edge.lastIndex;
}

function afterDollarQuote(sql: string, from: number, tag: string): number {
  const end = sql.indexOf(tag, from);
  return end < 0 ? sql.length : end + tag.length;
}

/** Line and column, from 1, of an index in a text. */
export function positionAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - before.lastIndexOf('\n') };
}
