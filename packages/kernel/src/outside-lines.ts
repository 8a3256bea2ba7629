import { StringDecoder } from 'node:string_decoder';
import { OutsideText } from './outside-text.ts';
import type { Redactor } from './redact.ts';

const keyBegins = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY/;
const keyEnds = /-----END [A-Z0-9 ]*PRIVATE KEY/;

/** A line longer than this is handed on in pieces. */
const maxPending = 1024 * 1024;

/** Parts a stream of bytes into lines as they come: no character is split, and no line of a private key is shown. */
export class OutsideLines {
  readonly #decoder = new StringDecoder('utf8');
  readonly #redactor: Redactor;
  readonly #onLine: (line: OutsideText) => void;
  #rest = '';
  #inKey = false;

  constructor(redactor: Redactor, onLine: (line: OutsideText) => void) {
    this.#redactor = redactor;
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    const text = this.#rest + this.#decoder.write(chunk);
    // What is at the end may be the beginning of `\r\n`.
    const lines = text.split(/\r*\n|\r(?!\r*$)/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#emit(line);
    if (this.#rest.length > maxPending) this.#flush();
  }

  /** The last line, when nothing ends it. */
  end(): void {
    this.#rest += this.#decoder.end();
    this.#flush();
  }

  #flush(): void {
    const rest = this.#rest.replace(/\r+$/, '');
    this.#rest = '';
    if (rest !== '') this.#emit(rest);
  }

  #emit(line: string): void {
    const hidden = this.#inKey;
    if (keyBegins.test(line)) this.#inKey = true;
    if (keyEnds.test(line)) this.#inKey = false;
    this.#onLine(OutsideText.of(hidden ? '***' : line, this.#redactor));
  }
}
