import { Lexer } from './lexer.ts';

/** A statement at the top level of a SQL text. */
export interface ScannedStatement {
  /** Index of its first character. */
  offset: number;
  /** Index after its semicolon, or the end of the text. */
  end: number;
  /** Its first bare words in lower case, enough to recognise the kind of statement. */
  words: string[];
  /** The rows after a `COPY … FROM stdin;`, as psql and pg_dump write them; `end` is that of the line `\.`. */
  data?: { start: number; end: number; rows: string };
  /** Indexes of the first backslashes outside quotes and comments, if there are any: only psql knows what they mean. */
  backslashes?: number[];
}

interface ScannedSql {
  statements: ScannedStatement[];
  /** Those of all statements. */
  backslashes: number[];
}

/** How many psql commands are listed. */
export const maxBackslashes = 3;
const maxWords = 4;
/** No word that matters is longer than `atomic`. */
const maxWordLength = 6;

/** All that `eachStatement` finds. */
export function scanStatements(sql: string): ScannedSql {
  const statements = [...eachStatement(sql)];
  return { statements, backslashes: statements.flatMap(({ backslashes = [] }) => backslashes) };
}

/**
 * Finds the statements of a SQL text one after the other, as the server cuts them: not inside parentheses (rules), not
 * inside the body of a function that is written as BEGIN ATOMIC … END. It does not check the syntax; the server does. The rest of the
 * line after a `COPY … FROM stdin;` is SQL, as in psql; a statement there ends with the line.
 */
export function* eachStatement(sql: string): Generator<ScannedStatement, void> {
  const whole = new Lexer(sql);
  // The rest of a COPY's line, while that is read.
  let rest: Lexer | undefined;
  for (;;) {
    const lexer = rest ?? whole;
    if (!lexer.next()) {
      if (!rest) return;
      rest = undefined;
      continue;
    }
    if (sql[lexer.start] === ';') continue;
    const statement: ScannedStatement = { offset: lexer.start, end: lexer.sql.length, words: [] };
    if (readStatement(lexer, statement)) {
      statement.data = copyData(sql, rest ? whole.end : lexer.end);
      rest ??= new Lexer(sql.slice(0, statement.data.start), lexer.end);
      whole.end = statement.data.end;
    }
    yield statement;
  }
}

/** Goes to the end of the current statement. @returns whether the rows of a COPY follow it. */
function readStatement(lexer: Lexer, statement: ScannedStatement): boolean {
  const { sql } = lexer;
  const { words } = statement;
  const body = new AtomicBody();
  let [depth, previous, takesData] = [0, '', false];
  do {
    const { kind, start, end } = lexer;
    let token = '';
    if (kind === 'mark') {
      token = sql[start] as string;
      if (token === ';' && depth <= 0 && !body.open) {
        statement.end = end;
        return takesData;
      }
      if (token === '(') depth++;
      else if (token === ')') depth--;
      else if (token === '\\') noteBackslash(statement, start);
    } else if (kind === 'word' && sql.charCodeAt(start) < 128) {
      if (words.length < maxWords || (readsOn(words[0]) && end - start <= maxWordLength))
        token = sql.slice(start, end).toLowerCase();
      if (words.length < maxWords) words.push(token);
      if (words[0] === 'create') body.add(token, previous);
      takesData ||= depth <= 0 && token === 'stdin' && previous === 'from' && words[0] === 'copy';
    }
    previous = token;
  } while (lexer.next());
  return false;
}

/** Whether words after the first few matter for such a statement: a body, or rows after it. */
function readsOn(word: string | undefined): boolean {
  return word === 'create' || word === 'copy';
}

/** Follows a statement into a body of BEGIN ATOMIC … END, in which CASE … END may stand. */
class AtomicBody {
  open = false;
  #cases = 0;

  add(word: string, previous: string): void {
    // A column may have such a name.
    if (previous === '.' || previous === 'as') return;
    if (!this.open) this.open = word === 'atomic' && previous === 'begin';
    else if (word === 'case') this.#cases++;
    else if (word === 'end' && this.#cases > 0) this.#cases--;
    else if (word === 'end') this.open = previous !== ';' && previous !== 'atomic';
  }
}

function noteBackslash(statement: ScannedStatement, at: number): void {
  statement.backslashes ??= [];
  if (statement.backslashes.length < maxBackslashes) statement.backslashes.push(at);
}

/** The lines from the one after `from` to `\.`, or to the end of the file. Rows end with a line feed and nothing else. */
function copyData(sql: string, from: number): { start: number; end: number; rows: string } {
  const line = sql.indexOf('\n', from);
  const start = line < 0 ? sql.length : line + 1;
  const last = /(?<=\n)\\\.[ \t]*\r?(?![^\n])/g;
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
