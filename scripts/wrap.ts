/** The longest line of a Markdown page, tables and code aside. */
export const maxColumns = 120;

/** Breaks one paragraph or list item between its words; code in backquotes is never broken. */
export function wrapLine(first: string, rest: string, text: string): string[] {
  const words = text.match(/(?:`[^`]*`|[^\s`])+/g) ?? [];
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of words) {
    if (!isEmpty && line.length + 1 + word.length > maxColumns) {
      lines.push(line);
      line = rest;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return isEmpty ? lines : [...lines, line];
}
