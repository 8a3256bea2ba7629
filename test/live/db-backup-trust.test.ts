import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { type BackupStore, backUp, restoreDatabase } from '@slipway/backup';
import { DatabaseUrl, UserError } from '@slipway/kernel';
import type { Postgres } from '@slipway/test-services';
import { backupKeys, backupOptions, fillEvents, restoreOptions } from '../support/backups.ts';
import { folderEach } from '../support/folder.ts';
import { postgresForAll, withClient } from '../support/postgres.ts';

let postgres: Postgres;
let folder: string;

postgresForAll((started) => {
  postgres = started;
});
folderEach((empty) => {
  folder = empty;
});
/** A table that takes a second to count, as large ones do. */
const slowToCount = `
  CREATE EXTENSION file_fdw;
  CREATE SERVER slow FOREIGN DATA WRAPPER file_fdw;
  CREATE TABLE slow (n text);
  CREATE FOREIGN TABLE slow_part () INHERITS (slow) SERVER slow OPTIONS (program 'sleep 1; echo 1')`;

beforeAll(async () => {
  await postgres.createDatabase('app');
  await withClient(postgres.url('app'), async (client) => {
    await fillEvents(client, 60_000);
    await client.query(slowToCount);
  });
});
afterEach(() => ask('ALTER ROLE postgres RESET statement_timeout'));

const ask = (sql: string) => withClient(postgres.url('postgres'), (client) => client.query(sql));
const given = (more: Parameters<typeof backupOptions>[1] = {}) =>
  backupOptions({ postgres, url: postgres.url('app'), to: folder }, more);
const dated = (day: number, more: Parameters<typeof backupOptions>[1] = {}) =>
  given({ facts: { ...given().facts, at: new Date(Date.UTC(2026, 0, day)) }, ...more });

test('a store that saved the manifest and reported that it had not is left without the backup', async () => {
  const proven = await backUp(dated(1, { prove: 'restore' }));
  const { store } = given();
  const forgetful: BackupStore = {
    ...store,
    async put(name, content) {
      await store.put(name, content);
      if (name.endsWith('.json')) throw new UserError('the answer was lost', { hint: 'See the network.' });
    },
  };
  await expect(backUp(dated(2, { prove: 'restore', store: forgetful }))).rejects.toThrow(
    'the answer was lost',
  );
  expect(readdirSync(folder).sort()).toEqual([proven.backup.file, proven.backup.manifest].map(fileOf));
});

test('a manifest without its dump is neither the latest backup nor a proven one', async () => {
  const proven = await backUp(dated(1, { prove: 'restore' }));
  const backups = given().store;
  const lost = await backUp(dated(2, { prove: 'restore' }));
  await backups.delete(fileOf(lost.backup.file));
  await backUp(dated(3, { keep: { last: 1, days: 0 } }));
  expect(existsSync(proven.backup.file)).toBe(true);
  await backups.delete(readdirSync(folder).find((name) => /^1\.0\.0-7-20260103.*\.zst$/.test(name)) ?? '');
  const options = restoreOptions(given(), { confirm: '' });
  const restored = await restoreDatabase(options);
  expect(restored.backup.file).toBe(fileOf(proven.backup.file));
  expect(options.log.lines.filter((line) => line.endsWith('it is skipped'))).toHaveLength(2);
}, 60_000);

test('a store that fails while the rows are counted is what is reported, however long the failure takes to show', async () => {
  const { store } = given();
  const slow: BackupStore = {
    ...store,
    async put(_name, content) {
      for await (const _chunk of content) break;
      // As an upload is taken back.
      await setTimeout(300);
      throw new UserError('the credentials lack a permission', { hint: 'Renew them.' });
    },
  };
  await expect(backUp(given({ prove: 'restore', store: slow }))).rejects.toMatchObject({
    name: 'UserError',
    message: 'the credentials lack a permission',
  });
});

test('what pg_dump dies of is not laid to the program that stores', async () => {
  const script = path.join(folder, 'pg_dump');
  const said = 'pg_dump: error: query failed: ERROR:  permission denied for table secrets';
  writeFileSync(script, `#!/bin/sh\necho PGDMP\necho '${said}' >&2\nexit 1\n`, { mode: 0o755 });
  const options = given({ target: { command: ['sh', '-c', `cat > ${folder}/$0`, '{name}'] } });
  options.programs.pgDump = script;
  await expect(backUp(options)).rejects.toMatchObject({
    message: `the backup failed, and nothing was changed: pg_dump exited 1: ${said}`,
    hint: expect.stringContaining('pg_read_all_data'),
  });
});

test('a time limit of the role does not hold for the proof, nor for a restore', async () => {
  await ask("ALTER ROLE postgres SET statement_timeout = '400ms'");
  const { manifest } = await backUp(given({ prove: 'restore' }));
  expect(manifest.proof).toMatchObject({ kind: 'restore', amcheck: 'passed' });
  const restored = await restoreDatabase(restoreOptions(given(), { confirm: '' }));
  expect(restored.swapped).toBe(false);
}, 60_000);

test('where there is a key, a backup that is not encrypted is not restored', async () => {
  await backUp(given());
  const options = restoreOptions(given({ keys: backupKeys }), { confirm: '' });
  await expect(restoreDatabase(options)).rejects.toMatchObject({
    name: 'UserError',
    message: expect.stringMatching(/is not encrypted, and database\.backup\.encrypt is set$/),
  });
});

test('a server for the proof that cannot be reached is distinguished from production', async () => {
  const scratchUrl = DatabaseUrl.parse('postgresql://u:p@127.0.0.1:1/x');
  await expect(backUp(given({ prove: 'restore', scratchUrl }))).rejects.toMatchObject({
    name: 'UserError',
    message: expect.stringMatching(/^database\.backup\.scratch-url: cannot connect to the database: /),
  });
});

const fileOf = (address: string): string => path.basename(address);
