import { printable } from './escape.ts';

const special: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '|': '&#124;',
  '\\': '&#92;',
  '`': '&#96;',
  // Two of them on a line would be typeset as a formula.
  $: '&#36;',
  '\t': ' ',
  ...Object.fromEntries([...'*_[]~'].map((mark) => [mark, `\\${mark}`])),
};

/** Text from outside, for any position in a line of GitHub's Markdown: it remains text, on one line. */
export function inline(text: string): string {
  return printable(text)
    .trim()
    .replace(/[&<>|\\`$*_[\]~]|\s*\n\s*|\t/g, (found) => special[found] ?? '<br>');
}

/** Text from outside as a separate paragraph: its first character cannot begin a heading, a list or a quotation. */
export function paragraph(text: string): string {
  return inline(text)
    .replace(/^([#+=-])/, '\\$1')
    .replace(/^(\d+)([.)])/, '$1\\$2');
}

/** Lines from outside as they are, in a block; nothing for none. */
export function preformatted(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `<pre>${lines.map(inline).join('\n')}</pre>`;
}

export function code(text: string): string {
  return `<code>${inline(text)}</code>`;
}

/** A table without the columns that are empty in every row. The cells are Markdown. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const used = headings.map((_, column) => rows.some((row) => (row[column] ?? '') !== ''));
  const line = (cells: readonly string[]): string =>
    `| ${cells.filter((_, column) => used[column]).join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}
