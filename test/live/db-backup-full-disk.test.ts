import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { backUp, restoreDatabase } from '@slipway/backup';
import type { Postgres } from '@slipway/test-services';
import pg from 'pg';
import { backupOptions, fillEvents, restoreOptions } from '../support/backups.ts';
import { folderEach } from '../support/folder.ts';
import { postgresForAll, withClient } from '../support/postgres.ts';

let postgres: Postgres;
let disk: string;
let folder: string;

postgresForAll((started) => {
  postgres = started;
});
folderEach((made) => {
  folder = made;
});
/** New databases are stored on a separate, small disk: the server itself keeps running when that disk is full. */
beforeAll(async () => {
  disk = mkdtempSync(path.join(tmpdir(), 'slipway-disk-'));
  chmodSync(disk, 0o755);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=40m,mode=1777', 'tmpfs', disk]);
  await postgres.createDatabase('app');
  await withClient(postgres.url('app'), (client) => fillEvents(client, 200_000));
  const space = path.join(disk, 'space');
  // Made by the server, whose own it has to be.
  await ask(`COPY (SELECT 1) TO PROGRAM ${pg.escapeLiteral(`mkdir -m 700 ${space}`)}`);
  await ask(`CREATE TABLESPACE small LOCATION ${pg.escapeLiteral(space)}`);
  await ask('ALTER DATABASE template0 SET TABLESPACE small');
}, 60_000);
afterAll(async () => {
  // The server holds its files open until it ends.
  await postgres?.stop();
  execFileSync('umount', [disk]);
  rmSync(disk, { recursive: true });
});

const ask = (sql: string, database = 'postgres'): Promise<unknown> =>
  withClient(postgres.url(database), async (client) => {
    const { rows } = await client.query({ text: sql, rowMode: 'array' });
    return rows[0]?.[0];
  });
const databases = (): Promise<unknown> =>
  ask("SELECT array_agg(datname::text ORDER BY 1) FROM pg_database WHERE datname ~ '^(app|slipway)'");
const given = (more: Parameters<typeof backupOptions>[1] = {}) =>
  backupOptions({ postgres, url: postgres.url('app'), to: folder }, more);
const full = /could not extend file .*(No space left on device|wrote only \d+ of \d+ bytes)/s;

test('a disk that the copy for the proof does not fit on fails the backup, and is empty again', async () => {
  await expect(backUp(given({ prove: 'restore' }))).rejects.toMatchObject({
    name: 'Fault',
    message: expect.stringMatching(
      new RegExp(
        `^the backup failed, and nothing was changed: cannot restore the backup: .*${full.source}`,
        's',
      ),
    ),
    hint: 'Free disk space on the target server.',
  });
  expect(readdirSync(folder)).toEqual([]);
  expect(await databases()).toEqual(['app']);
});

test('a rehearsal that fills it leaves nothing of the copy', async () => {
  await ask('TRUNCATE events', 'app');
  const filling = 'CREATE TABLE much AS SELECT repeat(md5(i::text), 50) FROM generate_series(1, 99999) i';
  const rehearsed = backUp(given({ prove: 'restore' }), (copy) =>
    withClient(copy.reveal(), async (client) => void (await client.query(filling))),
  );
  await expect(rehearsed).rejects.toThrow(full);
  expect(await databases()).toEqual(['app']);
  await withClient(postgres.url('app'), (client) => fillEvents(client, 200_000));
});

test('a restore that does not fit on it leaves the database as it is, serving', async () => {
  await backUp(given());
  await ask("INSERT INTO events (stream_id, data) VALUES ('later', '{}')", 'app');
  await expect(restoreDatabase(restoreOptions(given(), { confirm: 'app' }))).rejects.toMatchObject({
    name: 'Fault',
    message: expect.stringMatching(full),
    hint: 'Free disk space on the target server.',
  });
  expect(await databases()).toEqual(['app']);
  expect(await ask('SELECT count(*)::int FROM events', 'app')).toBe(200_001);
});

test('a disk that has no room for an empty database is reported before the dump', async () => {
  const { bavail, bsize } = statfsSync(disk);
  execFileSync('fallocate', ['-l', String(bavail * bsize - 1_000_000), path.join(disk, 'other')]);
  const options = given({ prove: 'restore' });
  await expect(backUp(options)).rejects.toMatchObject({
    name: 'Fault',
    message: expect.stringMatching(/^cannot create the database to restore into: .*No space left on device/),
    hint: expect.stringContaining('free disk space'),
  });
  expect(readdirSync(folder)).toEqual([]);
  expect(await databases()).toEqual(['app']);
});
