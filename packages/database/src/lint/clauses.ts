/** What can hide a comma or a parenthesis. */
const tokens =
  /[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?\*\/|[(),[\]]/g;

/** The name in `ALTER TABLE IF EXISTS ONLY "a".b *`, and everything before it. */
const head =
  /^\s*alter\s+(?:foreign\s+)?table\s+(?:if\s+exists\s+)?(?:only\s+)?(?:"(?:[^"]|"")*"|[\w$\u0080-\uffff]+)(?:\s*\.\s*(?:"(?:[^"]|"")*"|[\w$\u0080-\uffff]+))*\s*\*?\s*/i;

/** A part of a statement, with its index in it. */
export interface Clause {
  text: string;
  offset: number;
}

/** The subcommands of an ALTER TABLE, as the user wrote them. PostgreSQL's parse tree has no place for most of them. */
export function alterClauses(statement: string): Clause[] {
  const start = head.exec(statement)?.[0].length ?? 0;
  return splitAtCommas(statement, start);
}

/** Cuts at commas outside of parentheses, strings and comments. */
export function splitAtCommas(text: string, from = 0): Clause[] {
  const clauses: Clause[] = [];
  let [begin, depth] = [from, 0];
  const cut = (end: number): void => {
    const raw = text.slice(begin, end);
    const blank = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/.exec(raw)?.[0].length ?? 0;
    clauses.push({ text: raw.slice(blank).trimEnd(), offset: begin + blank });
    begin = end + 1;
  };
  tokens.lastIndex = from;
  for (let match = tokens.exec(text); match; match = tokens.exec(text)) {
    const [token] = match;
    if (token === '(' || token === '[') depth++;
    else if (token === ')' || token === ']') depth--;
    else if (token === ',' && depth === 0) cut(match.index);
  }
  cut(text.length);
  return clauses;
}

/** A text on one line without comments, for a remedy; a long one is cut. */
export function oneLine(text: string, most = 300): string {
  const plain = text
    .replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return plain.length > most ? `${plain.slice(0, most)}…` : plain;
}
