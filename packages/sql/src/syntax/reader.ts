import { afterBlanks } from './blanks.ts';
import type { Grammar, NodeOf, Parsed, ParsedStatement } from './grammar.ts';
import { shapeOf } from './shape.ts';

/** Characters of statements of data that are read in full. */
const readInFull = 250_000;
/** More shapes than this are not kept: such a file is not made of data. */
const mostShapes = 1000;
const data = /(?:insert|update|delete|select|with|merge|values)\b/iy;

/**
 * Reads statements with the grammar. Values of INSERTs are not kept; and of a file of data only the first 250,000
 * characters are read in full: behind them statements that differ in their values alone share one node, and the syntax
 * of the values is the server's to check.
 */
export function statementReader(grammar: Grammar): (sql: string) => Parsed {
  let characters = 0;
  const shapes = new Map<string, ParsedStatement | null>();
  const readShape = (text: string): ParsedStatement | null => {
    const known = shapes.get(text);
    if (known !== undefined) return known;
    const parsed = grammar.parse(text);
    const read = (parsed.ok && parsed.statements[0]) || null;
    if (read?.tag === 'InsertStmt') dropValues(read.node);
    if (shapes.size < mostShapes) shapes.set(text, read);
    return read;
  };
  return (sql) => {
    data.lastIndex = afterBlanks(sql, 0);
    const isData = data.test(sql);
    if (isData) characters += sql.length;
    if (isData && characters > readInFull) {
      const shape = shapeOf(sql);
      const read = shape && readShape(shape.text);
      if (read) {
        const statement = { tag: read.tag, node: read.node, offset: shape.start, end: shape.end };
        return { ok: true, statements: [{ ...statement, abridged: true } as ParsedStatement] };
      }
    }
    const parsed = grammar.parse(sql);
    if (parsed.ok) for (const one of parsed.statements) if (one.tag === 'InsertStmt') dropValues(one.node);
    return parsed;
  };
}

function dropValues({ selectStmt }: NodeOf<'InsertStmt'>): void {
  if (selectStmt && 'SelectStmt' in selectStmt) delete selectStmt.SelectStmt.valuesLists;
}
