import { plainText } from './plain-text.ts';
import type { Redactor } from './redact.ts';
import { blankSecretShapes } from './secret-shapes.ts';

/** Characters at an end of a text that are made safe when only its first or last lines are wanted. */
const windowSize = 1024 * 1024;
const maxLineLength = 500;

/**
 * Text that Slipway did not write: what programs, pods and containers print, bodies of HTTP answers, errors of SQL.
 * Printing it (also inside a sentence of ours) shows it without terminal sequences and control characters, without the
 * secrets of the step in any encoding, and without what looks like a secret; all that happens before anything is cut.
 * The place that prints makes it harmless for its own language: workflow commands, Markdown, HTML.
 */
export class OutsideText {
  readonly #data: string;
  readonly #redactor: Redactor;
  #safe: string | undefined;

  private constructor(data: string, redactor: Redactor) {
    this.#data = data;
    this.#redactor = redactor;
  }

  /** Bytes are UTF-8; hand over all of them at once, or lines by OutsideLines, so that no character is split. */
  static of(data: string | Uint8Array, redactor: Redactor): OutsideText {
    const text =
      typeof data === 'string'
        ? data
        : Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8');
    return new OutsideText(text, redactor);
  }

  /** As it came, secrets included. For parsers alone: never printed, stored or put into a sentence. */
  get data(): string {
    return this.#data;
  }

  /** True when there is nothing but blanks. */
  get isEmpty(): boolean {
    return this.#data.trim() === '';
  }

  /** A field that was parsed out of `data`, as a text from outside again. */
  part(field: string): OutsideText {
    return new OutsideText(field, this.#redactor);
  }

  /** Both, one after the other: what a program printed to stdout and to stderr. */
  concat(other: OutsideText): OutsideText {
    const gap = this.#data === '' || this.#data.endsWith('\n') ? '' : '\n';
    return new OutsideText(`${this.#data}${gap}${other.#data}`, this.#redactor);
  }

  /** With a text of ours in front of it, for lists and columns. */
  indented(by: string): OutsideText {
    return this.#line(`${by}${this}`);
  }

  /** Its lines that are not blank, repeated ones once, long ones cut; each is safe to print. */
  lines(): OutsideText[] {
    return this.#linesOf(this.toString());
  }

  /** The last `count` of its lines. */
  tail(count: number): OutsideText[] {
    return count <= 0 ? [] : this.#linesOf(this.#end()).slice(-count);
  }

  /** Its beginning, on one line. */
  excerpt(maxLength: number): string {
    const line = this.#begin().replace(/\s+/g, ' ').trim();
    return line.length > maxLength ? `${line.slice(0, maxLength)}…` : line;
  }

  /** Safe to print. */
  toString(): string {
    this.#safe ??= this.#made(this.#data);
    return this.#safe;
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  #made(text: string): string {
    return blankSecretShapes(this.#redactor.redact(plainText(text)));
  }

  /** Whole lines at the beginning: the last one of the window may be cut in the middle of a secret. */
  #begin(): string {
    const end = this.#data.lastIndexOf('\n', windowSize);
    return this.#data.length <= windowSize || end < 0
      ? this.toString()
      : this.#made(this.#data.slice(0, end));
  }

  #end(): string {
    const begin = this.#data.indexOf('\n', this.#data.length - windowSize);
    return this.#data.length <= windowSize || begin < 0
      ? this.toString()
      : this.#made(this.#data.slice(begin));
  }

  #linesOf(safe: string): OutsideText[] {
    const lines = safe.split('\n').filter((line) => line.trim() !== '');
    return lines
      .filter((line, at) => line !== lines[at - 1])
      .map((line) => this.#line(line.length > maxLineLength ? `${line.slice(0, maxLineLength)}…` : line));
  }

  /** What is safe as a part of the whole stays so: made safe alone, a line may look different. */
  #line(safe: string): OutsideText {
    const line = new OutsideText(safe, this.#redactor);
    line.#safe = safe;
    return line;
  }
}

/** A line of a list below a title. */
export function indented(line: string | OutsideText): string | OutsideText {
  return typeof line === 'string' ? `  ${line}` : line.indented('  ');
}
