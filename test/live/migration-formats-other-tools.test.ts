import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openVersionTable, readMigrationFolder } from '@slipway/migrations';
import type pg from 'pg';
import { type Files, workspaceWith } from '../support/migration-folder.ts';
import { databaseEach, type OwnDatabase } from '../support/postgres.ts';

let superuser: string;
let client: pg.Client;
let connect: OwnDatabase['connect'];
let workspace: string | undefined;

databaseEach(
  (own) => {
    ({ connect } = own);
    superuser = own.postgres.url(own.name);
  },
  { owner: { user: 'owner', password: 'secret' } },
);
beforeEach(async () => {
  client = await connect(superuser);
});
afterEach(() => {
  if (workspace) rmSync(workspace, { recursive: true, force: true });
});

const plain: Files = { '001_a.sql': 'SELECT 1;', '002_b.sql': 'SELECT 2;', '010_c.sql': 'SELECT 3;' };
const dbmate: Files = { '001_a.sql': '-- migrate:up\nSELECT 1;\n-- migrate:down\n' };
const golang: Files = { '001_a.up.sql': 'SELECT 1;' };

async function open(files: Files, by: pg.Client = client) {
  if (workspace) rmSync(workspace, { recursive: true, force: true });
  workspace = workspaceWith(files);
  const { format, migrations } = await readMigrationFolder(workspace, 'migrations');
  return { versionTable: await openVersionTable(by, format, migrations), migrations };
}

describe('a table of a team', () => {
  test.each([
    ['text', 'version text PRIMARY KEY', "('001'), ('002')"],
    ['whole numbers', 'version int PRIMARY KEY, applied_at timestamptz DEFAULT now()', '(1), (2)'],
    ['a separate id', 'id serial, version bigint UNIQUE, name text', '(1), (2)'],
    ['identity and char', 'id int GENERATED ALWAYS AS IDENTITY, version char(10)', "('001'), ('002')"],
    ['sha256', 'version varchar(20), sha256 text, release text', "('001'), ('002')"],
  ])('with %s is read and written', async (_what, columns, values) => {
    await client.query(
      `CREATE TABLE schema_migrations (${columns}); INSERT INTO schema_migrations (version) VALUES ${values}`,
    );
    const { versionTable, migrations } = await open(plain);
    expect(versionTable.rows?.map(({ version }) => version)).toEqual(['001', '002']);
    await client.query(versionTable.creation ?? '');
    const third = migrations[2];
    if (!third) throw new Error('no third migration');
    await client.query(versionTable.record(third) ?? '');
    const { rows } = await client.query(
      'SELECT version FROM schema_migrations ORDER BY version DESC LIMIT 1',
    );
    expect(String(rows[0].version).trim()).toMatch(/^0?10$/);
    for (const migration of migrations) await client.query(versionTable.forget(migration));
    expect((await open(plain)).versionTable.rows).toEqual([]);
  });

  test('that wants more in a row is refused, with the column named', async () => {
    await client.query('CREATE TABLE schema_migrations (version int, author text NOT NULL)');
    await expect(open(plain)).rejects.toThrow('requires a value for author in every row');
  });

  test('is made new so that the newest is found by ORDER BY, which numbers of one length need', async () => {
    const { versionTable, migrations } = await open(plain);
    expect(versionTable.rows).toBeNull();
    await client.query(versionTable.creation ?? '');
    for (const migration of migrations) await client.query(versionTable.record(migration) ?? '');
    const { rows } = await client.query(
      'SELECT version FROM schema_migrations ORDER BY version DESC LIMIT 1',
    );
    expect(rows).toEqual([{ version: '010' }]);
    await expect(client.query("INSERT INTO schema_migrations (version) VALUES ('x')")).rejects.toThrow(
      /check/,
    );
    await expect(open({ '1_a.sql': 'SELECT 1;', '10_b.sql': 'SELECT 1;' })).rejects.toThrow(
      'different lengths',
    );
  });
});

describe('a table of another tool is recognised by its columns', () => {
  const version = 'version varchar PRIMARY KEY';
  test.each<[string, Files, string, string]>([
    [
      'golang-migrate',
      plain,
      'CREATE TABLE schema_migrations (version bigint, dirty boolean NOT NULL)',
      'belongs to golang-migrate',
    ],
    [
      'Ecto',
      plain,
      'CREATE TABLE schema_migrations (version bigint, inserted_at timestamp)',
      'belongs to Ecto',
    ],
    [
      'Rails',
      plain,
      `CREATE TABLE schema_migrations (${version}); CREATE TABLE ar_internal_metadata (key text)`,
      'belongs to Rails',
    ],
    [
      'Supabase',
      plain,
      `CREATE TABLE schema_migrations (${version}, statements text[])`,
      'belongs to Supabase',
    ],
    ['dbmate', golang, `CREATE TABLE schema_migrations (${version})`, 'belongs to dbmate'],
    ['a team', dbmate, `CREATE TABLE schema_migrations (${version}, at timestamptz)`, 'belongs to a team'],
    ['nobody known', plain, 'CREATE TABLE schema_migrations (number int)', 'does not belong to plain'],
  ])('%s', async (_tool, files, sql, message) => {
    await client.query(sql);
    await expect(open(files)).rejects.toThrow(message);
  });

  test.each<[string, Files, string]>([
    ['flyway', plain, 'CREATE TABLE flyway_schema_history AS SELECT 1 AS installed_rank'],
    [
      'Supabase',
      plain,
      'CREATE SCHEMA supabase_migrations; CREATE TABLE supabase_migrations.schema_migrations AS SELECT 1 AS version',
    ],
    [
      'golang-migrate',
      { 'V1__a.sql': 'SELECT 1;' },
      'CREATE TABLE schema_migrations AS SELECT 1 AS version, false AS dirty',
    ],
    ['Liquibase', dbmate, 'CREATE TABLE databasechangelog AS SELECT 1 AS id'],
  ])('%s ran here before: nothing is run a second time', async (tool, files, sql) => {
    await client.query(sql);
    await expect(open(files)).rejects.toThrow(
      new RegExp(`this database has the table .* of ${tool}, but the folder is read as`),
    );
    await client.query(sql.replace(/.*CREATE TABLE (\S+) .*/, 'TRUNCATE $1'));
    expect((await open(files)).versionTable.rows).toBeNull();
  });
});

test('a table elsewhere in search_path is found, and named with its schema', async () => {
  await client.query('CREATE SCHEMA "My app"; SET search_path = "My app", public');
  expect((await open(plain)).versionTable.table).toBe('"My app".schema_migrations');
  await client.query('CREATE TABLE public.schema_migrations (version text)');
  expect((await open(plain)).versionTable.table).toBe('public.schema_migrations');
  await client.query('SET search_path = nowhere');
  await expect(open(plain)).rejects.toThrow('names no schema that exists');
});

test('a table that may not be read is the user’s to fix', async () => {
  await client.query('CREATE TABLE schema_migrations (version text); GRANT USAGE ON SCHEMA public TO owner');
  await expect(open(plain, await connect())).rejects.toThrow('may not read public.schema_migrations');
});
