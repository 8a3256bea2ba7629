import { UserError } from '@slipway/kernel';
import { quoteLiteral } from '@slipway/postgres';
import type { Client } from 'pg';
import { formats } from '../formats/index.ts';
import { otherTools } from '../formats/other-tools.ts';

/** Version tables of tools that run their own migrations, as to_regclass takes them, and the query that lists each. */
const known: readonly { table: string; sql: string }[] = [
  ...otherTools.flatMap(({ versions }) => versions ?? []),
  ...formats.flatMap(({ table: { schema, name, versions } }) =>
    versions === null ? [] : [{ table: schema === null ? name : `${schema}.${name}`, sql: versions }],
  ),
];

/**
 * The query whose first column lists the versions that a tool has applied, oldest first.
 * @returns null when there is no known version table, as before the very first migration.
 * @throws UserError when there are several: nothing says which of them is meant.
 */
export async function findVersionQuery(client: Client): Promise<string | null> {
  const values = known.map(({ table }) => `(${quoteLiteral(table)})`).join(', ');
  const { rows } = await client.query<{ name: string }>(
    `SELECT name FROM (VALUES ${values}) known(name) WHERE to_regclass(name) IS NOT NULL`,
  );
  const existing = new Set(rows.map(({ name }) => name));
  const [found, second] = known.filter(({ table }) => existing.has(table));
  if (found && second) {
    throw new UserError(
      `the database has version tables of several tools: ${found.table} and ${second.table}`,
      {
        hint: 'Set database.migrations.versions to a query whose first column lists the applied versions, oldest first.',
      },
    );
  }
  return found?.sql ?? null;
}

/** The applied versions, oldest first. @throws UserError when the query cannot be run. */
export async function listVersions(client: Client, sql: string): Promise<string[]> {
  try {
    const { rows } = await client.query({ text: sql, rowMode: 'array' });
    return rows.map((row) => String(row[0]));
  } catch (cause) {
    throw new UserError(`cannot list the applied versions: ${(cause as Error).message}`, {
      cause,
      hint: 'Set database.migrations.versions to a query whose first column lists them, oldest first.',
    });
  }
}
