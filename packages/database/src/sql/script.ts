import { beforeBlanks } from './blanks.ts';
import { type Reading, readBlock } from './block.ts';
import type { Grammar, ParsedStatement, SqlStatement } from './grammar.ts';
import { placesOf } from './place.ts';
import { statementReader } from './reader.ts';
import { eachStatement } from './scan.ts';

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

/**
 * Reads a file statement by statement, so that one of many megabytes costs little more memory than its text. Pure.
 */
export function readScript(grammar: Grammar, file: string, sql: string): Script {
  const reading = { grammar, read: statementReader(grammar), place: placesOf(sql) };
  const script: Script = { file, sql, statements: [], problems: [] };
  const readPiece = (offset: number, end: number): void => {
    if (beforeBlanks(sql, end) <= offset) return;
    const piece = sql.slice(offset, end);
    const parsed = reading.read(piece);
    if (!parsed.ok) {
      const { line, column } = reading.place(offset + parsed.problem.offset);
      script.problems.push({ file, line, column, message: parsed.problem.message });
    } else for (const one of parsed.statements) script.statements.push(placed(reading, one, piece, offset));
  };
  // The grammar gets every character but the rows of COPY: what the lexer takes for a comment is the grammar's to say.
  // Locations in a node count from the start of its piece, which therefore is the statement's own.
  let from = 0;
  for (const [start, end] of cutsOf(sql)) {
    readPiece(from, start);
    from = end;
  }
  readPiece(from, sql.length);
  return script;
}

/** Where the text is cut to read one statement at a time: before each, and around the rows of COPY. */
function* cutsOf(sql: string): Generator<[start: number, end: number], void> {
  // Rows that stand behind the line of the statements that are read now.
  let rows: { start: number; end: number } | undefined;
  for (const { offset, data } of eachStatement(sql)) {
    if (rows && offset >= rows.end) {
      yield [rows.start, rows.end];
      rows = undefined;
    }
    yield [offset, offset];
    if (data) rows = { start: rows?.start ?? data.start, end: data.end };
  }
  if (rows) yield [rows.start, rows.end];
}

/** @param base Index of the piece in the file. */
function placed(reading: Reading, one: ParsedStatement, piece: string, base: number): SqlStatement {
  const { end, ...statement } = one;
  const text = piece.slice(one.offset, end);
  const offset = base + one.offset;
  // A piece is one statement, unless the lexer saw less than the grammar: then its locations no longer fit the text.
  const result = { ...statement, text, offset, ...reading.place(offset) } as SqlStatement;
  if (result.tag === 'DoStmt') result.inside = readBlock(reading, { node: result.node, text, offset });
  return result;
}

/** Index in the file of a location inside a statement's node, which counts bytes; without one, of the statement. */
export function offsetOf({ text, offset }: SqlStatement, location: number | undefined): number {
  if (location === undefined || location < 0) return offset;
  return offset + Buffer.from(text).toString('utf8', 0, location).length;
}
