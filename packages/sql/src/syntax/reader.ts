import { afterBlanks } from './blanks.ts';
import type { Grammar, NodeOf, Parsed, ParsedStatement } from './grammar.ts';
import { withoutRows } from './insert-rows.ts';

/** Characters of INSERTs in a file whose rows are read by the grammar. */
const maxReadInFull = 250_000;
const maxRemembered = 1000;
const insert = /insert\b/iy;

/**
 * Reads statements with the grammar. The rows of an INSERT are not part of its node. In a file of data, only the first
 * 250,000 characters of INSERTs are read in full; after them the server checks the syntax of the rows, and INSERTs that
 * differ in their rows alone share a node. Each other statement is read in full.
 */
export function statementReader(grammar: Grammar): (sql: string) => Parsed {
  let characters = 0;
  const read = new Map<string, ParsedStatement | null>();
  const readShort = (text: string): ParsedStatement | null => {
    const known = read.get(text);
    if (known !== undefined) return known;
    const parsed = parseStatements(grammar, text);
    const statement = (parsed.ok && parsed.statements[0]) || null;
    if (read.size < maxRemembered) read.set(text, statement);
    return statement;
  };
  return (sql) => {
    insert.lastIndex = afterBlanks(sql, 0);
    if (insert.test(sql)) characters += sql.length;
    const short = insert.lastIndex > 0 && characters > maxReadInFull ? withoutRows(sql) : null;
    const statement = short && readShort(short.text);
    if (!statement) return parseStatements(grammar, sql);
    return { ok: true, statements: [{ ...statement, offset: short.start, end: short.end }] };
  };
}

function parseStatements(grammar: Grammar, sql: string): Parsed {
  const parsed = grammar.parse(sql);
  if (parsed.ok) for (const one of parsed.statements) if (one.tag === 'InsertStmt') dropRows(one.node);
  return parsed;
}

function dropRows({ selectStmt }: NodeOf<'InsertStmt'>): void {
  if (selectStmt && 'SelectStmt' in selectStmt) delete selectStmt.SelectStmt.valuesLists;
}
