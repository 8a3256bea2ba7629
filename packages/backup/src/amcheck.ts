import { type DatabaseAddress, type DatabaseUrl, type Exec, Fault, lastLines } from '@slipway/kernel';
import { closeConnection, connectionEnvironment } from '@slipway/postgres';
import { type ConnectionStep, openConnection } from './scratch.ts';

/**
 * Runs pg_amcheck on every table and index of a restored copy. It needs a superuser and the extension there.
 * @returns `passed`, or why it could not be run. @throws Fault when it finds corruption; Cancelled.
 */
export async function checkPages(
  pgAmcheck: string | null,
  target: { url: DatabaseUrl; at: DatabaseAddress },
  { exec, ...step }: ConnectionStep & { exec: Exec },
): Promise<string> {
  if (pgAmcheck === null) return 'not run: pg_amcheck is not installed';
  const { client } = await openConnection(target.url, 'slipway amcheck', step);
  try {
    const { rows } = await client.query(
      `SELECT current_setting('is_superuser') = 'on' AS super,
         EXISTS (SELECT FROM pg_available_extensions WHERE name = 'amcheck') AS available`,
    );
    if (!rows[0]?.available) return 'not run: the server has no extension amcheck';
    if (!rows[0]?.super) return 'not run: it requires a superuser';
  } finally {
    await closeConnection(client);
  }
  const done = await exec({
    argv: [pgAmcheck, '--no-password', '--install-missing', '--jobs=2'],
    env: {
      ...connectionEnvironment(target.at, target.url),
      PGAPPNAME: 'slipway amcheck',
      PGOPTIONS: '-c statement_timeout=0',
    },
  });
  if (done.ok) return 'passed';
  throw new Fault(`pg_amcheck found corruption in the restored copy: ${lastLines(done, 3).join(' ')}`, {
    hint: 'Check the disk and memory of the server that holds the copy, and the indexes of the original database.',
  });
}
