import { beforeBlanks } from './blanks.ts';
import { type Reading, readBlock } from './block.ts';
import type { Grammar, ParsedStatement, SqlStatement } from './grammar.ts';
import { createLocator } from './location.ts';
import { statementReader } from './reader.ts';
import { eachStatement } from './scan.ts';

/** A text that PostgreSQL's grammar refuses. */
interface SyntaxError {
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
  /** In the order of the file, without those that the grammar refused. */
  statements: SqlStatement[];
  problems: SyntaxError[];
  /** Whether it contains no statement. */
  empty: boolean;
  /** Indexes of the first backslashes outside quotes and comments: only psql knows what they mean. */
  backslashes: number[];
}

/**
 * Reads a file statement by statement, so that one of many megabytes costs little more memory than its text. Pure.
 */
export function readScript(grammar: Grammar, file: string, sql: string): Script {
  const reading = { grammar, read: statementReader(grammar), locate: createLocator(sql) };
  const script: Script = { file, sql, statements: [], problems: [], empty: true, backslashes: [] };
  const readPiece = (offset: number, end: number): void => {
    if (beforeBlanks(sql, end) <= offset) return;
    const piece = sql.slice(offset, end);
    const parsed = reading.read(piece);
    if (!parsed.ok) {
      const { line, column } = reading.locate(offset + parsed.problem.offset);
      script.problems.push({ file, line, column, message: parsed.problem.message });
    } else for (const one of parsed.statements) script.statements.push(placed(reading, one, piece, offset));
  };
  // The grammar gets every character but the rows of COPY: it decides what is a comment, not the lexer.
  // Locations in a node count from the start of its piece, which therefore is the statement's own.
  let from = 0;
  const cut = (start: number, end: number): void => {
    readPiece(from, start);
    from = end;
  };
  // Rows after the line of the current statements.
  let rows: { start: number; end: number } | undefined;
  for (const { offset, data, backslashes } of eachStatement(sql)) {
    script.empty = false;
    if (backslashes) script.backslashes.push(...backslashes);
    if (rows && offset >= rows.end) {
      cut(rows.start, rows.end);
      rows = undefined;
    }
    cut(offset, offset);
    if (data) rows = { start: rows?.start ?? data.start, end: data.end };
  }
  if (rows) cut(rows.start, rows.end);
  readPiece(from, sql.length);
  return script;
}

/** @param base Index of the piece in the file. */
function placed(reading: Reading, one: ParsedStatement, piece: string, base: number): SqlStatement {
  const { tag, node } = one;
  const text = piece.slice(one.offset, one.end);
  const offset = base + one.offset;
  // A piece is one statement, unless the lexer saw less than the grammar: then its locations no longer fit the text.
  const result = { tag, node, text, offset, ...reading.locate(offset) } as SqlStatement;
  if (result.tag === 'DoStmt') result.inside = readBlock(reading, { node: result.node, text, offset });
  return result;
}

/** Index in the file of a location inside a statement's node, which counts bytes; without one, of the statement. */
export function offsetOf({ text, offset }: SqlStatement, location: number | undefined): number {
  if (location === undefined || location < 0) return offset;
  return offset + Buffer.from(text).toString('utf8', 0, location).length;
}
