import { isConnectionLost } from '@slipway/postgres';
import { positionAt, quoteSql, scanStatements } from '@slipway/sql';
import type { Client } from 'pg';

export interface AssertionFile {
  file: string;
  sql: string;
}

/**
 * Runs the users' assertions, each file in a read-only transaction. A statement that fails, or a query whose first
 * column is boolean and that returns no row or one that is not true, is a broken assertion.
 * @param timeoutMs For each statement.
 * @returns what does not hold, each with file and line; empty when all hold. @throws what the driver says of a connection
 * that is lost.
 */
export async function runAssertions(
  client: Client,
  files: readonly AssertionFile[],
  timeoutMs: number,
): Promise<string[]> {
  const broken: string[] = [];
  for (const { file, sql } of files) {
    const { statements } = scanStatements(sql);
    await client.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${timeoutMs}`);
    try {
      for (const [index, { offset }] of statements.entries()) {
        const problem = await assertOne(client, sql.slice(offset, statements[index + 1]?.offset));
        if (problem === null) continue;
        broken.push(`${file}:${positionAt(sql, offset).line}: ${problem.says}`);
        if (problem.aborted) break;
      }
    } finally {
      await client.query('ROLLBACK').catch(() => undefined);
    }
  }
  return broken;
}

const booleanType = 16;
/** Characters of a query that a sentence quotes. */
const maxQueryLength = 120;

async function assertOne(client: Client, sql: string): Promise<{ says: string; aborted: boolean } | null> {
  try {
    const { rows, fields } = await client.query({ text: sql, rowMode: 'array' });
    if (fields[0]?.dataTypeID !== booleanType) return null;
    const untrue = rows.findIndex((row) => row[0] !== true);
    if (rows.length > 0 && untrue < 0) return null;
    const what = rows.length === 0 ? 'returns no row' : `is ${rows[untrue]?.[0]} in row ${untrue + 1}`;
    return { says: `"${quoteSql(sql, maxQueryLength)}" ${what}`, aborted: false };
  } catch (error) {
    if (isConnectionLost(error)) throw error;
    return { says: `"${quoteSql(sql, maxQueryLength)}" fails: ${(error as Error).message}`, aborted: true };
  }
}
