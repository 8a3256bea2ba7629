import { workKey } from '../connection/run-lock.ts';
import { scanStatements } from '../sql/scan.ts';

/** A SQL file as one transaction, and the statements that follow it in the same transaction, or nothing. */
export interface FileTransaction {
  file: string;
  sql: string;
  after: readonly string[];
}

/** Milliseconds. */
export interface Limits {
  lockTimeout: number;
  statementTimeout: number;
}

/** A text as it goes to the server, and how its places are found again in the file. */
export interface SentText {
  text: string;
  /** Rows for each `COPY … FROM stdin` in the text. */
  copies: string[];
  /** Index in `text` at which the file begins. */
  start: number;
  /** Statements before those of the file. */
  prelude: number;
  /** What was cut out of the file: index in the file's own part of `text`, and how many characters stood there. */
  cuts: { at: number; length: number }[];
}

/** Orders the server (PostgreSQL 14 and newer) to stop a statement whose client is gone. */
export const watchClient = (local: boolean): string =>
  `DO $slipway$ BEGIN PERFORM set_config('client_connection_check_interval', '1s', ${local}); EXCEPTION WHEN OTHERS THEN NULL; END $slipway$`;

/**
 * What a file set for its session (search_path, role, temporary tables) must reach neither its row in the version
 * table nor the next file, and behind a pooler not the application. DISCARD ALL is not allowed in a transaction;
 * prepared statements are left alone, since a pooler keeps those of others on the same server connection.
 */
const forget = ['SET SESSION AUTHORIZATION DEFAULT', 'RESET ALL', 'CLOSE ALL', 'UNLISTEN *', 'DISCARD TEMP'];

/**
 * The text of a transaction, sent as one simple query. Before the file: the lock that tells the next run, should this
 * one be killed, that its statement still runs; and the time limits. Pure.
 */
export function transactionText(limits: Limits, it: FileTransaction): SentText {
  const prelude = [
    'BEGIN',
    `SELECT pg_advisory_xact_lock_shared(${workKey})`,
    watchClient(true),
    `SET LOCAL lock_timeout = ${limits.lockTimeout}`,
    `SET LOCAL statement_timeout = ${limits.statementTimeout}`,
  ];
  const head = `${prelude.join(';\n')};\n`;
  const { body, copies, cuts } = withoutRows(it.sql);
  const after = [...forget, ...it.after.filter((sql) => sql !== ''), 'COMMIT'].join(';\n');
  return {
    text: `${head}${body}\n;\n${after};`,
    copies,
    start: head.length,
    prelude: prelude.length,
    cuts,
  };
}

/** The rows of a COPY travel in messages of their own. */
function withoutRows(sql: string): { body: string; copies: string[]; cuts: SentText['cuts'] } {
  const blocks =
    sql.search(/\bstdin\b/i) < 0 ? [] : scanStatements(sql).statements.flatMap(({ data }) => data ?? []);
  const cuts: SentText['cuts'] = [];
  let body = '';
  let from = 0;
  for (const { start, end } of blocks) {
    body += sql.slice(from, start);
    cuts.push({ at: body.length, length: end - start });
    from = end;
  }
  return { body: body + sql.slice(from), copies: blocks.map(({ rows }) => rows), cuts };
}
