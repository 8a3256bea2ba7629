import { readBlock } from './block.ts';
import type { Grammar, NodeOf, ParsedStatement, SqlStatement } from './grammar.ts';
import { type ScannedStatement, scanStatements } from './scan.ts';

/** What PostgreSQL's grammar does not accept. */
export interface SyntaxError {
  file: string;
  line: number;
  column: number;
  /** PostgreSQL's own words. */
  message: string;
}

/** A SQL file as its statements. */
export interface Script {
  file: string;
  sql: string;
  /** In the order of the file; those that the grammar refused are not among them. */
  statements: SqlStatement[];
  problems: SyntaxError[];
}

/** Characters of INSERTs that are read with the grammar; the rest of a file of data would only cost time. */
const mostInserts = 250_000;
const insertHead =
  /^insert\s+into\s+(?:only\s+)?((?:"(?:[^"]|"")*"|[\w$\u0080-\uffff]+)(?:\s*\.\s*(?:"(?:[^"]|"")*"|[\w$\u0080-\uffff]+))*)/i;

/**
 * Reads a file statement by statement, so that one of many megabytes costs little more memory than its text. Values of
 * INSERTs are not kept, and behind the first 250,000 characters of them only the table is read: their syntax is the server's
 * to check. Pure.
 */
export function readScript(grammar: Grammar, file: string, sql: string): Script {
  const { statements: scanned } = scanStatements(sql);
  const script: Script = { file, sql, statements: [], problems: [] };
  const place = placing(sql);
  const readInsert = insertReader(grammar);
  for (const [index, statement] of scanned.entries()) {
    const end = statement.data?.start ?? scanned[index + 1]?.offset ?? sql.length;
    const piece = sql.slice(statement.offset, end);
    const insert = readInsert(statement, piece);
    if (insert) {
      script.statements.push({
        ...insert,
        offset: statement.offset,
        ...place(statement.offset),
      } as SqlStatement);
      continue;
    }
    const parsed = grammar.parse(piece);
    if (parsed.ok) {
      for (const one of parsed.statements)
        script.statements.push(placed(grammar, one, { piece, base: statement.offset, place }));
    } else {
      const at = place(statement.offset + parsed.problem.offset);
      script.problems.push({ file, ...at, message: parsed.problem.message });
    }
  }
  return script;
}

type Place = (offset: number) => { line: number; column: number };

function placed(
  grammar: Grammar,
  one: ParsedStatement,
  { piece, base, place }: { piece: string; base: number; place: Place },
): SqlStatement {
  const { end, ...statement } = one;
  if (statement.tag === 'InsertStmt') dropValues(statement.node);
  const text = piece.slice(one.offset, end);
  const offset = base + one.offset;
  // A piece is one statement, unless the lexer saw less than the grammar: then its locations no longer fit the text.
  const result = { ...statement, text, offset, ...place(offset) } as SqlStatement;
  if (result.tag === 'DoStmt') result.inside = readBlock(grammar, { node: result.node, text, offset }, place);
  return result;
}

function dropValues({ selectStmt }: NodeOf<'InsertStmt'>): void {
  if (selectStmt && 'SelectStmt' in selectStmt) delete selectStmt.SelectStmt.valuesLists;
}

/** Tells of an INSERT behind the first 250,000 characters what table it fills; undefined for everything else. */
function insertReader(grammar: Grammar) {
  let characters = 0;
  const heads = new Map<string, ParsedStatement | undefined>();
  return (
    { words }: ScannedStatement,
    piece: string,
  ): Pick<SqlStatement, 'tag' | 'node' | 'text'> | undefined => {
    if (words[0] !== 'insert') return undefined;
    characters += piece.length;
    if (characters < mostInserts) return undefined;
    const table = insertHead.exec(piece)?.[1];
    if (table === undefined) return undefined;
    if (!heads.has(table)) {
      const parsed = grammar.parse(`INSERT INTO ${table} DEFAULT VALUES`);
      heads.set(table, parsed.ok ? parsed.statements[0] : undefined);
    }
    const head = heads.get(table);
    return head && { tag: head.tag, node: head.node, text: piece.slice(0, lengthOf(piece)) };
  };
}

/** Length of a statement without the semicolon and blanks behind it; a slice costs no copy, unlike a replacement. */
function lengthOf(piece: string): number {
  let length = piece.length;
  while (length > 0 && /[\s;]/.test(piece[length - 1] as string)) length--;
  return length;
}

/** Lines and columns of offsets that mostly ascend, without counting from the start each time. */
function placing(sql: string): Place {
  let [line, start] = [1, 0];
  return (offset) => {
    if (offset < start) [line, start] = [1, 0];
    for (let next = sql.indexOf('\n', start); next >= 0 && next < offset; next = sql.indexOf('\n', start)) {
      line++;
      start = next + 1;
    }
    return { line, column: offset - start + 1 };
  };
}

/** Index in the file of a location inside a statement's node, which counts bytes; without one, of the statement. */
export function offsetOf({ text, offset }: SqlStatement, location: number | undefined): number {
  if (location === undefined || location < 0) return offset;
  return offset + Buffer.from(text).toString('utf8', 0, location).length;
}
