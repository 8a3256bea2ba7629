import { beforeEach, expect, test } from '@jest/globals';
import { backUp } from '@slipway/backup';
import type { Postgres } from '@slipway/test-services';
import pg from 'pg';
import { backupOptions, fillEvents, startBackupProcess } from '../support/backups.ts';
import { folderEach } from '../support/folder.ts';
import { databaseEach, type OwnDatabase, withClient } from '../support/postgres.ts';
import { until } from '../support/until.ts';

let postgres: Postgres;
let admin: pg.Client;
let folder: string;
let name: string;
let url: string;
let connect: OwnDatabase['connect'];

databaseEach((own) => {
  ({ postgres, name, url, connect } = own);
});
folderEach((empty) => {
  folder = empty;
});
beforeEach(async () => {
  admin = await connect(postgres.url('postgres'));
  await inside((client) => fillEvents(client, 20_000));
  await backUp(backupOptions({ postgres, url, to: folder }));
  await inside((client) => client.query("INSERT INTO events (stream_id, data) VALUES ('later', '{}')"));
});
const inside = <T>(use: (client: pg.Client) => Promise<T>, database = name): Promise<T> =>
  withClient(postgres.url(database), use);

/** 20,001 in the old database, 20,000 in the restored one. */
const events = (): Promise<number> =>
  inside(async (client) => (await client.query('SELECT count(*)::int AS n FROM events')).rows[0].n);

const start = () =>
  startBackupProcess({ do: 'restore', url, binDir: postgres.binDir, to: folder, confirm: name });

async function found(sql: string): Promise<string | undefined> {
  const { rows } = await admin.query({ text: sql, rowMode: 'array' });
  return rows[0]?.[0];
}

/** Polls without a pause: what it waits for exists only for a moment. */
const untilFound = (sql: string): Promise<string> => until(() => found(sql), { every: 0 });

const restored = () => `SELECT datname FROM pg_database WHERE starts_with(datname, '${name}_restore_')`;
const closed = () => `SELECT datname FROM pg_database WHERE datname = '${name}' AND NOT datallowconn`;
const names = async (): Promise<string[]> =>
  (
    await admin.query(`SELECT datname FROM pg_database WHERE starts_with(datname, '${name}') ORDER BY 1`)
  ).rows.map(({ datname }) => datname);

/** The next run cleans up what it finds and does what it is asked for. */
async function runsAgain(): Promise<void> {
  expect(await start().over).toBe('done');
  expect(await events()).toBe(20_000);
  expect(await names()).toEqual([name, expect.stringMatching(/_old_\d{17}$/)]);
}

test('killed in the middle of pg_restore: the old database serves on', async () => {
  const run = start();
  await untilFound(
    "SELECT query FROM pg_stat_activity WHERE application_name = 'slipway restore' AND query ~ '^COPY'",
  );
  run.child.kill('SIGKILL');
  await run.over;
  expect(await events()).toBe(20_001);
  expect(await names()).toHaveLength(2);
  await runsAgain();
}, 60_000);

test('killed when the old database is closed: it is there, and the next run opens it', async () => {
  const run = start();
  await untilFound(closed());
  run.child.kill('SIGKILL');
  await run.over;
  // Either it came no further, or it was quicker than the signal and is done.
  if ((await found(closed())) !== undefined) expect(await names()).toHaveLength(2);
  await runsAgain().catch(async (error) => {
    if ((await names()).length < 3) throw error;
  });
  expect(await events()).toBe(20_000);
}, 60_000);

test('killed between the two renames: the name is never without a database', async () => {
  let without = 0;
  let watching = true;
  const watcher = inside(async (client) => {
    while (watching) {
      const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
      if (rowCount === 0) without++;
    }
  }, 'template1');
  const run = start();
  await untilFound(closed());
  // A session in the new database makes the second rename wait.
  const holder = await connect(postgres.url(await untilFound(restored())));
  await untilFound(
    "SELECT query FROM pg_stat_activity WHERE query ~ 'ALTER DATABASE .*_restore_.* RENAME TO' AND state = 'active' AND pid <> pg_backend_pid()",
  );
  run.child.kill('SIGKILL');
  await run.over;
  await holder.end();
  await untilFound(
    `SELECT 'gone' WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE query ~ 'RENAME TO' AND pid <> pg_backend_pid())`,
  );
  expect(await names()).toEqual([name, expect.stringMatching(/_restore_\d{17}$/)]);
  expect(await found(closed())).toBe(name);
  await runsAgain();
  watching = false;
  await watcher;
  expect(without).toBe(0);
}, 60_000);

test('a database that is without its name gets it back', async () => {
  const quoted = pg.escapeIdentifier(name);
  await admin.query(`ALTER DATABASE ${quoted} ALLOW_CONNECTIONS false`);
  await admin.query(
    `ALTER DATABASE ${quoted} RENAME TO ${pg.escapeIdentifier(`${name}_old_20260101000000000`)}`,
  );
  await admin.query(`CREATE DATABASE ${pg.escapeIdentifier(`${name}_restore_20260101000000000`)}`);
  await runsAgain();
}, 60_000);

test('a database that somebody else closed stays closed', async () => {
  await admin.query(`ALTER DATABASE ${pg.escapeIdentifier(name)} ALLOW_CONNECTIONS false`);
  expect(await start().over).toMatch(
    /^UserError: cannot connect to the database: .*not currently accepting connections/,
  );
  expect(await found(closed())).toBe(name);
}, 60_000);

test('two at a time: the second does not take the first one for an abandoned restore', async () => {
  const first = start();
  await untilFound(restored());
  const second = start();
  expect(await first.over).toBe('done');
  expect(await second.over).toMatch(/^done$|^Fault: another restore of the database/);
  expect(await events()).toBe(20_000);
  expect(await found(restored())).toBeUndefined();
}, 60_000);

test('a migration that is running is waited for', async () => {
  const migration = await connect();
  // The lock of db-migrate.
  await migration.query('BEGIN; SELECT pg_advisory_xact_lock(6515494249964605202)');
  const run = start();
  await untilFound(
    "SELECT query FROM pg_stat_activity WHERE application_name = 'slipway restore' AND query ~ 'pg_try_advisory_xact_lock|pg_locks'",
  );
  expect(await found(restored())).toBeUndefined();
  await migration.query('COMMIT');
  await migration.end();
  expect(await run.over).toBe('done');
}, 60_000);
