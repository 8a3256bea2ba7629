import { Lexer } from './lexer.ts';

/** A statement at the top level of a SQL text. */
export interface ScannedStatement {
  /** Index of its first character. */
  offset: number;
  /** Index behind its semicolon, or the end of the text. */
  end: number;
  /** Its first bare words in lower case, enough to tell what kind of statement it is. */
  words: string[];
  /** The rows behind a `COPY … FROM stdin;`, as psql and pg_dump write them; `end` is that of the line `\.`. */
  data?: { start: number; end: number; rows: string };
  /** Indexes of backslashes outside quotes and comments, where there are any: only psql knows what they mean. */
  backslashes?: number[];
}

export interface ScannedSql {
  statements: ScannedStatement[];
  /** Those of all statements. */
  backslashes: number[];
}

const mostWords = 4;
/** No word that is looked for is longer than `atomic`. */
const longestWord = 6;

/** All that `eachStatement` finds. */
export function scanStatements(sql: string): ScannedSql {
  const statements = [...eachStatement(sql)];
  return { statements, backslashes: statements.flatMap(({ backslashes = [] }) => backslashes) };
}

/**
 * Finds the statements of a SQL text one after the other, as the server cuts them: not inside parentheses (rules), not
 * inside the body of a function that is written as BEGIN ATOMIC … END. It checks no syntax; the server does.
 */
export function* eachStatement(sql: string): Generator<ScannedStatement, void> {
  const lexer = new Lexer(sql);
  while (lexer.next()) {
    if (sql[lexer.start] === ';') continue;
    const statement: ScannedStatement = { offset: lexer.start, end: sql.length, words: [] };
    const takesData = readStatement(lexer, statement);
    if (takesData) {
      statement.data = copyData(sql, lexer.end);
      lexer.end = statement.data.end;
    }
    yield statement;
  }
}

/** Goes to the end of the statement that the lexer is at; tells whether the rows of a COPY stand behind it. */
function readStatement(lexer: Lexer, statement: ScannedStatement): boolean {
  const { sql } = lexer;
  const { words } = statement;
  let [depth, body, previous, takesData] = [0, 0, '', false];
  do {
    const { kind, start, end } = lexer;
    if (kind === 'mark') {
      const mark = sql[start];
      if (mark === ';' && depth <= 0 && body === 0) {
        statement.end = end;
        return takesData;
      }
      if (mark === '(') depth++;
      else if (mark === ')') depth--;
      else if (mark === '\\') statement.backslashes = [...(statement.backslashes ?? []), start];
    }
    if (kind !== 'word' || sql.charCodeAt(start) >= 128) continue;
    const word =
      words.length < mostWords || end - start <= longestWord ? sql.slice(start, end).toLowerCase() : '';
    if (word === 'atomic' && previous === 'begin') body = 1;
    else if (body > 0 && word === 'case') body++;
    else if (body > 0 && word === 'end') body--;
    if (words.length < mostWords) words.push(word);
    takesData ||= depth <= 0 && word === 'stdin' && previous === 'from' && words[0] === 'copy';
    previous = word;
  } while (lexer.next());
  return false;
}

/** The lines from the one after the statement to `\.`, or to the end of the file. */
function copyData(sql: string, from: number): { start: number; end: number; rows: string } {
  const line = sql.indexOf('\n', from);
  const start = line < 0 ? sql.length : line + 1;
  const last = /^\\\.[ \t]*\r?$/gm;
  last.lastIndex = start;
  const match = last.exec(sql);
  const rows = sql.slice(start, match?.index ?? sql.length);
  return { start, end: match ? last.lastIndex : sql.length, rows };
}

/** Line and column, from 1, of an index in a text. */
export function positionAt(text: string, offset: number): { line: number; column: number } {
  let [line, start] = [1, 0];
  for (let next = text.indexOf('\n'); next >= 0 && next < offset; next = text.indexOf('\n', start)) {
    line++;
    start = next + 1;
  }
  return { line, column: offset - start + 1 };
}
