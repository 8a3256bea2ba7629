import type { ChildProcess } from 'node:child_process';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { type MigrationFixture, migrationFixtureEach } from '../support/migrations.ts';

let fixture: MigrationFixture;

migrationFixtureEach((given) => {
  ({ fixture } = given);
}, []);
beforeEach(async () => {
  fixture.addMigration('001_t.sql', 'CREATE TABLE t (a int, b int);\nINSERT INTO t VALUES (1, 1), (1, 2);');
  expect((await fixture.migrate(unsaved)).outputs.outcome).toBe('passed');
});

const unsaved = { inputs: { backup: 'never' } };
const valid = (index: string): string =>
  `SELECT i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relname = '${index}'`;
const waiting =
  "SELECT true FROM pg_stat_activity WHERE query ~* '^create index concurrently' AND wait_event_type = 'Lock'";

test('an index is built while a transaction is still open, and who is waited for is logged', async () => {
  const application = await fixture.connect();
  await application.query('BEGIN; INSERT INTO t VALUES (2, 2)');
  fixture.addMigration('002_index.sql', 'CREATE INDEX CONCURRENTLY t_a ON t (a);');
  let reported = (): void => {};
  const waited = new Promise<void>((resolve) => {
    reported = resolve;
  });
  const run = fixture.migrate({
    ...unsaved,
    started: ({ stdout }) =>
      stdout?.on('data', (data) => /is waiting; blocked by/.test(String(data)) && reported()),
  });
  await waited;
  await application.query('COMMIT');
  const { outputs, stdout } = await run;
  expect(outputs).toMatchObject({ outcome: 'passed', 'schema-version': '002' });
  expect(stdout).toMatch(
    /002_index\.sql: statement 1 of 1 is waiting; blocked by session \d+ \(the application, idle in transaction/,
  );
  expect(await fixture.ask(valid('t_a'))).toBe(true);
});

describe('a build that was killed', () => {
  test('leaves an invalid index, which the next run drops and builds again', async () => {
    const application = await fixture.connect();
    await application.query('BEGIN; INSERT INTO t VALUES (2, 2)');
    fixture.addMigration('002_index.sql', 'CREATE INDEX CONCURRENTLY IF NOT EXISTS t_a ON t (a);');
    let child: ChildProcess | undefined;
    const run = fixture.migrate({
      ...unsaved,
      started: (started) => {
        child = started;
      },
    });
    await fixture.until(waiting);
    child?.kill('SIGKILL');
    await run;
    // PostgreSQL looks every second whether its client is still there.
    await fixture.until(`SELECT true WHERE NOT EXISTS (${waiting})`);
    expect(await fixture.ask(valid('t_a'))).toBe(false);
    await application.query('ROLLBACK');
    const again = await fixture.migrate(unsaved);
    expect(again.outputs).toMatchObject({ outcome: 'passed', 'schema-version': '002' });
    expect(again.stdout).toContain('public.t_a is an invalid index from an interrupted build; dropping it');
    expect(await fixture.ask(valid('t_a'))).toBe(true);
  });

  test('right after it was done is not built again', async () => {
    fixture.addMigration('002_index.sql', 'CREATE INDEX CONCURRENTLY t_a ON t (a);');
    await fixture.migrate(unsaved);
    // As a kill between the build and its mark leaves it.
    await fixture.database.query(
      "UPDATE slipway_migrations SET finished_at = NULL, step = 0, in_flight = true WHERE version = '002'; DELETE FROM schema_migrations WHERE version = '002'",
    );
    const again = await fixture.migrate(unsaved);
    expect(again.outputs).toMatchObject({ outcome: 'passed', 'schema-version': '002' });
    expect(again.stdout).toContain('public.t_a is already built');
  });

  test('of a file that was edited since is refused, with what to do', async () => {
    fixture.addMigration('002_index.sql', 'CREATE INDEX CONCURRENTLY t_a ON t (a);');
    await fixture.migrate(unsaved);
    await fixture.database.query(
      "UPDATE slipway_migrations SET finished_at = NULL, step = 1 WHERE version = '002'; DELETE FROM schema_migrations WHERE version = '002'",
    );
    fixture.addMigration('002_index.sql', 'CREATE INDEX CONCURRENTLY t_b ON t (b);');
    const again = await fixture.migrate(unsaved);
    expect(again.outputs.outcome).toBe('refused');
    expect(again.errors[0]).toContain(
      'migrations/002_index.sql: was changed in the 1 statements that are applied; restore those',
    );
  });
});

test('a statement that fails leaves what is done, no invalid index, and the point to continue from', async () => {
  fixture.addMigration(
    '002_indexes.sql',
    'CREATE INDEX CONCURRENTLY t_b ON t (b);\nCREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a);\nVACUUM t;',
  );
  const run = await fixture.migrate(unsaved);
  expect(run.outputs).toMatchObject({ outcome: 'failed', 'schema-version': '001' });
  expect(run.errors[0]).toMatch(
    /^migrations\/002_indexes\.sql:2:1: could not create unique index "t_a".*\(SQLSTATE 23505\).*; 1 of the 3 statements of migrations\/002_indexes\.sql were applied and stay applied, and the next run continues with statement 2\.\nthe schema is at 001/s,
  );
  expect(await fixture.ask(valid('t_b'))).toBe(true);
  expect(await fixture.ask(valid('t_a'))).toBeUndefined();

  await fixture.database.query('DELETE FROM t WHERE b = 2');
  const again = await fixture.migrate(unsaved);
  expect(again.outputs).toMatchObject({ outcome: 'passed', 'schema-version': '002' });
  expect(again.stdout).not.toContain('statement 1 of 3');
  expect(await fixture.ask(valid('t_a'))).toBe(true);
  expect(
    await fixture.ask("SELECT finished_at IS NOT NULL FROM slipway_migrations WHERE version = '002'"),
  ).toBe(true);
});

test('after what is done, a file that cannot run may be edited', async () => {
  fixture.addMigration(
    '002_two.sql',
    'CREATE INDEX CONCURRENTLY t_b ON t (b);\n-- the other\nCREATE INDEX CONCURRENTLY t_c ON t (c);',
  );
  const failed = await fixture.migrate(unsaved);
  expect(failed.errors[0]).toContain('column "c" does not exist');
  expect(failed.errors[0]).toContain('You may edit the statements after those already applied.');
  fixture.addMigration(
    '002_two.sql',
    'CREATE INDEX CONCURRENTLY t_b ON t (b);\n-- fixed\nCREATE INDEX CONCURRENTLY t_c ON t (a);',
  );
  const again = await fixture.migrate(unsaved);
  expect(again.errors).toEqual([]);
  expect(again.stdout).not.toContain('statement 1 of 2');
  expect(await fixture.ask(valid('t_c'))).toBe(true);
  expect((await fixture.migrate(unsaved)).outputs.summary).toContain('nothing to do');
});

test('what the server refused is not taken for done by the next run', async () => {
  await fixture.database.query('CREATE INDEX t_taken ON t (b)');
  fixture.addMigration('002_taken.sql', 'CREATE UNIQUE INDEX CONCURRENTLY t_taken ON t (a);');
  fixture.configure('verify: {drift: off}');
  for (let run = 0; run < 2; run++) {
    const failed = await fixture.migrate(unsaved);
    expect(failed.outputs.outcome).toBe('failed');
    expect(failed.errors[0]).toContain('relation "t_taken" already exists (SQLSTATE 42P07)');
  }
  fixture.addMigration('002_taken.sql', 'DROP INDEX CONCURRENTLY no_such_index;');
  for (let run = 0; run < 2; run++) {
    expect((await fixture.migrate(unsaved)).errors[0]).toContain('index "no_such_index" does not exist');
  }
});

test('a statement outside of a transaction runs once, and what was set before it is set again', async () => {
  fixture.addMigration(
    '002_plain.sql',
    '-- no-transaction\nSET search_path = s;\nUPDATE public.t SET b = b * 10 WHERE b > 0;\nCREATE TABLE here (a int);\nSELECT nope;',
  );
  await fixture.database.query('CREATE SCHEMA s');
  const failed = await fixture.migrate(unsaved);
  expect(failed.errors[0]).toMatch(
    /^migrations\/002_plain\.sql:5:8: column "nope" does not exist.*; 3 of the 4 statements of .* were applied and stay applied/,
  );
  // As a run leaves it that was stopped before the third.
  await fixture.database.query(
    "UPDATE slipway_migrations SET step = 2 WHERE version = '002'; DROP TABLE s.here",
  );
  await fixture.migrate(unsaved);
  expect(await fixture.relation('s.here')).toBe('s.here');
  expect(await fixture.ask('SELECT max(b) FROM t')).toBe(20);
});

test('a file that says it has no transaction may hold none', async () => {
  fixture.addMigration('002_own.sql', '-- no-transaction\nBEGIN;\nUPDATE t SET b = 1 WHERE b > 1;\nCOMMIT;');
  const run = await fixture.migrate(unsaved);
  expect(run.outputs.outcome).toBe('refused');
  expect(run.errors[0]).toContain(
    '002_own.sql:2:1: BEGIN is not allowed here: the statements of this file run one by one',
  );
});

test('a detachment that was stopped half way is finished', async () => {
  fixture.addMigration(
    '002_parts.sql',
    'CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); INSERT INTO p VALUES (1);',
  );
  await fixture.migrate(unsaved);
  fixture.addMigration('003_detach.sql', 'ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY;');
  const application = await fixture.connect();
  await application.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM p');
  let child: ChildProcess | undefined;
  const run = fixture.migrate({
    ...unsaved,
    started: (started) => {
      child = started;
    },
  });
  const detaching =
    "SELECT true FROM pg_stat_activity WHERE query ~* '^alter table p detach' AND wait_event_type = 'Lock'";
  await fixture.until(detaching);
  child?.kill('SIGKILL');
  await run;
  await fixture.until(`SELECT true WHERE NOT EXISTS (${detaching})`);
  await application.query('ROLLBACK');
  const again = await fixture.migrate(unsaved);
  expect(again.outputs).toMatchObject({ outcome: 'passed', 'schema-version': '003' });
  expect(again.stdout).toContain('an interrupted detach is being finished');
  expect(await fixture.ask("SELECT count(*)::int FROM pg_inherits WHERE inhrelid = 'p1'::regclass")).toBe(0);
});

test('a file that mixes both is refused before anything runs', async () => {
  fixture.addMigration(
    '002_mixed.sql',
    'CREATE INDEX CONCURRENTLY t_b ON t (b);\nALTER TABLE t ADD COLUMN c int;',
  );
  const run = await fixture.migrate(unsaved);
  expect(run.outputs.outcome).toBe('refused');
  expect(run.errors[0]).toMatch(
    /migrations\/002_mixed\.sql:1:1: split this file: .* cannot run in a transaction/,
  );
});
