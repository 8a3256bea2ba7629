import type { Client } from 'pg';
import { positionAt } from './sql-scan.ts';

/** What PostgreSQL said about a statement that failed, placed in the file it came from. */
export interface StatementFailure {
  /** `migrations/003_x.sql:5:34`, or the file alone when the server gave no position. */
  place: string;
  /** First line of what failed, cut. */
  statement: string;
  sqlstate: string;
  message: string;
}

interface ServerError {
  code?: string;
  message: string;
  position?: string;
  detail?: string;
  hint?: string;
}

/** SQLSTATEs that say nothing about the file: a lock that was not free, a deadlock. Worth another try. */
export function isContention(error: unknown): boolean {
  return ['55P03', '40P01'].includes((error as ServerError).code ?? '');
}

/**
 * @param error What `pg` threw.
 * @param text The whole text that was sent; `position` counts characters in it, from 1.
 * @param start Index in `text` at which the file begins.
 */
export function explainStatement(
  error: unknown,
  text: string,
  start: number,
  file: string,
  sql: string,
): StatementFailure {
  const { code = '', message, position, detail, hint } = error as ServerError;
  const inText = position === undefined ? undefined : charactersToIndex(text, Number(position) - 1);
  const offset = inText === undefined ? undefined : inText - start;
  const placed = offset !== undefined && offset >= 0 && offset <= sql.length;
  const { line, column } = placed ? positionAt(sql, offset) : { line: 0, column: 0 };
  const said = [message, detail, hint].filter((part) => part !== undefined && part !== '').join('; ');
  return {
    place: placed ? `${file}:${line}:${column}` : file,
    statement: placed ? (sql.split('\n')[line - 1] ?? '').trim().slice(0, 160) : '',
    sqlstate: code,
    message: said,
  };
}

/** PostgreSQL counts code points, JavaScript UTF-16 units. */
function charactersToIndex(text: string, characters: number): number {
  return [...text].slice(0, characters).join('').length;
}

/** Who holds what a session waits for, asked while it waits. */
export async function blockersOf(observer: Client, pid: number): Promise<string> {
  const { rows } = await observer.query(
    `SELECT pid, application_name AS name, state, date_trunc('second', now() - xact_start)::text AS since, left(query, 80) AS query
     FROM pg_stat_activity WHERE pid = ANY(pg_blocking_pids($1))`,
    [pid],
  );
  return rows
    .map(
      (row) =>
        `session ${row.pid} (${row.name || 'unnamed'}, ${row.state}, for ${row.since}): ${String(row.query).split('\n')[0]}`,
    )
    .join('; ');
}
