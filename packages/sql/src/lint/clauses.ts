import { afterBlanks } from '../syntax/blanks.ts';
import { Lexer } from '../syntax/lexer.ts';

/** The name in `ALTER TABLE IF EXISTS ONLY "a".b *`, and everything before it. */
const head =
  /^\s*alter\s+(?:foreign\s+)?table\s+(?:if\s+exists\s+)?(?:only\s+)?(?:"(?:[^"]|"")*"|[\w$\u0080-\uffff]+)(?:\s*\.\s*(?:"(?:[^"]|"")*"|[\w$\u0080-\uffff]+))*\s*\*?\s*/i;

/** A part of a statement, with its index in it. */
export interface Clause {
  text: string;
  offset: number;
}

/** The subcommands of an ALTER TABLE, as the user wrote them. PostgreSQL's parse tree does not contain most of them. */
export function alterClauses(statement: string): Clause[] {
  const start = head.exec(statement)?.[0].length ?? 0;
  return splitAtCommas(statement, start);
}

/** Cuts at commas outside of parentheses, strings and comments. */
function splitAtCommas(text: string, from = 0): Clause[] {
  const clauses: Clause[] = [];
  const lexer = new Lexer(text, from);
  let [begin, depth] = [from, 0];
  const cut = (end: number): void => {
    const offset = Math.min(afterBlanks(text, begin), end);
    clauses.push({ text: text.slice(offset, end).trimEnd(), offset });
    begin = end + 1;
  };
  while (lexer.next()) {
    if (lexer.kind !== 'mark') continue;
    const mark = text[lexer.start] as string;
    if ('(['.includes(mark)) depth++;
    else if (')]'.includes(mark)) depth--;
    else if (mark === ',' && depth === 0) cut(lexer.start);
  }
  cut(text.length);
  return clauses;
}
