/** A statement at the top level of a SQL text. */
export interface ScannedStatement {
  /** Index of its first character. */
  offset: number;
  /** Index behind its semicolon, or the end of the text. */
  end: number;
  /** Its first bare words in lower case, enough to tell what kind of statement it is. */
  words: string[];
  /** The rows behind a `COPY … FROM stdin;`, as psql and pg_dump write them; `end` is that of the line `\.`. */
  data?: { start: number; end: number; rows: string };
}

export interface ScannedSql {
  statements: ScannedStatement[];
  /** Indexes of backslashes outside quotes and comments: only psql knows what they mean. */
  backslashes: number[];
}

/** What can hide a semicolon or a keyword: strings, quoted names, dollar quotes, comments (which nest in PostgreSQL). */
const tokens =
  /[eE]'(?:[^'\\]|\\[\s\S]|'')*'?|'(?:[^']|'')*'?|"(?:[^"]|"")*"?|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|--[^\n]*|\/\*|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\d+|\S/gy;
const mostWords = 4;

/**
 * Finds the statements of a SQL text by PostgreSQL's lexical rules (manual, section 4.1), as the server cuts them:
 * not inside parentheses (rules), not inside the body of a function that is written as BEGIN ATOMIC … END. It checks
 * no syntax; the server does.
 */
export function scanStatements(sql: string): ScannedSql {
  const found: ScannedSql = { statements: [], backslashes: [] };
  const cursor = { at: 0 };
  let current: ScannedStatement | undefined;
  let previous = '';
  let depth = 0;
  let body = 0;
  let takesData = false;
  for (const { token, offset } of readTokens(sql, cursor)) {
    if (token === ';' && depth <= 0 && body === 0) {
      if (current) current.end = offset + 1;
      if (current && takesData) {
        current.data = copyData(sql, cursor.at);
        cursor.at = current.data.end;
      }
      takesData = false;
      current = undefined;
      depth = 0;
      continue;
    }
    if (token === ';' && !current) continue;
    if (!current) {
      current = { offset, end: sql.length, words: [] };
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
    takesData ||= depth <= 0 && word === 'stdin' && previous === 'from' && current.words[0] === 'copy';
    previous = word;
  }
  return found;
}

/** Tokens without blanks and comments; a dollar-quoted text is one token. */
function* readTokens(sql: string, cursor: { at: number }): Generator<{ token: string; offset: number }> {
  const blank = /\s*/y;
  while (cursor.at < sql.length) {
    blank.lastIndex = cursor.at;
    blank.exec(sql);
    tokens.lastIndex = blank.lastIndex;
    const match = tokens.exec(sql);
    if (!match) return;
    const [token] = match;
    cursor.at = tokens.lastIndex;
    if (token === '/*') cursor.at = afterComment(sql, cursor.at);
    else if (token.startsWith('$') && token.length > 1) {
      cursor.at = afterDollarQuote(sql, cursor.at, token);
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

/** The lines from the one after the statement to `\.`, or to the end of the file. */
function copyData(sql: string, from: number): { start: number; end: number; rows: string } {
  const line = sql.indexOf('\n', from);
  const start = line < 0 ? sql.length : line + 1;
  const last = /^\\\.[ \t]*\r?$/gm;
  last.lastIndex = start;
  const match = last.exec(sql);
  const rows = sql.slice(start, match?.index ?? sql.length);
  return { start, end: match ? last.lastIndex : sql.length, rows };
}

/** Line and column, from 1, of an index in a text. */
export function positionAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - before.lastIndexOf('\n') };
}
