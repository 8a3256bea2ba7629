import { stripVTControlCharacters } from 'node:util';

/** Everything that ends a line for somebody: a terminal, the GitHub runner, a browser. */
const lineEnds = /\r*\n|[\r\v\f\u0085\u2028\u2029]/g;
/** All but tab and line feed. */
const controls = /[^\P{Cc}\t\n]/gu;
/** They make text appear in another order than it is in. */
const directions = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** The text as a reader sees it: no terminal sequences, lines that end in `\n`, tabs, and no other control character. */
export function plainText(text: string): string {
  return stripVTControlCharacters(text).replace(lineEnds, '\n').replace(controls, '').replace(directions, '');
}
