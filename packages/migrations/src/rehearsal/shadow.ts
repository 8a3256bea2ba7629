import { Fault, UserError } from '@slipway/kernel';
import { quoteIdentifier } from '@slipway/postgres';
import type { Client } from 'pg';
import { sendScript } from '../run/script-query.ts';

/** Distinguishes a database that an earlier rehearsal filled from one that somebody uses. */
const mark = 'slipway shadow: may be emptied at any time';

/**
 * Makes a database an empty copy of the production schema. It must be empty, or left by an earlier rehearsal.
 * @param dump What `pg_dump --schema-only` wrote.
 * @param production A connection to the database that is rehearsed for.
 * @throws UserError when it is that one, when it holds anything else, or may not be changed; Fault when the schema cannot be made there.
 */
export async function fillShadow(client: Client, dump: string, production: Client): Promise<void> {
  if ((await identityOf(client)) === (await identityOf(production))) {
    throw new UserError('the shadow database is the database to be migrated', {
      hint: 'Name another, empty database in database.shadow-url. Nothing was changed.',
    });
  }
  const { rows } = await client.query<{ marked: boolean; database: string; tables: number }>(
    `SELECT current_database() AS database,
       coalesce(shobj_description(oid, 'pg_database') = '${mark}', false) AS marked,
       (SELECT count(*)::int FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema') AS tables
     FROM pg_database WHERE datname = current_database()`,
  );
  const { marked = false, database = '', tables = 0 } = rows[0] ?? {};
  if (!marked && tables > 0) {
    throw new UserError(
      `the shadow database ${database} is not empty: it contains ${tables} tables or views`,
      {
        hint: 'Name an empty database in database.shadow-url; it is emptied and filled at every rehearsal. Nothing was changed.',
      },
    );
  }
  try {
    await client.query(`COMMENT ON DATABASE ${quoteIdentifier(database)} IS '${mark}'`);
    await empty(client);
    await sendScript(client, dump.replace(/^\\.*$/gm, ''));
    await client.query('DISCARD ALL');
  } catch (cause) {
    throw new Fault(
      `cannot create the schema in the shadow database ${database}: ${(cause as Error).message}`,
      {
        cause,
        hint: 'The user must own that database, and its server needs the extensions that production has. Nothing was changed in production.',
      },
    );
  }
}

async function empty(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT nspname AS name FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'",
  );
  const drops = rows.map(({ name }) => `DROP SCHEMA ${quoteIdentifier(name)} CASCADE`);
  await sendScript(client, [...drops, 'CREATE SCHEMA public'].join(';\n'));
}

/** Which database of which running server this is; a server that restarts in between counts as another, which does no harm. */
async function identityOf(client: Client): Promise<string> {
  const { rows } = await client.query<{ identity: string }>(
    `SELECT extract(epoch FROM pg_postmaster_start_time())::text || ' ' || oid::text AS identity
     FROM pg_database WHERE datname = current_database()`,
  );
  return rows[0]?.identity ?? '';
}
