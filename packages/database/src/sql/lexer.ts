/** `word`: a keyword or a bare name. `mark`: any other single character. */
export type TokenKind = 'word' | 'string' | 'name' | 'number' | 'mark';

const dollarTag = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const wideBlank = /[\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]/;

/**
 * Walks over the tokens of a SQL text by PostgreSQL's lexical rules (manual, section 4.1), without blanks and comments,
 * which nest. It keeps nothing but its place, so that a text of many megabytes costs no memory. What is opened and never
 * closed ends with the text.
 */
export class Lexer {
  readonly sql: string;
  /** The token it stands on: index of its first character, and behind its last. */
  start = 0;
  end: number;
  kind: TokenKind = 'mark';

  constructor(sql: string, from = 0) {
    this.sql = sql;
    this.end = from;
  }

  /** Goes to the next token; false at the end of the text. */
  next(): boolean {
    const { sql } = this;
    this.start = afterBlanks(sql, this.end);
    if (this.start >= sql.length) return false;
    const code = sql.charCodeAt(this.start);
    const following = sql.charCodeAt(this.start + 1);
    if (code === quote) return this.#take('string', afterQuoted(sql, this.start, "'"));
    if (code === doubleQuote) return this.#take('name', afterQuoted(sql, this.start, '"'));
    if ((code | 32) === letterE && following === quote)
      return this.#take('string', afterEscapes(sql, this.start + 2));
    if (startsWord(code)) return this.#take('word', afterWord(sql, this.start + 1));
    if (isDigit(code)) return this.#take('number', afterDigits(sql, this.start + 1));
    if (code === dollar) {
      dollarTag.lastIndex = this.start;
      const [tag] = dollarTag.exec(sql) ?? [];
      if (tag) return this.#take('string', behind(sql, tag, this.start + tag.length));
    }
    return this.#take('mark', this.start + 1);
  }

  #take(kind: TokenKind, end: number): true {
    this.kind = kind;
    this.end = end;
    return true;
  }
}

const [quote, doubleQuote, backslash, dollar, dash, slash, star, letterE] = [39, 34, 92, 36, 45, 47, 42, 101];

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function startsWord(code: number): boolean {
  return ((code | 32) >= 97 && (code | 32) <= 122) || code === 95 || code >= 128;
}

function afterWord(sql: string, from: number): number {
  let at = from;
  for (let code = sql.charCodeAt(at); startsWord(code) || isDigit(code) || code === dollar; )
    code = sql.charCodeAt(++at);
  return at;
}

function afterDigits(sql: string, from: number): number {
  let at = from;
  while (isDigit(sql.charCodeAt(at))) at++;
  return at;
}

/** Index behind the next `end`, or the end of the text. */
function behind(sql: string, end: string, from: number): number {
  const found = sql.indexOf(end, from);
  return found < 0 ? sql.length : found + end.length;
}

/** A quote that is written twice is one inside. */
function afterQuoted(sql: string, start: number, by: string): number {
  let at = behind(sql, by, start + 1);
  while (sql[at] === by) at = behind(sql, by, at + 1);
  return at;
}

function afterEscapes(sql: string, from: number): number {
  for (let at = from; at < sql.length; at++) {
    const code = sql.charCodeAt(at);
    if (code === backslash) at++;
    else if (code === quote && sql.charCodeAt(at + 1) === quote) at++;
    else if (code === quote) return at + 1;
  }
  return sql.length;
}

/** Index of the first character that belongs to no blank and no comment. */
export function afterBlanks(sql: string, from: number): number {
  for (let at = from; ; ) {
    const code = sql.charCodeAt(at);
    if (code === 32 || (code >= 9 && code <= 13) || (code >= 160 && wideBlank.test(sql[at] as string))) at++;
    else if (code === dash && sql.charCodeAt(at + 1) === dash) {
      const line = sql.indexOf('\n', at);
      at = line < 0 ? sql.length : line;
    } else if (code === slash && sql.charCodeAt(at + 1) === star) at = afterComment(sql, at + 2);
    else return at;
  }
}

function afterComment(sql: string, from: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = from;
  for (let depth = 1; depth > 0; ) {
    const found = edge.exec(sql);
    if (!found) return sql.length;
    depth += found[0] === '/*' ? 1 : -1;
  }
  return edge.lastIndex;
}
