import { quoteLiteral, workKey } from '@slipway/postgres';
import { scanStatements } from '@slipway/sql';

/** A SQL file as one transaction, and what else is in that transaction. */
export interface FileTransaction {
  file: string;
  sql: string;
  /** Statements before those of the file, and after them. */
  before: readonly string[];
  after: readonly string[];
}

/** What holds for the session while a file runs. */
export interface RunSettings {
  /** Milliseconds. */
  lockTimeoutMs: number;
  statementTimeoutMs: number;
  /** Whether the server can be ordered to stop a statement whose client is gone (PostgreSQL 14 and newer). */
  watchClient: boolean;
}

/** Where a file is in a text that was sent. */
export interface SentPart {
  /** Index at which the file begins. */
  start: number;
  /** Statements of its transaction before those of the file. */
  prelude: number;
  /** What was cut out of the file: index in its part of the text, and how many characters were there. */
  cuts: { at: number; length: number }[];
}

/** A text as it goes to the server, and how its places are found again in the files. */
export interface SentText {
  text: string;
  /** Rows for each `COPY … FROM stdin` in the text. */
  copies: string[];
  /** One for each file. */
  parts: SentPart[];
}

/**
 * What a file set for its session (search_path, role, temporary tables) must reach neither its row in the version
 * table nor the next file, and behind a pooler not the application. DISCARD ALL is not allowed in a transaction;
 * prepared statements are left alone, since a pooler keeps those of others on the same server connection.
 */
const forget = ['SET SESSION AUTHORIZATION DEFAULT', 'RESET ALL', 'CLOSE ALL', 'UNLISTEN *', 'DISCARD TEMP'];

/** How often the server checks whether the client is still connected. */
export const watchInterval = "client_connection_check_interval = '1s'";

/**
 * The text of transactions, one for each file, sent as one simple query: one round trip, and what follows a statement
 * that fails is not run. Before each file: the lock that shows the next run, should this one be killed, that its
 * statement still runs; and the settings. Pure.
 */
export function transactionText(settings: RunSettings, files: readonly FileTransaction[]): SentText {
  const limits = [
    ...(settings.watchClient ? [`SET LOCAL ${watchInterval}`] : []),
    `SET LOCAL lock_timeout = ${settings.lockTimeoutMs}`,
    `SET LOCAL statement_timeout = ${settings.statementTimeoutMs}`,
  ];
  const settled = [`SELECT pg_advisory_xact_lock_shared(${workKey})`, ...limits];
  const sent: SentText = { text: '', copies: [], parts: [] };
  for (const it of files) {
    const prelude = ['BEGIN', `SET LOCAL ${nameOf(it.file)}`, ...settled, ...it.before];
    const head = `${prelude.join(';\n')};\n`;
    const { body, copies, cuts } = withoutRows(it.sql);
    // The limits hold for the bookkeeping and the COMMIT as well: while these wait, or run what is deferred, the locks of
    // the file are held.
    const after = [...forget, ...limits, ...it.after, 'COMMIT'].join(';\n');
    sent.parts.push({ start: sent.text.length + head.length, prelude: prelude.length, cuts });
    sent.copies.push(...copies);
    sent.text += `${head}${body}\n;\n${after};\n`;
  }
  return sent;
}

/**
 * Names the file in pg_stat_activity: its column query is cut after a kilobyte, and one text holds many files.
 * PostgreSQL keeps 63 bytes of it and replaces what is not ASCII.
 */
export function nameOf(file: string): string {
  return `application_name = ${quoteLiteral(`slipway ${file.slice(file.lastIndexOf('/') + 1)}`.replace(/[^ -~]/g, '?').slice(0, 63))}`;
}

/** The rows of a COPY travel in separate messages. */
function withoutRows(sql: string): { body: string; copies: string[]; cuts: SentPart['cuts'] } {
  const blocks =
    sql.search(/\bstdin\b/i) < 0 ? [] : scanStatements(sql).statements.flatMap(({ data }) => data ?? []);
  const cuts: SentPart['cuts'] = [];
  let body = '';
  let from = 0;
  for (const { start, end } of blocks) {
    body += sql.slice(from, start);
    cuts.push({ at: body.length, length: end - start });
    from = end;
  }
  return { body: body + sql.slice(from), copies: blocks.map(({ rows }) => rows), cuts };
}
