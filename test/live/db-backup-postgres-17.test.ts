import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import { backUp, restoreDatabase } from '@slipway/backup';
import { type Postgres, postgres17, startPostgres } from '@slipway/test-services';
import pg from 'pg';
import { awkward, backupKeys, backupOptions, fillEvents, restoreOptions } from '../support/backups.ts';
import { folderEach } from '../support/folder.ts';
import { makeMigrationFixture, owner } from '../support/migrations.ts';
import { postgresForAll, withClient } from '../support/postgres.ts';

let postgres: Postgres;
let folder: string;
let name: string;
let url: string;
let databases = 0;

postgresForAll(
  (started) => {
    postgres = started;
  },
  { needs: ['postgres-17'], start: async () => startPostgres({ binDir: await postgres17(() => {}) }) },
);
folderEach((empty) => {
  folder = empty;
});
// For its owner.
beforeAll(() => postgres.createDatabase('none', awkward));
beforeEach(() => {
  name = `Doc "sense" ${++databases}`;
});

const ask = (database: string, sql: string): Promise<unknown> =>
  withClient(postgres.url(database), async (client) => {
    const { rows } = await client.query({ text: sql, rowMode: 'array' });
    return rows[0]?.[0];
  });

/** A database that sorts as only this version can: by PostgreSQL's own rules, or ICU's. */
async function fill(locale: string): Promise<void> {
  const quoted = [name, awkward.user].map((one) => pg.escapeIdentifier(one));
  await ask('postgres', `CREATE DATABASE ${quoted[0]} OWNER ${quoted[1]} TEMPLATE template0 ${locale}`);
  url = postgres.url(name);
  await withClient(postgres.url(name, awkward), async (client) => {
    await fillEvents(client, 5000);
    await client.query('GRANT MAINTAIN ON events TO PUBLIC');
  });
}

const scratches = "SELECT count(*)::int FROM pg_database WHERE datname ~ '^slipway'";

test.each([
  ['PostgreSQL', "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'", null],
  ['ICU, encrypted', "LOCALE_PROVIDER icu ICU_LOCALE 'de-AT'", backupKeys],
])(
  'a database with the locale of %s is backed up, proven by a restore, lent, and restored',
  async (_title, locale, keys) => {
    await fill(locale);
    const sorted = `SELECT row(datlocprovider, datlocale)::text FROM pg_database WHERE datname = current_database()`;
    const options = backupOptions({ postgres, url, to: folder, major: 17 }, { prove: 'restore', keys });
    const seen: unknown[] = [];
    const { backup, manifest } = await backUp(options, async (copy) => {
      const scratch = decodeURIComponent(new URL(copy).pathname.slice(1));
      seen.push(await ask(scratch, sorted), await ask(scratch, 'SHOW server_version_num'));
    });
    expect(manifest.proof).toMatchObject({ kind: 'restore', amcheck: 'passed' });
    expect(manifest.counts['public.events']).toBe(5000);
    expect(seen).toEqual([await ask(name, sorted), expect.stringMatching(/^17/)]);
    expect(readFileSync(backup.file).length).toBe(manifest.bytes);
    expect(await ask('postgres', scratches)).toBe(0);

    await ask(name, "INSERT INTO events (stream_id, data) VALUES ('later', '{}')");
    const result = await restoreDatabase(restoreOptions(options, { confirm: name }));
    expect(result).toMatchObject({ swapped: true, loss: { events: { lost: 1 } } });
    expect(await ask(name, 'SELECT count(*)::int FROM events')).toBe(5000);
    expect(await ask(name, sorted)).toBe(seen[0]);
    expect(await ask(name, "SELECT has_table_privilege('public', 'events', 'MAINTAIN')")).toBe(true);
  },
);

test('the action finds the programs of this version, and rehearses on what they restored', async () => {
  const fixture = await makeMigrationFixture(postgres, []);
  try {
    await postgres.allowCreateDatabase(owner.user);
    fixture.replaceConfig('backup: {to', 'backup: {prove: restore, to');
    fixture.addMigration(
      '001_t.sql',
      'CREATE TABLE t (a int);\nINSERT INTO t SELECT generate_series(1, 100);',
    );
    const env = { PATH: [postgres.binDir, process.env.PATH].join(path.delimiter) };
    const first = await fixture.migrate({ env });
    expect(first.errors).toEqual([]);
    expect(first.outputs).toMatchObject({ outcome: 'passed', 'schema-version': '001' });
    fixture.addMigration('002_check.sql', 'ALTER TABLE t ADD CONSTRAINT small CHECK (a < 100) NOT VALID;');
    fixture.addMigration('003_valid.sql', 'ALTER TABLE t VALIDATE CONSTRAINT small;');
    const run = await fixture.migrate({ env });
    expect(run.errors[0]).toMatch(/^the rehearsal on the restored backup failed.*is violated by some row/);
    expect(await fixture.versions()).toEqual(['001']);
  } finally {
    await fixture.clear();
  }
});
