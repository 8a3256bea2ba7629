import { beforeEach, describe, expect, test } from '@jest/globals';
import { decodeRecord } from '@slipway/release';
import type { Postgres } from '@slipway/test-services';
import type { BundleResult } from '../support/action.ts';
import { type MigrationFixture, migrationFixtureEach, owner } from '../support/migrations.ts';

let postgres: Postgres;
let plot: MigrationFixture;

migrationFixtureEach((ground) => {
  ({ postgres, plot } = ground);
}, []);
beforeEach(async () => {
  plot.addMigration('001_t.sql', 'CREATE TABLE t (a int);\nINSERT INTO t SELECT generate_series(1, 100);');
  expect((await plot.migrate(unsaved)).outputs.outcome).toBe('passed');
});

const unsaved = { inputs: { backup: 'never' } };
const checks = (run: BundleResult): Record<string, string> => {
  const evidence = decodeRecord(run.outputs.release ?? '').phases.at(-1)?.evidence;
  const items = evidence?.kind === 'migration' ? (evidence.checks ?? []) : [];
  return Object.fromEntries(items.map(({ id, state }) => [id, state]));
};

describe('staging', () => {
  let staging: string;
  beforeEach(async () => {
    staging = postgres.url(`${plot.name}_staging`, owner);
    await postgres.createDatabase(`${plot.name}_staging`, owner);
    plot.addMigration('002_u.sql', 'CREATE TABLE u ();');
  });
  const on = () => ({ ...unsaved, env: { STAGING_URL: staging } });

  test('must have every pending migration', async () => {
    plot.configure('staging: {url: "${STAGING_URL}"}');
    const refused = await plot.migrate(on());
    expect(refused.outputs.outcome).toBe('refused');
    expect(refused.errors[0]).toContain('migrations/002_u.sql: was not applied on staging');
    expect(await plot.relation('u')).toBeNull();
  });

  test('counts what was applied there from the very same text', async () => {
    await plot.migrate({
      ...unsaved,
      env: { DATABASE_URL: staging, GITHUB_RUN_ID: '6' },
    });
    plot.configure('staging: {url: "${STAGING_URL}"}');
    plot.write('migrations/002_u.sql', 'CREATE TABLE u (edited int);');
    expect((await plot.migrate(on())).errors[0]).toContain(
      '002_u.sql: was applied on staging from another text',
    );

    plot.addMigration('002_u.sql', 'CREATE TABLE u ();');
    const run = await plot.migrate(on());
    expect(run.outputs.outcome).toBe('passed');
    expect(checks(run)).toMatchObject({ staging: 'passed', versions: 'passed' });
  });

  test('that cannot be asked refuses', async () => {
    plot.configure('staging: {url: "${STAGING_URL}"}');
    const run = await plot.migrate({ ...unsaved, env: { STAGING_URL: postgres.url('nowhere', owner) } });
    expect(run.errors[0]).toMatch(/^cannot check staging: .*no database with that name/);
  });
});

describe('a rehearsal', () => {
  const dated = { env: { GITHUB_RUN_ID: '8' } };

  test('on the restored backup catches what only the data of production shows', async () => {
    await postgres.allowCreateDatabase(owner.user);
    plot.replaceConfig('backup: {to', 'backup: {prove: restore, to');
    plot.addMigration('002_check.sql', 'ALTER TABLE t ADD CONSTRAINT small CHECK (a < 100) NOT VALID;');
    plot.addMigration('003_valid.sql', 'ALTER TABLE t VALIDATE CONSTRAINT small;');
    const run = await plot.migrate(dated);
    expect(run.outputs.outcome).toBe('failed');
    expect(run.errors[0]).toMatch(
      /^the rehearsal on the restored backup failed, and production was not touched: migrations\/003_valid\.sql:1:1: check constraint "small" of relation "t" is violated by some row/,
    );
    expect(await plot.versions()).toEqual(['001']);

    plot.addMigration('002_check.sql', 'ALTER TABLE t ADD CONSTRAINT small CHECK (a <= 100) NOT VALID;');
    const good = await plot.migrate(dated);
    expect(good.outputs).toMatchObject({ outcome: 'passed', 'schema-version': '003' });
    expect(good.outputs.summary).toContain('and a rehearsal');
    expect(checks(good)).toMatchObject({ rehearsal: 'passed', 'down-migrations': 'skipped' });
    const evidence = decodeRecord(good.outputs.release ?? '').phases.at(-1)?.evidence;
    expect(evidence).toMatchObject({
      files: [
        { file: 'migrations/002_check.sql', rehearsed: { locks: ['t: AccessExclusiveLock'] } },
        { file: 'migrations/003_valid.sql', rehearsed: { ms: expect.any(Number) } },
      ],
    });
    expect(await databases()).toEqual([]);
  });

  test('in a shadow database goes up, down and up, and finds down migrations that do not restore the schema', async () => {
    await postgres.createDatabase(`${plot.name}_shadow`, owner);
    const env = { SHADOW_URL: postgres.url(`${plot.name}_shadow`, owner) };
    plot.configure('shadow-url: ${SHADOW_URL}');
    plot.addMigration('002_b.sql', 'ALTER TABLE t ADD COLUMN b int;');
    plot.addMigration('002_b.down.sql', 'ALTER TABLE t DROP COLUMN b;');
    plot.addMigration('003_c.sql', 'ALTER TABLE t ADD COLUMN c int;');
    plot.addMigration('003_c.down.sql', 'SELECT 1;');
    const run = await plot.migrate({ ...unsaved, env });
    expect(run.errors).toEqual([]);
    expect(checks(run)).toMatchObject({ rehearsal: 'passed', 'down-migrations': 'failed' });
    expect(run.stdout).toContain(
      'the down migrations do not restore the previous schema: + table public.t: column c integer',
    );

    plot.addMigration('004_d.sql', 'ALTER TABLE t ADD COLUMN d int;');
    plot.addMigration('004_d.down.sql', 'ALTER TABLE t DROP COLUMN d;');
    expect(checks(await plot.migrate({ ...unsaved, env }))).toMatchObject({ 'down-migrations': 'passed' });
  });

  test('does not run what all databases of the server share', async () => {
    await postgres.createDatabase(`${plot.name}_shadow`, owner);
    plot.configure('shadow-url: ${SHADOW_URL}');
    plot.addMigration('002_role.sql', `ALTER ROLE ${owner.user} SET work_mem = '8MB';`);
    const run = await plot.migrate({
      ...unsaved,
      env: { SHADOW_URL: postgres.url(`${plot.name}_shadow`, owner) },
    });
    expect(run.errors).toEqual([]);
    expect(checks(run)).toMatchObject({ rehearsal: 'skipped' });
    expect(run.stdout).toContain('002_role.sql:1 changes what all databases of a server share: ALTER ROLE');
  });

  test('never fills a database that is somebody’s', async () => {
    plot.configure('shadow-url: ${DATABASE_URL}');
    plot.addMigration('002_b.sql', 'ALTER TABLE t ADD COLUMN b int;');
    const run = await plot.migrate(unsaved);
    expect(run.outputs.outcome).toBe('refused');
    expect(run.errors[0]).toMatch(/^the shadow database is the database to be migrated/);
    expect(await plot.ask('SELECT count(*)::int FROM t')).toBe(100);
    await postgres.createDatabase(`${plot.name}_theirs`, owner);
    const theirs = await plot.connect(postgres.url(`${plot.name}_theirs`, owner));
    await theirs.query('CREATE TABLE precious ()');
    plot.replaceConfig('shadow-url: ${DATABASE_URL}', 'shadow-url: ${SHADOW_URL}');
    const env = { SHADOW_URL: postgres.url(`${plot.name}_theirs`, owner) };
    expect((await plot.migrate({ ...unsaved, env })).errors[0]).toMatch(
      /^the shadow database .*_theirs is not empty: it contains 1 tables or views/,
    );
  });

  async function databases(): Promise<unknown[]> {
    const { rows } = await plot.database.query(
      "SELECT datname FROM pg_database WHERE datname LIKE 'slipway%' OR datname LIKE '%scratch%'",
    );
    return rows;
  }
});

test('assertions must hold after the migrations', async () => {
  plot.configure('verify: {assertions: [verify]}');
  plot.write('verify/t.sql', 'SELECT count(*) = 100 FROM t;\nSELECT a > 0 FROM t;');
  expect(checks(await plot.migrate(unsaved))).toMatchObject({ assertions: 'passed' });
  plot.addMigration('002_more.sql', 'INSERT INTO t VALUES (-1);');
  const run = await plot.migrate(unsaved);
  expect(run.outputs).toMatchObject({ outcome: 'failed', 'schema-version': '002' });
  expect(run.errors[0]).toContain(
    'the schema is at 002, but these assertions failed:\nverify/t.sql:1: "SELECT count(*) = 100 FROM t" is false in row 1\nverify/t.sql:2: "SELECT a > 0 FROM t" is false in row 101',
  );
  expect(checks(run)).toMatchObject({ assertions: 'failed' });
});

test('projections must be no worse than before', async () => {
  plot.addMigration(
    '002_projections.sql',
    "CREATE TABLE projection_checkpoints (projection text PRIMARY KEY, position bigint NOT NULL);\nINSERT INTO projection_checkpoints VALUES ('documents', 7);",
  );
  expect((await plot.migrate(unsaved)).outputs.outcome).toBe('passed');
  plot.addMigration('003_reset.sql', 'UPDATE projection_checkpoints SET position = 0 WHERE position > 0;');
  const run = await plot.migrate(unsaved);
  expect(run.outputs.outcome).toBe('failed');
  expect(run.errors[0]).toContain('the checkpoint of projection documents moved back from 7 to 0');
});

describe('the lint', () => {
  test('refuses what would hurt, at its line, before anything runs', async () => {
    plot.addMigration('002_index.sql', '\nCREATE INDEX t_a ON t (a);');
    const run = await plot.migrate(unsaved);
    expect(run.outputs.outcome).toBe('refused');
    expect(run.errors[0]).toMatch(
      /^the migrations are not safe to run:\nmigrations\/002_index\.sql:2:1: .*CONCURRENTLY/,
    );
    expect(run.stdout).toMatch(/^::warning .*file=migrations\/002_index\.sql,line=2,/m);
    expect(await plot.relation('t_a')).toBeNull();
  });

  test('lets a finding pass that is waived with a reason, and shows it', async () => {
    plot.addMigration(
      '002_index.sql',
      '-- slipway: allow index-without-concurrently because the table has a hundred rows\nCREATE INDEX t_a ON t (a);',
    );
    const run = await plot.migrate(unsaved);
    expect(run.outputs.outcome).toBe('passed');
    expect(checks(run)).toMatchObject({ lint: 'waived' });
    expect(run.summary).toContain('because the table has a hundred rows');
  });

  test('demands a marker for what breaks the running version, and the release is of that class', async () => {
    plot.addMigration('002_drop.sql', 'ALTER TABLE t DROP COLUMN a;');
    expect((await plot.migrate(unsaved)).outputs.outcome).toBe('refused');
    plot.addMigration('002_drop.sql', '-- slipway: contract\nALTER TABLE t DROP COLUMN a;');
    const run = await plot.migrate(unsaved);
    expect(run.outputs.outcome).toBe('passed');
    expect(decodeRecord(run.outputs.release ?? '').database?.class).toBe('contract');
  });

  test('finds a syntax error before anything runs', async () => {
    plot.addMigration('002_typo.sql', 'CREATE TABLE u ();\nALTER TABEL t ADD COLUMN b int;');
    const run = await plot.migrate(unsaved);
    expect(run.outputs.outcome).toBe('refused');
    expect(run.errors[0]).toContain('migrations/002_typo.sql:2:7: syntax error at or near "TABEL"');
    expect(await plot.relation('u')).toBeNull();
  });
});

test('a schema file that cannot run twice is refused', async () => {
  plot.configure('schemas: [schema.sql]');
  plot.write('schema.sql', 'CREATE TABLE IF NOT EXISTS s ();\nCREATE TABLE twice ();');
  plot.addMigration('002_u.sql', 'CREATE TABLE u ();');
  const run = await plot.migrate(unsaved);
  expect(run.outputs.outcome).toBe('refused');
  expect(run.errors[0]).toContain(
    'schema.sql:2:1: "CREATE TABLE twice ()" cannot run a second time: write IF NOT EXISTS',
  );
});
