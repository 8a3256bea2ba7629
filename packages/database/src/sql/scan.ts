/** A statement at the top level of a SQL text. */
export interface ScannedStatement {
  /** Index of its first character. */
  offset: number;
  /** Its first bare words in lower case, enough to tell what kind of statement it is. */
  words: string[];
}

export interface ScannedSql {
  statements: ScannedStatement[];
  /** Indexes of backslashes outside quotes and comments: only psql knows what they mean. */
  backslashes: number[];
}

/** What can hide a semicolon or a keyword: strings, quoted names, dollar quotes, comments (which nest in PostgreSQL). */
const tokens =
  /[eE]'(?:[^'\\]|\\[\s\S]|'')*'?|'(?:[^']|'')*'?|"(?:[^"]|"")*"?|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|--[^\n]*|\/\*|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\d+|\S/gy;
const mostWords = 12;

/**
 * Finds the statements of a SQL text by PostgreSQL's lexical rules (manual, section 4.1), as the server cuts them:
 * not inside parentheses (rules), not inside the body of a function that is written as BEGIN ATOMIC … END. It checks
 * no syntax; the server does.
 */
export function scanStatements(sql: string): ScannedSql {
  const found: ScannedSql = { statements: [], backslashes: [] };
  let current: ScannedStatement | undefined;
  let previous = '';
  let depth = 0;
  let body = 0;
  for (const { token, offset } of readTokens(sql)) {
    if (token === ';' && depth <= 0 && body === 0) {
      current = undefined;
      depth = 0;
      continue;
    }
    if (token === ';' && !current) continue;
    if (!current) {
      current = { offset, words: [] };
      found.statements.push(current);
    }
    if (token === '\\') found.backslashes.push(offset);
    if (token === '(') depth++;
    if (token === ')') depth--;
    if (!/^[a-z_]/i.test(token) || token.endsWith("'")) continue;
    const word = token.toLowerCase();
    if (word === 'atomic' && previous === 'begin') body = 1;
    else if (body > 0 && word === 'case') body++;
    else if (body > 0 && word === 'end') body--;
    if (current.words.length < mostWords) current.words.push(word);
    previous = word;
  }
  return found;
}

/** Tokens without blanks and comments; a dollar-quoted text is one token. */
function* readTokens(sql: string): Generator<{ token: string; offset: number }> {
  const blank = /\s*/y;
  for (let at = 0; at < sql.length; ) {
    blank.lastIndex = at;
    blank.exec(sql);
    tokens.lastIndex = blank.lastIndex;
    const match = tokens.exec(sql);
    if (!match) return;
    const [token] = match;
    at = tokens.lastIndex;
    if (token === '/*') at = afterComment(sql, at);
    else if (token.startsWith('$') && token.length > 1) {
      at = afterDollarQuote(sql, at, token);
      yield { token: '$$', offset: match.index };
    } else if (!token.startsWith('--')) yield { token, offset: match.index };
  }
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
