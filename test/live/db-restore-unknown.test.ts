import { closeSync, openSync, writeSync } from 'node:fs';
import * as path from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { backUp, previewRestore, type RestoreOptions, restoreDatabase } from '@slipway/backup';
import type { Postgres } from '@slipway/test-services';
import pg from 'pg';
import { awkward, backupOptions, fillEvents, restoreOptions } from '../support/backups.ts';
import { folderEach } from '../support/folder.ts';
import { databaseEach, type OwnDatabase, withClient } from '../support/postgres.ts';
import { until } from '../support/until.ts';

let postgres: Postgres;
let folder: string;
let name: string;
let url: string;
let connect: OwnDatabase['connect'];
let superuser: pg.Client;

databaseEach(
  (own) => {
    ({ postgres, name, url, connect } = own);
  },
  { owner: awkward },
);
folderEach((empty) => {
  folder = empty;
});
beforeEach(async () => {
  await postgres.allowCreateDatabase(awkward.user);
  await withClient(url, async (client) => {
    await fillEvents(client, 20_000);
    await client.query('CREATE TABLE small AS SELECT 1 AS id');
  });
  await backUp(backupOptions({ postgres, url, to: folder }));
  await withClient(url, (client) => client.query('INSERT INTO small VALUES (2)'));
  superuser = await connect(postgres.url(name));
});

const options = (
  more: Parameters<typeof restoreOptions>[1] = {},
  made: Parameters<typeof backupOptions>[1] = {},
) => restoreOptions(backupOptions({ postgres, url, to: folder }, made), more);

/** Both ways to learn what would be lost. */
const ways: [
  string,
  (given: RestoreOptions) => Promise<Pick<Awaited<ReturnType<typeof restoreDatabase>>, 'loss'>>,
][] = [
  ['a dry run', previewRestore],
  ['a restore without confirmation', restoreDatabase],
];

const small = { name: 'public.small', before: 1, now: 2 };

describe.each(ways)('%s', (_title, previewLoss) => {
  test('says who locks a table, instead of waiting for its rows', async () => {
    await superuser.query('BEGIN; LOCK TABLE events');
    const { rows } = await superuser.query('SELECT pg_backend_pid() AS pid');
    const unknown = `it is locked by session ${rows[0].pid} of postgres (unnamed)`;
    const { loss } = await previewLoss(options());
    expect(loss.events).toEqual({ table: 'public.events', lost: null, from: null, to: null, unknown });
    expect(loss.tables).toMatchObject([{ name: 'public.events', before: 20_000, now: null, unknown }, small]);
  });

  test('is not stopped by the time limit of the user', async () => {
    const role = pg.escapeIdentifier(awkward.user);
    // Each row that is counted takes a while.
    await superuser.query(`CREATE TABLE slow (id int); INSERT INTO slow SELECT generate_series(1, 200);
      ALTER TABLE slow OWNER TO ${role}; ALTER TABLE slow ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
      CREATE POLICY slowly ON slow USING (pg_sleep(0.005) IS NOT NULL);
      ALTER ROLE ${role} IN DATABASE ${pg.escapeIdentifier(name)} SET statement_timeout = '300ms'`);
    const { loss } = await previewLoss(options());
    expect(loss.tables).toMatchObject([{ name: 'public.slow', before: null, now: 200 }, small]);
  });

  test('ends at once when it is cancelled while it waits for a lock', async () => {
    await superuser.query('BEGIN; LOCK TABLE small');
    const stop = new AbortController();
    const run = previewLoss(options({}, { signal: stop.signal }));
    const over = expect(run).rejects.toMatchObject({ name: 'Cancelled' });
    const admin = await connect(postgres.url('postgres'));
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = '${name}' AND application_name = 'slipway restore' AND wait_event_type = 'Lock'`;
    await until(async () => (await admin.query(waiting)).rowCount, { every: 0 });
    stop.abort();
    await over;
    // The lock that it waited for is still held.
    expect(
      (await superuser.query("SELECT 1 FROM pg_locks WHERE relation = 'small'::regclass AND granted"))
        .rowCount,
    ).toBe(1);
  });

  test('says which table is damaged, and counts the others', async () => {
    await damage('events');
    const { loss } = await previewLoss(options());
    const unknown = expect.stringMatching(/^invalid page in block 100 of relation/);
    expect(loss.tables).toMatchObject([{ name: 'public.events', before: 20_000, now: null, unknown }, small]);
  });
});

test('a database with a damaged table is restored', async () => {
  await superuser.query(
    "INSERT INTO events (stream_id, data) SELECT 'later', '{}' FROM generate_series(1, 5)",
  );
  await damage('events');
  await superuser.end();
  const result = await restoreDatabase(options({ confirm: name }));
  // The sequence of the old one also shows which positions it had given out.
  expect(result).toMatchObject({
    swapped: true,
    carried: { sequences: ['public.events_global_position_seq'] },
  });
  const next =
    "INSERT INTO events (stream_id, data) VALUES ('new', '{}') RETURNING global_position::int AS n";
  expect((await withClient(url, (client) => client.query(next))).rows[0].n).toBe(20_006);
});

/** Overwrites the header of a page in the middle of the file of a table, as a broken disk would. */
async function damage(table: string): Promise<void> {
  // A new file that is not in the memory of the server, where the page would stay whole.
  await superuser.query(
    `ALTER TABLE ${table} DROP CONSTRAINT ${table}_pkey, SET (autovacuum_enabled = false)`,
  );
  await superuser.query(`VACUUM FULL ${table}`);
  await superuser.query('CHECKPOINT');
  const { rows } = await superuser.query(
    `SELECT current_setting('data_directory') AS data, pg_relation_filepath('${table}') AS file`,
  );
  const file = openSync(path.join(rows[0].data, rows[0].file), 'r+');
  writeSync(file, Buffer.alloc(512, 0xff), 0, 512, 100 * 8192);
  closeSync(file);
}
