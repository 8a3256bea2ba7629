import { afterBlanksOrNever, endOfLine, isBlank, never } from './blanks.ts';

/** `word`: a keyword, a bare name or a parameter (`$1`). `mark`: any other single character. */
export type TokenKind = 'word' | 'string' | 'name' | 'number' | 'mark';

const dollarTag = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const integer = String.raw`\d(?:_?\d)*`;
const number = new RegExp(
  String.raw`0(?:x(?:_?[\da-f])+|o(?:_?[0-7])+|b(?:_?[01])+)|${integer}(?:\.(?!\.)(?:${integer})?)?(?:e[-+]?${integer})?`,
  'iy',
);

/**
 * Walks over the tokens of a SQL text by PostgreSQL's lexical rules (manual, section 4.1; its scan.l), without blanks
 * and comments, which nest. It stores only its position, so that a text of many megabytes costs no memory. Something that is
 * never closed ends with the text.
 */
export class Lexer {
  readonly sql: string;
  /** The current token: index of its first character, and after its last. */
  start = 0;
  end: number;
  kind: TokenKind = 'mark';
  /** Whether a comment, a string or a quoted name before `end` is never closed: PostgreSQL refuses such a text. */
  unclosed = false;

  constructor(sql: string, from = 0) {
    this.sql = sql;
    this.end = from;
  }

  /** Goes to the next token; false at the end of the text. */
  next(): boolean {
    const { sql } = this;
    this.start = afterBlanksOrNever(sql, this.end);
    if (this.start === never) this.unclosed = true;
    if (this.start >= sql.length) return false;
    const code = sql.charCodeAt(this.start);
    const following = sql.charCodeAt(this.start + 1);
    if (code === quote) return this.#take('string', afterQuoted(sql, this.start, "'"));
    if (code === doubleQuote) return this.#take('name', afterQuoted(sql, this.start, '"'));
    if ((code | 32) === letterE && following === quote)
      return this.#take('string', afterEscapes(sql, this.start + 2));
    if (startsWord(code)) return this.#take('word', afterWord(sql, this.start + 1));
    if (isDigit(code)) return this.#take('number', afterNumber(sql, this.start));
    if (code === dollar && isDigit(following)) return this.#take('word', afterDigits(sql, this.start + 2));
    if (code === dollar) {
      dollarTag.lastIndex = this.start;
      const [tag] = dollarTag.exec(sql) ?? [];
      if (tag) return this.#take('string', indexAfter(sql, tag, this.start + tag.length));
    }
    return this.#take('mark', this.start + 1);
  }

  #take(kind: TokenKind, end: number): true {
    this.kind = kind;
    this.end = Math.min(end, this.sql.length);
    if (end === never) this.unclosed = true;
    return true;
  }
}

const [quote, doubleQuote, backslash, dollar, dash, letterE] = [39, 34, 92, 36, 45, 101];

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

function afterNumber(sql: string, start: number): number {
  number.lastIndex = start;
  return number.test(sql) ? number.lastIndex : start + 1;
}

/** Index after the next `end`. */
function indexAfter(sql: string, end: string, from: number): number {
  const found = sql.indexOf(end, from);
  return found < 0 ? never : found + end.length;
}

/** A doubled quote is a quote inside the text. */
function afterQuoted(sql: string, start: number, by: string): number {
  let at = indexAfter(sql, by, start + 1);
  while (sql[at] === by) at = indexAfter(sql, by, at + 1);
  return at;
}

/** A string continues after a line end. That matters for this kind only: others continue as the same kind. */
function afterEscapes(sql: string, from: number): number {
  for (let at = from; at < sql.length; at++) {
    const code = sql.charCodeAt(at);
    if (code === backslash) at++;
    else if (code === quote && sql.charCodeAt(at + 1) === quote) at++;
    else if (code === quote) {
      const next = continuation(sql, at + 1);
      if (next < 0) return at + 1;
      at = next;
    }
  }
  return never;
}

/** Index of the quote with which a string continues, after blanks and `--` comments with a line end; else -1. */
function continuation(sql: string, from: number): number {
  let newLine = false;
  for (let at = from; ; at++) {
    const code = sql.charCodeAt(at);
    if (code === 10 || code === 13) newLine = true;
    else if (code === dash && sql.charCodeAt(at + 1) === dash) at = endOfLine(sql, at) - 1;
    else if (!isBlank(code)) return newLine && code === quote ? at : -1;
  }
}
