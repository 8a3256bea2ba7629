import { Lexer, type TokenKind } from './lexer.ts';

/** What is left of one statement when its values are taken away. */
export interface Shape {
  /**
   * A statement that reads and changes the same tables, with `0` and `''` for values, and one element of a list for
   * those that follow it and are its like: plain values all, or the same text.
   */
  text: string;
  /** Where the statement is in the text: from its first token to behind its last but the semicolon. */
  start: number;
  end: number;
}

/** A shape that is longer is no shape: there is too much in it that is no value. */
const longest = 4000;
/** Words that stand for a value. */
const values = /^(?:null|true|false|default)$/i;

/**
 * The shape of a statement of data (INSERT, SELECT …): the same for the thousand INSERTs of a file, and short for an
 * INSERT of a thousand rows. Elements of a list that follow their like are left out. Pure.
 * @returns null for a text of more than one statement, where hardly anything can be taken away, and where what is taken
 * away would hide an error of syntax: what is never closed, an empty element, a number that runs into a word.
 */
export function shapeOf(sql: string): Shape | null {
  const lexer = new Lexer(sql);
  const shape = new ShapeText();
  let [start, end] = [-1, 0];
  let ended = false;
  for (let behind = 0; lexer.next(); behind = lexer.end) {
    if (lexer.unclosed) return null;
    if (lexer.kind === 'mark' && sql[lexer.start] === ';') {
      ended = true;
      continue;
    }
    if (ended) return null;
    if (start < 0) start = lexer.start;
    shape.add(lexer, behind > 0 && lexer.start > behind);
    if (shape.broken || shape.text.length > longest) return null;
    end = lexer.end;
  }
  if (lexer.unclosed) return null;
  return { text: shape.text, start: Math.max(start, 0), end };
}

/** A list that is open: its last element that was kept, and the one that is being read. */
interface List {
  /** Index in the text behind the last element that was kept; -1 before the first. */
  kept: number;
  keptFrom: number;
  keptPlain: boolean;
  from: number;
  /** Whether the element is a value and nothing else. */
  plain: boolean;
  /** Whether all elements before it are, those that were left out among them. */
  allPlain: boolean;
}

class ShapeText {
  text = '';
  /** Whether something was no SQL that could be told from the text that is left. */
  broken = false;
  #list: List = { kept: -1, keptFrom: 0, keptPlain: false, from: 0, plain: true, allPlain: true };
  readonly #outer: List[] = [];
  /** Whether a type follows, which makes a value no less plain. */
  #cast = false;
  #before: TokenKind = 'mark';

  add({ sql, kind, start, end }: Lexer, apart: boolean): void {
    const blank = apart ? ' ' : '';
    if (!apart && runsOn(this.#before, kind, sql[start])) this.broken = true;
    this.#before = kind;
    if (kind === 'string') this.text += `${blank}''`;
    else if (kind === 'number') this.text += `${blank}0`;
    else if (kind === 'mark') this.#mark(sql[start] as string, blank);
    else {
      const word = sql.slice(start, end);
      if (!this.#cast && !values.test(word)) this.#list.plain = false;
      this.text += blank + word;
    }
    if (kind !== 'mark') this.#cast = false;
  }

  #mark(mark: string, blank: string): void {
    if (mark === ',') this.#next();
    else if (mark === ')' || mark === ']') this.#close(mark);
    else this.text += blank + mark;
    if (mark === '(' || mark === '[') this.#open();
    else if (mark === ':') this.#cast = this.text.endsWith('::');
    else if (!/[-+.,)\]]/.test(mark)) this.#list.plain = false;
  }

  #open(): void {
    this.#outer.push(this.#list);
    const from = this.text.length;
    this.#list = { kept: -1, keptFrom: from, keptPlain: false, from, plain: true, allPlain: true };
  }

  /** Keeps the element that ends here, unless the one before it is its like. */
  #endElement(): void {
    const list = this.#list;
    const { kept, keptFrom, keptPlain, from, plain } = list;
    const alike =
      kept >= 0 &&
      ((plain && keptPlain) || this.text.slice(from).trim() === this.text.slice(keptFrom, kept).trim());
    if (alike) this.text = this.text.slice(0, kept);
    else this.#list = { ...list, kept: this.text.length, keptFrom: from, keptPlain: plain };
    this.#list.allPlain &&= plain;
  }

  #next(): void {
    if (this.#isEmpty()) this.broken = true;
    this.#endElement();
    this.text += ', ';
    this.#list.from = this.text.length;
    this.#list.plain = true;
  }

  /** An element of which nothing is there yet. */
  #isEmpty(): boolean {
    return this.text.slice(this.#list.from).trim() === '';
  }

  #close(mark: string): void {
    // A list of nothing is one, `()`.
    if (this.#list.kept >= 0 && this.#isEmpty()) this.broken = true;
    this.#endElement();
    const { allPlain } = this.#list;
    const outer = this.#outer.pop();
    this.text += mark;
    if (!outer) return;
    this.#list = outer;
    if (!allPlain) outer.plain = false;
  }
}

/** Whether a value and what stands directly behind it are an error, or would be one value in the shape. */
function runsOn(before: TokenKind, kind: TokenKind, first: string | undefined): boolean {
  if (before === 'number') return kind !== 'mark' || first === '.';
  return before === 'string' && kind === 'string';
}
