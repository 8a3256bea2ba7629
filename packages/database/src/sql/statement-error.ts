import type { Client } from 'pg';
import { positionAt, scanStatements } from './scan.ts';

/** What PostgreSQL said about a statement that failed, placed in the file it came from. */
export interface StatementFailure {
  /** `migrations/003_x.sql:5:34`, or the file alone when it is none of its statements. */
  place: string;
  /** First line of what failed, cut. */
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
}

/** SQLSTATEs that say nothing about the file: a lock that was not free, a deadlock. Worth another try. */
export function isContention(error: unknown): boolean {
  return ['55P03', '40P01'].includes((error as ServerError).code ?? '');
}

/** What was sent, and how far the server came with it. */
export interface SentFile {
  file: string;
  sql: string;
  /** The whole text that was sent; the server's position counts characters in it, from 1. */
  text: string;
  /** Index in `text` at which the file begins. */
  start: number;
  /** Statements of the file that were completed. */
  completed: number;
}

/** Places an error: by the position the server gives, else by the first statement that was not completed. Pure. */
export function explainStatement(error: unknown, sent: SentFile): StatementFailure {
  const { code = '', position } = error as ServerError;
  const { file, sql, text, start, completed } = sent;
  const { statements } = scanStatements(sql);
  const inText = position === undefined ? undefined : charactersToIndex(text, Number(position) - 1);
  const exact = inText === undefined ? undefined : inText - start;
  const within = exact !== undefined && exact >= 0 && exact <= sql.length;
  const offset = within ? exact : statements[completed]?.offset;
  const message = serverSentence(error as ServerError);
  if (offset === undefined) return { place: file, statement: '', sqlstate: code, message };
  const { line, column } = positionAt(sql, offset);
  const begin = statements.findLast((statement) => statement.offset <= offset)?.offset ?? offset;
  const statement = (sql.slice(begin).split('\n', 1)[0] ?? '').trim().slice(0, 160);
  return { place: `${file}:${line}:${column}`, statement, sqlstate: code, message };
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

/** PostgreSQL counts code points, JavaScript UTF-16 units. */
function charactersToIndex(text: string, characters: number): number {
  return [...text].slice(0, characters).join('').length;
}

/** Who holds what a session waits for, asked while it waits. Values in the queries of others are blanked out. */
export async function blockersOf(observer: Client, session: number): Promise<string> {
  const { rows } = await observer.query(
    `SELECT pid, application_name AS name, state, date_trunc('second', now() - xact_start)::text AS since, query
     FROM pg_stat_activity WHERE pid = ANY(pg_blocking_pids($1))`,
    [session],
  );
  return rows
    .map(
      ({ pid, name, state, since, query }) =>
        `session ${pid} (${name || 'unnamed'}, ${state}, for ${since}): ${withoutValues(String(query ?? ''))}`,
    )
    .join('; ');
}

/** A query as one short line without its literals. */
export function withoutValues(query: string): string {
  const blanked = query.replace(/\$(\w*)\$[\s\S]*?(?:\$\1\$|$)/g, '…').replace(/'(?:[^']|'')*'?/g, "'…'");
  return blanked.replace(/\s+/g, ' ').trim().slice(0, 120);
}
