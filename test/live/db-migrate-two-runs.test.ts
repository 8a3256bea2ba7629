import { expect, test } from '@jest/globals';
import { type MigrationFixture, migrationFixtureEach } from '../support/migrations.ts';
import { type PausedRun, pauseBeforeFiles } from '../support/paused-run.ts';

let fixture: MigrationFixture;

migrationFixtureEach((given) => {
  ({ fixture } = given);
}, []);

const unsaved = { inputs: { backup: 'never' } };
const building =
  "SELECT true FROM pg_stat_activity WHERE query ~* '^create index concurrently' AND wait_event_type = 'Lock'";
/** The session of the run that waits for its backup, and holds the lock of the run. */
const holder =
  "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction' AND query LIKE '%pg_try_advisory_xact_lock%'";

/** A run that has planned and lost its lock, and continues when it is released. */
async function plannedRun(): Promise<PausedRun> {
  const paused = await pauseBeforeFiles(fixture, { env: { GITHUB_RUN_ID: '8' } });
  await fixture.database.query(`SELECT pg_terminate_backend(pid) FROM (${holder}) held`);
  await fixture.until(`SELECT true WHERE NOT EXISTS (${holder})`);
  return paused;
}

test('a file without a transaction that another run has begun is not begun again', async () => {
  fixture.addMigration('001_t.sql', 'CREATE TABLE t (a int);\nINSERT INTO t VALUES (1);');
  await fixture.migrate(unsaved);
  fixture.addMigration('002_index.sql', 'CREATE INDEX CONCURRENTLY t_a ON t (a);\nVACUUM t;');
  const first = await plannedRun();
  const application = await fixture.connect();
  await application.query('BEGIN; INSERT INTO t VALUES (2)');
  const second = fixture.migrate({ ...unsaved, env: { GITHUB_RUN_ID: '9' } });
  await fixture.until(building);
  first.go();
  const refused = await first.run;
  expect(refused.outputs.outcome).toBe('failed');
  expect(refused.errors[0]).toMatch(
    /^migrations\/002_index\.sql: another run has applied or started it; none of it was run again\.\nthe schema is at 001; nothing was rolled out\.\nRe-run this job: it plans again from what the other run has left\.$/,
  );
  // The other's mark is as it was.
  expect(
    await fixture.ask("SELECT release || ' ' || in_flight FROM slipway_migrations WHERE version = '002'"),
  ).toBe('1.0.0-9 true');
  await application.query('COMMIT');
  const { errors, outputs } = await second;
  expect(errors).toEqual([]);
  expect(outputs).toMatchObject({ outcome: 'passed', 'schema-version': '002' });
  expect(await fixture.ask("SELECT indisvalid FROM pg_index WHERE indexrelid = 't_a'::regclass")).toBe(true);
});

test('a file that another run has applied is not run again', async () => {
  fixture.addMigration('001_t.sql', 'CREATE TABLE t (a int);\nINSERT INTO t VALUES (1);');
  await fixture.migrate(unsaved);
  fixture.addMigration('002_more.sql', '-- no-transaction\nUPDATE t SET a = a + 1 WHERE a > 0;');
  const first = await plannedRun();
  expect((await fixture.migrate({ ...unsaved, env: { GITHUB_RUN_ID: '9' } })).outputs.outcome).toBe('passed');
  first.go();
  const refused = await first.run;
  expect(refused.errors[0]).toMatch(
    /002_more\.sql: another run has applied or started it.*\nthe schema is at 002; nothing was rolled out\.\nRe-run this job/,
  );
  // It is the other's.
  expect(refused.outputs.applied).toBe('0');
  expect(await fixture.ask('SELECT a FROM t')).toBe(2);
});
