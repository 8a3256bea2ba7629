import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { root } from './action.ts';

/** The text of a page of docs/. */
export function readPage(page: string): string {
  return readFileSync(path.join(root, 'docs', page), 'utf8');
}

/** The first columns of the table after a marker of a page, row by row, without the backquotes. */
export function tableAfter(page: string, marker: string, columns: number): string[][] {
  const [, found] = readPage(page).split(`<!-- ${marker} -->`);
  if (found === undefined) throw new Error(`${page} has no marker <!-- ${marker} -->`);
  const section = found.split(/^#/m)[0] ?? '';
  return [...section.matchAll(/^\| `.*$/gm)].map(([line]) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, columns + 1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}
