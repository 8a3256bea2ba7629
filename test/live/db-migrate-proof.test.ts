import { beforeEach, describe, expect, test } from '@jest/globals';
import { decodeRecord } from '@slipway/release';
import type { Postgres } from '@slipway/test-services';
import type { BundleResult } from '../support/action.ts';
import { type MigrationFixture, migrationFixtureEach, owner } from '../support/migrations.ts';

let postgres: Postgres;
let fixture: MigrationFixture;

migrationFixtureEach((given) => {
  ({ postgres, fixture } = given);
}, []);
beforeEach(async () => {
  fixture.addMigration('001_t.sql', 'CREATE TABLE t (a int);\nINSERT INTO t SELECT generate_series(1, 100);');
  expect((await fixture.migrate(unsaved)).outputs.outcome).toBe('passed');
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
    staging = postgres.url(`${fixture.name}_staging`, owner);
    await postgres.createDatabase(`${fixture.name}_staging`, owner);
    fixture.addMigration('002_u.sql', 'CREATE TABLE u ();');
  });
  const on = () => ({ ...unsaved, env: { STAGING_URL: staging } });

  test('must have every pending migration', async () => {
    fixture.configure('staging: {url: "${STAGING_URL}"}');
    const refused = await fixture.migrate(on());
    expect(refused.outputs.outcome).toBe('refused');
    expect(refused.errors[0]).toContain('migrations/002_u.sql: was not applied on staging');
    expect(await fixture.relation('u')).toBeNull();
  });

  test('counts what was applied there from the very same text', async () => {
    await fixture.migrate({
      ...unsaved,
      env: { DATABASE_URL: staging, GITHUB_RUN_ID: '6' },
    });
    fixture.configure('staging: {url: "${STAGING_URL}"}');
    fixture.write('migrations/002_u.sql', 'CREATE TABLE u (edited int);');
    expect((await fixture.migrate(on())).errors[0]).toContain(
      '002_u.sql: was applied on staging with different content',
    );

    fixture.addMigration('002_u.sql', 'CREATE TABLE u ();');
    const run = await fixture.migrate(on());
    expect(run.outputs.outcome).toBe('passed');
    expect(checks(run)).toMatchObject({ staging: 'passed', versions: 'passed' });
  });

  test('that cannot be asked refuses', async () => {
    fixture.configure('staging: {url: "${STAGING_URL}"}');
    const run = await fixture.migrate({ ...unsaved, env: { STAGING_URL: postgres.url('nowhere', owner) } });
    expect(run.errors[0]).toMatch(/^cannot check staging: .*no database with that name/);
  });
});

describe('a rehearsal', () => {
  const dated = { env: { GITHUB_RUN_ID: '8' } };

  test('on the restored backup catches what only the data of production shows', async () => {
    await postgres.allowCreateDatabase(owner.user);
    fixture.replaceConfig('backup: {to', 'backup: {prove: restore, to');
    fixture.addMigration('002_check.sql', 'ALTER TABLE t ADD CONSTRAINT small CHECK (a < 100) NOT VALID;');
    fixture.addMigration('003_valid.sql', 'ALTER TABLE t VALIDATE CONSTRAINT small;');
    const run = await fixture.migrate(dated);
    expect(run.outputs.outcome).toBe('failed');
    expect(run.errors[0]).toMatch(
      /^the rehearsal on the restored backup failed, and production was not touched: migrations\/003_valid\.sql:1:1: check constraint "small" of relation "t" is violated by some row/,
    );
    expect(await fixture.versions()).toEqual(['001']);

    fixture.addMigration('002_check.sql', 'ALTER TABLE t ADD CONSTRAINT small CHECK (a <= 100) NOT VALID;');
    const good = await fixture.migrate(dated);
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
    await postgres.createDatabase(`${fixture.name}_shadow`, owner);
    const env = { SHADOW_URL: postgres.url(`${fixture.name}_shadow`, owner) };
    fixture.configure('shadow-url: ${SHADOW_URL}');
    fixture.addMigration('002_b.sql', 'ALTER TABLE t ADD COLUMN b int;');
    fixture.addMigration('002_b.down.sql', 'ALTER TABLE t DROP COLUMN b;');
    fixture.addMigration('003_c.sql', 'ALTER TABLE t ADD COLUMN c int;');
    fixture.addMigration('003_c.down.sql', 'SELECT 1;');
    const run = await fixture.migrate({ ...unsaved, env });
    expect(run.errors).toEqual([]);
    expect(checks(run)).toMatchObject({ rehearsal: 'passed', 'down-migrations': 'failed' });
    expect(run.stdout).toContain(
      'the down migrations do not restore the previous schema: + table public.t: column c integer',
    );

    fixture.addMigration('004_d.sql', 'ALTER TABLE t ADD COLUMN d int;');
    fixture.addMigration('004_d.down.sql', 'ALTER TABLE t DROP COLUMN d;');
    expect(checks(await fixture.migrate({ ...unsaved, env }))).toMatchObject({ 'down-migrations': 'passed' });
  });

  test('does not run what all databases of the server share', async () => {
    await postgres.createDatabase(`${fixture.name}_shadow`, owner);
    fixture.configure('shadow-url: ${SHADOW_URL}');
    fixture.addMigration('002_role.sql', `ALTER ROLE ${owner.user} SET work_mem = '8MB';`);
    const run = await fixture.migrate({
      ...unsaved,
      env: { SHADOW_URL: postgres.url(`${fixture.name}_shadow`, owner) },
    });
    expect(run.errors).toEqual([]);
    expect(checks(run)).toMatchObject({ rehearsal: 'skipped' });
    expect(run.stdout).toContain('002_role.sql:1 changes what all databases of a server share: ALTER ROLE');
  });

  test('never fills a database that is somebody’s', async () => {
    fixture.configure('shadow-url: ${DATABASE_URL}');
    fixture.addMigration('002_b.sql', 'ALTER TABLE t ADD COLUMN b int;');
    const run = await fixture.migrate(unsaved);
    expect(run.outputs.outcome).toBe('refused');
    expect(run.errors[0]).toMatch(/^the shadow database is the database to be migrated/);
    expect(await fixture.ask('SELECT count(*)::int FROM t')).toBe(100);
    await postgres.createDatabase(`${fixture.name}_theirs`, owner);
    const theirs = await fixture.connect(postgres.url(`${fixture.name}_theirs`, owner));
    await theirs.query('CREATE TABLE precious ()');
    fixture.replaceConfig('shadow-url: ${DATABASE_URL}', 'shadow-url: ${SHADOW_URL}');
    const env = { SHADOW_URL: postgres.url(`${fixture.name}_theirs`, owner) };
    expect((await fixture.migrate({ ...unsaved, env })).errors[0]).toMatch(
      /^the shadow database .*_theirs is not empty: it contains 1 tables or views/,
    );
  });

  async function databases(): Promise<unknown[]> {
    const { rows } = await fixture.database.query(
      "SELECT datname FROM pg_database WHERE datname LIKE 'slipway%' OR datname LIKE '%scratch%'",
    );
    return rows;
  }
});

test('assertions must hold after the migrations', async () => {
  fixture.configure('verify: {assertions: [verify]}');
  fixture.write('verify/t.sql', 'SELECT count(*) = 100 FROM t;\nSELECT a > 0 FROM t;');
  expect(checks(await fixture.migrate(unsaved))).toMatchObject({ assertions: 'passed' });
  fixture.addMigration('002_more.sql', 'INSERT INTO t VALUES (-1);');
  const run = await fixture.migrate(unsaved);
  expect(run.outputs).toMatchObject({ outcome: 'failed', 'schema-version': '002' });
  expect(run.errors[0]).toContain(
    'the schema is at 002, but these assertions failed:\nverify/t.sql:1: "SELECT count(*) = 100 FROM t" is false in row 1\nverify/t.sql:2: "SELECT a > 0 FROM t" is false in row 101',
  );
  expect(checks(run)).toMatchObject({ assertions: 'failed' });
});

test('projections must be no worse than before', async () => {
  fixture.addMigration(
    '002_projections.sql',
    "CREATE TABLE projection_checkpoints (projection text PRIMARY KEY, position bigint NOT NULL);\nINSERT INTO projection_checkpoints VALUES ('documents', 7);",
  );
  expect((await fixture.migrate(unsaved)).outputs.outcome).toBe('passed');
  fixture.addMigration('003_reset.sql', 'UPDATE projection_checkpoints SET position = 0 WHERE position > 0;');
  const run = await fixture.migrate(unsaved);
  expect(run.outputs.outcome).toBe('failed');
  expect(run.errors[0]).toContain('the checkpoint of projection documents moved back from 7 to 0');
});

describe('the lint', () => {
  test('refuses what would hurt, at its line, before anything runs', async () => {
    fixture.addMigration('002_index.sql', '\nCREATE INDEX t_a ON t (a);');
    const run = await fixture.migrate(unsaved);
    expect(run.outputs.outcome).toBe('refused');
    expect(run.errors[0]).toMatch(
      /^the migrations are not safe to run:\nmigrations\/002_index\.sql:2:1: .*CONCURRENTLY/,
    );
    expect(run.stdout).toMatch(/^::warning .*file=migrations\/002_index\.sql,line=2,/m);
    expect(await fixture.relation('t_a')).toBeNull();
  });

  test('lets a finding pass that is waived with a reason, and shows it', async () => {
    fixture.addMigration(
      '002_index.sql',
      '-- slipway: allow index-without-concurrently because the table has a hundred rows\nCREATE INDEX t_a ON t (a);',
    );
    const run = await fixture.migrate(unsaved);
    expect(run.outputs.outcome).toBe('passed');
    expect(checks(run)).toMatchObject({ lint: 'waived' });
    expect(run.summary).toContain('because the table has a hundred rows');
  });

  test('demands a marker for what breaks the running version, and the release is of that class', async () => {
    fixture.addMigration('002_drop.sql', 'ALTER TABLE t DROP COLUMN a;');
    expect((await fixture.migrate(unsaved)).outputs.outcome).toBe('refused');
    fixture.addMigration('002_drop.sql', '-- slipway: contract\nALTER TABLE t DROP COLUMN a;');
    const run = await fixture.migrate(unsaved);
    expect(run.outputs.outcome).toBe('passed');
    expect(decodeRecord(run.outputs.release ?? '').database?.class).toBe('contract');
  });

  test('finds a syntax error before anything runs', async () => {
    fixture.addMigration('002_typo.sql', 'CREATE TABLE u ();\nALTER TABEL t ADD COLUMN b int;');
    const run = await fixture.migrate(unsaved);
    expect(run.outputs.outcome).toBe('refused');
    expect(run.errors[0]).toContain('migrations/002_typo.sql:2:7: syntax error at or near "TABEL"');
    expect(await fixture.relation('u')).toBeNull();
  });
});

test('a schema file that cannot run twice is refused', async () => {
  fixture.configure('schemas: [schema.sql]');
  fixture.write('schema.sql', 'CREATE TABLE IF NOT EXISTS s ();\nCREATE TABLE twice ();');
  fixture.addMigration('002_u.sql', 'CREATE TABLE u ();');
  const run = await fixture.migrate(unsaved);
  expect(run.outputs.outcome).toBe('refused');
  expect(run.errors[0]).toContain(
    'schema.sql:2:1: "CREATE TABLE twice ()" cannot run a second time: write IF NOT EXISTS',
  );
});
