import { describeLost, isConnectionLost } from '@slipway/postgres';
import { charactersToIndex, positionAt, quoteSql, type ScannedStatement, scanStatements } from '@slipway/sql';

/** What PostgreSQL said about a statement that failed, placed in the file it came from. */
export interface StatementFailure {
  /** `migrations/003_x.sql:5:34`, or the file alone when it is none of its statements. */
  location: string;
  /** First line of what failed, without its literals. */
  statement: string;
  /** Empty when it was not the server that spoke. */
  sqlstate: string;
  message: string;
}

interface ServerError {
  code?: string;
  message?: string;
  position?: string;
  detail?: string;
  hint?: string;
  table?: string;
  column?: string;
  constraint?: string;
  /** The server's CONTEXT. */
  where?: string;
}

/** SQLSTATEs that are not the fault of the file: a lock that was not free, a deadlock. Worth another try. */
export function isContention(error: unknown): boolean {
  return ['55P03', '40P01'].includes((error as ServerError).code ?? '');
}

/** Errors of sockets have codes as well, of another kind. */
function sqlstateOf({ code = '' }: ServerError): string {
  return /^[0-9A-Z]{5}$/.test(code) && code !== 'EPIPE' ? code : '';
}

/** What was sent, and how far the server came with it. */
export interface SentFile {
  file: string;
  sql: string;
  /** The whole text that was sent; the server's position counts characters in it, from 1. */
  text: string;
  /** Index in `text` at which the file begins. */
  start: number;
  /** What was cut out of it: index in the file's part of `text`, and how many characters were there. */
  cuts: readonly { at: number; length: number }[];
  /** Statements of the file that were completed. */
  completed: number;
}

/** Places an error: by the position the server gives, else by the first statement that was not completed. Pure. */
export function explainStatement(error: unknown, sent: SentFile): StatementFailure {
  const code = sqlstateOf(error as ServerError);
  const { file, sql, completed } = sent;
  const { statements } = scanStatements(sql);
  const failed = statements[completed];
  const offset =
    exactOffset(error as ServerError, sent) ?? rowOffset(error as ServerError, failed, sql) ?? failed?.offset;
  const message =
    code === '' && isConnectionLost(error) ? describeLost(error) : serverSentence(error as ServerError);
  if (offset === undefined) return { location: file, statement: '', sqlstate: code, message };
  const { line, column } = positionAt(sql, offset);
  const begin = statements.findLast((statement) => statement.offset <= offset)?.offset ?? offset;
  const statement = quoteSql(sql.slice(begin).split('\n', 1)[0] ?? '');
  return { location: `${file}:${line}:${column}`, statement, sqlstate: code, message };
}

/**
 * What the server said. Of data errors (classes 22 and 23) the details are left out, since they quote rows of the
 * database; the names of table, column and constraint say where to look.
 */
function serverSentence({ code = '', message = '', detail, hint, ...where }: ServerError): string {
  if (!/^2[23]/.test(code)) return [message, detail, hint].filter(Boolean).join('; ');
  const names = (['table', 'column', 'constraint'] as const)
    .filter((kind) => where[kind] && !message.includes(`"${where[kind]}"`))
    .map((kind) => `${kind} ${where[kind]}`);
  // 22P02 and its kin quote the value itself after the last colon.
  const said = code.startsWith('22') ? message.replace(/: ".*$/s, '') : message;
  return names.length > 0 ? `${said} (${names.join(', ')})` : said;
}

/** Where the server's position lies in the file; undefined when it gives none, or one outside of it. */
function exactOffset({ position }: ServerError, { text, start, cuts, sql }: SentFile): number | undefined {
  if (position === undefined) return undefined;
  const sent = charactersToIndex(text, Number(position) - 1) - start;
  const missing = cuts.filter(({ at }) => at <= sent).reduce((sum, { length }) => sum + length, 0);
  const offset = sent + missing;
  return sent >= 0 && offset <= sql.length ? offset : undefined;
}

/** Where the row is that a COPY failed at: its CONTEXT counts them from 1. */
function rowOffset({ where = '' }: ServerError, statement: ScannedStatement | undefined, sql: string) {
  const row = /^COPY .*?, line (\d+)/.exec(where)?.[1];
  if (row === undefined || !statement?.data) return undefined;
  let at = statement.data.start;
  for (let line = 1; line < Number(row); line++) at = sql.indexOf('\n', at) + 1;
  return at;
}

/** Who was in the way, as the end of a sentence. */
export function describeBlocked(blocked: string): string {
  return blocked === '' ? '' : `; blocked by ${blocked}`;
}
