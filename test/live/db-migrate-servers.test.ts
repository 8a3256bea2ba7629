import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { newestPostgres, type Postgres, startPostgres } from '@slipway/test-services';
import { type MigrationFixture, makeMigrationFixture } from '../support/migrations.ts';
import { postgresForAll } from '../support/postgres.ts';

const unsaved = { inputs: { backup: 'never' } };

/** The oldest and the newest server at hand. Programs for backups of the newest cannot be had everywhere. */
describe.each([
  ['of the system', () => undefined],
  ['18', () => newestPostgres(() => {})],
])('PostgreSQL %s', (_version, programs) => {
  let postgres: Postgres;
  let fixture: MigrationFixture;
  postgresForAll(
    (started) => {
      postgres = started;
    },
    {
      start: async () => {
        const binDir = await programs();
        return startPostgres(binDir === undefined ? {} : { binDir });
      },
    },
  );
  beforeEach(async () => {
    fixture = await makeMigrationFixture(postgres, []);
    fixture.configure('verify: {drift: off}');
  });
  afterEach(() => fixture.clear());

  test('takes rows by COPY, text of all kinds, and a file with its own transaction', async () => {
    fixture.addMigration('001_t.sql', 'BEGIN;\nCREATE TABLE t (a int, b text);\nCOMMIT;');
    fixture.addMigration(
      '002_rows.sql',
      "COPY t (a, b) FROM stdin;\n1\tit's; \\\\ ä€🚢\n2\t\\N\n\\.\nINSERT INTO t VALUES (3, $ü$ ;--$ü$);\nCOPY t FROM STDIN;\n4\tfour\n\\.\n",
    );
    const run = await fixture.migrate(unsaved);
    expect(run.errors).toEqual([]);
    const { rows } = await fixture.database.query('SELECT * FROM t ORDER BY a');
    expect(rows.map(({ b }) => b)).toEqual(["it's; \\ ä€🚢", null, ' ;--', 'four']);
  });

  test('names the line of the row that a COPY fails at, and nothing of it stays', async () => {
    fixture.addMigration('001_t.sql', 'CREATE TABLE t (a int);');
    fixture.addMigration('002_rows.sql', 'COPY t FROM stdin;\n1\nsecret-of-a-customer\n3\n\\.\n');
    const run = await fixture.migrate(unsaved);
    expect(run.errors[0]).toMatch(
      /^migrations\/002_rows\.sql:3:1: invalid input syntax for type integer \(SQLSTATE 22P02\)/,
    );
    expect(run.errors[0]).not.toContain('secret-of-a-customer');
    expect(await fixture.ask('SELECT count(*)::int FROM t')).toBe(0);
  });

  test('takes 10 MB of SQL in one file', async () => {
    fixture.addMigration('001_t.sql', 'CREATE TABLE t (a int, b text);');
    const line = (index: number): string => `INSERT INTO t VALUES (${index}, '${'ä'.repeat(50)}');\n`;
    fixture.addMigration('002_rows.sql', Array.from({ length: 75_000 }, (_, index) => line(index)).join(''));
    const run = await fixture.migrate(unsaved);
    expect(run.errors).toEqual([]);
    expect(await fixture.ask('SELECT count(*)::int FROM t')).toBe(75_000);
  }, 120_000);

  test('refuses commands of psql and half a transaction, with the line', async () => {
    fixture.addMigration('001_t.sql', 'CREATE TABLE t (a int);\n\\i other.sql');
    fixture.addMigration('002_half.sql', 'BEGIN;\nCREATE TABLE u ();');
    const run = await fixture.migrate(unsaved);
    expect(run.outputs.outcome).toBe('refused');
    expect(run.errors[0]).toContain('001_t.sql:2:1: backslash commands work only in psql');
    expect(run.errors[0]).toContain('002_half.sql:1:1: BEGIN is not allowed here');
    expect(await fixture.relation('schema_migrations')).toBeNull();
  });

  test('retries while a table is busy, and lets readers through between two attempts', async () => {
    fixture.addMigration('001_t.sql', 'CREATE TABLE t (a int);');
    await fixture.migrate(unsaved);
    const [holder, reader] = [await fixture.connect(), await fixture.connect()];
    await holder.query('BEGIN; SELECT * FROM t');
    fixture.addMigration('002_b.sql', 'ALTER TABLE t ADD COLUMN b int;');
    const waiting = `SELECT 1 FROM pg_locks WHERE relation = 't'::regclass AND mode = 'AccessExclusiveLock' AND NOT granted`;
    const run = fixture.migrate(unsaved);
    for (let attempt = 1; attempt <= 2; attempt++) {
      await fixture.until(waiting);
      // It queues after the migration, which gives up before the holder does: otherwise this would never end.
      await reader.query('SELECT * FROM t');
    }
    await holder.query('COMMIT');
    const { outputs, stdout } = await run;
    expect(outputs).toMatchObject({ outcome: 'passed', 'schema-version': '002' });
    expect(stdout).toMatch(
      /002_b\.sql: canceling statement due to lock timeout; blocked by session \d+ .*; attempt 2 of 10 follows/,
    );
  });

  test('says what a table knows that the files do not, and changes nothing', async () => {
    fixture.addMigration('001_t.sql', 'CREATE TABLE t (a int);');
    await fixture.migrate(unsaved);
    await fixture.database.query("INSERT INTO schema_migrations (version) VALUES ('007')");
    fixture.addMigration('002_u.sql', 'CREATE TABLE u ();');
    const run = await fixture.migrate(unsaved);
    expect(run.outputs.outcome).toBe('refused');
    expect(run.errors[0]).toContain(
      'version 007 is in the database, but has no file: is this an older checkout?',
    );
    expect(await fixture.relation('u')).toBeNull();
  });

  test('an index is built without a lock, and what fails half way is continued', async () => {
    fixture.addMigration('001_t.sql', 'CREATE TABLE t (a int);\nINSERT INTO t VALUES (1), (1);');
    fixture.addMigration('002_index.sql', 'CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a);');
    const run = await fixture.migrate(unsaved);
    expect(run.errors[0]).toContain('none of the 1 statements of migrations/002_index.sql was applied');
    await fixture.database.query('TRUNCATE t');
    expect((await fixture.migrate(unsaved)).outputs).toMatchObject({
      outcome: 'passed',
      'schema-version': '002',
    });
  });
});

test('a server whose programs are not there is not dumped by those of another version', async () => {
  const postgres = await startPostgres({ binDir: await newestPostgres(() => {}) });
  const fixture = await makeMigrationFixture(postgres, []);
  try {
    fixture.addMigration('001_t.sql', 'CREATE TABLE t (a int);');
    const run = await fixture.migrate();
    expect(run.outputs.outcome).toBe('refused');
    expect(run.errors[0]).toMatch(/pg_dump.* 18.*was not found|pg_dump of PostgreSQL 18/);
    expect(fixture.manifests()).toEqual([]);
    expect(await fixture.relation('t')).toBeNull();
  } finally {
    await fixture.clear();
    await postgres.stop();
  }
}, 120_000);
