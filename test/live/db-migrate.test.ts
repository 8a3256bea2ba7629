import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { decodeRecord } from '@slipway/release';
import type { Postgres } from '@slipway/test-services';
import { example, type MigrationFixture, migrationFixtureEach } from '../support/migrations.ts';

let postgres: Postgres;
let fixture: MigrationFixture;

migrationFixtureEach((given) => {
  ({ postgres, fixture } = given);
});

test('migrates after a proven backup, then finds nothing to do', async () => {
  const first = await fixture.migrate();
  expect(first).toMatchObject({ code: 0, errors: [] });
  expect(first.outputs).toMatchObject({ outcome: 'passed', 'schema-version': '002', applied: '2' });
  expect(first.outputs.summary).toMatch(
    /^The schema went from nothing to 002 by 2 migrations in .*, after a backup of .* \(sha256 [0-9a-f]{12}\)\.$/,
  );
  expect(await fixture.ask('SELECT version FROM schema_migrations ORDER BY version DESC LIMIT 1')).toBe(
    '002',
  );
  const record = decodeRecord(first.outputs.release ?? '');
  expect(record.database).toMatchObject({
    before: null,
    after: '002',
    applied: ['001', '002'],
    class: 'expand',
  });
  const backup = record.database?.backup;
  const bytes = readFileSync(backup?.file ?? '');
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(backup?.sha256);
  expect(JSON.parse(readFileSync(backup?.manifest ?? '', 'utf8'))).toMatchObject({
    schema: 3,
    sha256: backup?.sha256,
    bytes: bytes.length,
    database: fixture.name,
    schemaVersion: null,
    release: '1.0.0-7',
    commit: 'c0ffee',
  });
  execFileSync(path.join(postgres.binDir, 'pg_restore'), ['--list'], { input: zstdDecompressSync(bytes) });

  const second = await fixture.migrate();
  expect(second.outputs).toMatchObject({ outcome: 'passed', applied: '0', backup: '' });
  expect(second.outputs.summary).toBe(
    'The schema is at 002, nothing to do; schema files run only before migrations.',
  );
  expect(fixture.manifests()).toHaveLength(1);
  // It is the same release: the version that it replaces ran on the schema from before its first attempt.
  expect(decodeRecord(second.outputs.release ?? '').database).toMatchObject({
    before: null,
    after: '002',
    class: 'expand',
  });

  const forced = await fixture.migrate({ inputs: { backup: 'always' } });
  expect(forced.outputs.summary).toContain('The schema is at 002, nothing to do');
  expect(fixture.manifests()).toHaveLength(2);
});

test('a dry run lists what is pending and changes nothing', async () => {
  fixture.addMigration('003_drop.sql', '-- slipway: contract\nALTER TABLE documents DROP COLUMN source;');
  const run = await fixture.migrate({ inputs: { 'dry-run': 'true' } });
  expect(run.outputs).toMatchObject({ outcome: 'skipped', applied: '0' });
  expect(run.outputs.summary).toMatch(
    /^Dry run: 2 schema files and 3 migrations would be run after a backup: .*migrations\/003_drop\.sql \(contract\); nothing was changed\.$/,
  );
  expect([
    await fixture.relation('schema_migrations'),
    await fixture.relation('events'),
    existsSync(fixture.backups),
  ]).toEqual([null, null, false]);
});

describe('a file that fails', () => {
  test('is rolled back whole, and reported by file, line and what the server said', async () => {
    cpSync(
      path.join(example, 'faults/003_broken.sql'),
      path.join(fixture.workspace, 'migrations/003_broken.sql'),
    );
    fixture.addMigration('004_after.sql', 'CREATE TABLE after_it ();');
    const run = await fixture.migrate();
    expect(run.outputs).toMatchObject({ outcome: 'failed', 'schema-version': '002', applied: '2' });
    expect(run.errors).toHaveLength(1);
    expect(run.errors[0]).toMatch(
      /^migrations\/003_broken\.sql:5:33: column "detected_language" does not exist.* \(SQLSTATE 42703\) in "UPDATE documents SET language = detected_language"\.\nmigrations\/003_broken\.sql was rolled back; the schema is at 002; nothing was rolled out\.\nFix the file/,
    );
    expect(await fixture.versions()).toEqual(['001', '002']);
    expect(
      await fixture.ask("SELECT count(*) FROM information_schema.columns WHERE column_name = 'language'"),
    ).toBe('0');
    const record = decodeRecord(run.outputs.release ?? '');
    expect(record.database).toMatchObject({ after: '002', backup: { sha256: expect.any(String) } });
    expect(record.phases[0]?.evidence).toMatchObject({
      files: [
        { state: 'schema' },
        { state: 'schema' },
        { state: 'applied' },
        { state: 'applied' },
        { file: 'migrations/003_broken.sql', state: 'failed' },
        { state: 'pending' },
      ],
    });
  });

  test('at run time is placed as well, and no row of the database is quoted', async () => {
    fixture.addMigration(
      '003_unique.sql',
      "-- ä€😀\nCREATE TABLE u (mail text UNIQUE);\n\nINSERT INTO u VALUES ('ann@example.com');\n  INSERT INTO u\n    SELECT mail FROM u;",
    );
    const run = await fixture.migrate();
    expect(run.errors[0]).toContain(
      'migrations/003_unique.sql:5:3: duplicate key value violates unique constraint "u_mail_key" (table u) (SQLSTATE 23505) in "INSERT INTO u"',
    );
    expect(run.errors[0]).not.toContain('ann@example.com');
  });

  test('and what it set for its session reaches nobody else', async () => {
    fixture.addMigration(
      '003_dumped.sql',
      "SELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE public.dumped ();",
    );
    fixture.addMigration('004_next.sql', 'CREATE TABLE next_one ();');
    expect((await fixture.migrate()).outputs).toMatchObject({ outcome: 'passed', 'schema-version': '004' });
    expect(await fixture.relation('public.next_one')).toBe('next_one');
  });
});

test('what is deferred to the COMMIT of a file runs within the limits as well', async () => {
  fixture.addMigration(
    '003_deferred.sql',
    `CREATE TABLE seen (lock text, watch text);
CREATE TABLE late (a int);
CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO seen VALUES (current_setting('lock_timeout'), current_setting('client_connection_check_interval'));
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER looks AFTER INSERT ON late DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION look();
INSERT INTO late VALUES (1);`,
  );
  fixture.configure('lock-timeout: 3s');
  expect((await fixture.migrate()).outputs).toMatchObject({ outcome: 'passed', 'schema-version': '003' });
  expect(await fixture.ask("SELECT lock || ' ' || watch FROM seen")).toBe('3s 1s');
});

test('files and table that contradict each other are refused before anything runs', async () => {
  await fixture.migrate();
  fixture.addMigration('001_documents_projection.sql', 'CREATE TABLE documents ();');
  fixture.addMigration('000_late.sql', 'SELECT 1;');
  const run = await fixture.migrate();
  expect(run.outputs.outcome).toBe('refused');
  expect(run.errors[0]).toContain('migrations/000_late.sql: is new, but 002 is already applied');
  expect(run.errors[0]).toContain(
    'migrations/001_documents_projection.sql: was changed after it was applied',
  );
  expect(fixture.manifests()).toHaveLength(1);
});

test.each([
  ['golang-migrate', 'CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL)'],
  [
    'Rails',
    'CREATE TABLE schema_migrations (version varchar PRIMARY KEY); CREATE TABLE ar_internal_metadata (key text)',
  ],
])('the version table of %s is left alone', async (tool, sql) => {
  await fixture.database.query(sql);
  const run = await fixture.migrate();
  expect(run.outputs.outcome).toBe('refused');
  expect(run.errors[0]).toMatch(
    new RegExp(
      `the table public.schema_migrations \\(version.*\\) belongs to ${tool}.*; nothing was changed`,
    ),
  );
});
