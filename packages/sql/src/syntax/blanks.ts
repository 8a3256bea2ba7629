const lineEnd = /[\r\n]/g;
const [dash, slash, star] = [45, 47, 42];
/** The end of something that is never closed. */
export const never = Number.POSITIVE_INFINITY;

/** A blank by PostgreSQL's rules; other blanks of Unicode, such as U+00A0, count as letters. */
export function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** Index of the line end that ends a `--` comment, or of the end of the text. */
export function endOfLine(sql: string, from: number): number {
  lineEnd.lastIndex = from;
  return lineEnd.exec(sql)?.index ?? sql.length;
}

/** Index of the first character outside blanks and comments. */
export function afterBlanks(sql: string, from: number): number {
  return Math.min(afterBlanksOrNever(sql, from), sql.length);
}

/** The same, and `never` when a comment is never closed. */
export function afterBlanksOrNever(sql: string, from: number): number {
  for (let at = from; ; ) {
    const code = sql.charCodeAt(at);
    if (isBlank(code)) at++;
    else if (code === dash && sql.charCodeAt(at + 1) === dash) at = endOfLine(sql, at);
    else if (code === slash && sql.charCodeAt(at + 1) === star) at = afterComment(sql, at + 2);
    else return at;
  }
}

/** Index after the last character before `end` that is not a blank. */
export function beforeBlanks(sql: string, end: number): number {
  let at = end;
  while (at > 0 && isBlank(sql.charCodeAt(at - 1))) at--;
  return at;
}

function afterComment(sql: string, from: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = from;
  for (let depth = 1; depth > 0; ) {
    const found = edge.exec(sql);
    if (!found) return never;
    depth += found[0] === '/*' ? 1 : -1;
  }
  return edge.lastIndex;
}
