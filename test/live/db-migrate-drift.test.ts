import type { ChildProcess } from 'node:child_process';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { decodeRecord } from '@slipway/release';
import type pg from 'pg';
import type { BundleResult } from '../support/action.ts';
import { type MigrationFixture, migrationFixtureEach } from '../support/migrations.ts';
import { pauseBeforeFiles } from '../support/paused-run.ts';

let fixture: MigrationFixture;

migrationFixtureEach((given) => {
  ({ fixture } = given);
}, []);
beforeEach(async () => {
  fixture.addMigration('001_t.sql', 'CREATE TABLE t (a int);\nINSERT INTO t SELECT generate_series(1, 100);');
});

const unsaved = { inputs: { backup: 'never' } };
const enforce = (): void => fixture.configure('verify: {drift: enforce}');
const drift = (run: BundleResult): string | undefined => {
  const evidence = decodeRecord(run.outputs.release ?? '').phases.at(-1)?.evidence;
  const items = evidence?.kind === 'migration' ? (evidence.checks ?? []) : [];
  return items.find(({ id }) => id === 'drift')?.state;
};
/** Accepts the schema that a refusal names. */
function accept(refused: BundleResult): void {
  expect(refused.outputs.outcome).toBe('refused');
  const named = /accepted-drift: (schema-[0-9a-f]{12})/.exec(refused.errors[0] ?? '')?.[1];
  fixture.replaceConfig('drift: enforce', `drift: enforce, accepted-drift: ${named}`);
}
const acceptNoMore = (): void => fixture.replaceConfig(', accepted-drift', '} #');

describe('a schema that was changed by hand since the last release', () => {
  beforeEach(async () => {
    expect((await fixture.migrate(unsaved)).outputs.outcome).toBe('passed');
    await fixture.database.query('ALTER TABLE t ADD COLUMN by_hand text');
  });

  test('is reported, or refused', async () => {
    const warned = await fixture.migrate(unsaved);
    expect(warned.outputs.outcome).toBe('passed');
    expect(drift(warned)).toBe('failed');
    expect(warned.stdout).toContain(
      'is not as release 1.0.0-7 left it: + table public.t: column by_hand text',
    );
    enforce();
    const refused = await fixture.migrate(unsaved);
    expect(refused.outputs.outcome).toBe('refused');
    await fixture.database.query('ALTER TABLE t DROP COLUMN by_hand');
    expect(drift(await fixture.migrate(unsaved))).toBe('passed');
  });

  test('may be accepted as it is, and nothing else is by that', async () => {
    enforce();
    accept(await fixture.migrate(unsaved));
    await fixture.database.query('ALTER TABLE t ADD COLUMN another text');
    expect((await fixture.migrate(unsaved)).errors[0]).toContain('+ table public.t: column another text');
    await fixture.database.query('ALTER TABLE t DROP COLUMN another');
    const accepted = await fixture.migrate(unsaved);
    expect(accepted.errors).toEqual([]);
    expect(drift(accepted)).toBe('waived');
    // With nothing to run as well, the next release is compared with what was accepted.
    acceptNoMore();
    expect(drift(await fixture.migrate(unsaved))).toBe('passed');
    await fixture.database.query('ALTER TABLE t ADD COLUMN another text');
    const refused = await fixture.migrate(unsaved);
    expect(refused.errors[0]).toContain('+ table public.t: column another text');
    expect(refused.errors[0]).not.toContain('by_hand');
  });
});

test('what is changed by hand while a backup is made is not accepted with what was, where nothing is pending', async () => {
  enforce();
  await fixture.migrate(unsaved);
  await fixture.database.query('ALTER TABLE t ADD COLUMN by_hand text');
  accept(await fixture.migrate(unsaved));
  const paused = await pauseBeforeFiles(fixture, { inputs: { backup: 'always' } });
  await fixture.database.query('ALTER TABLE t ADD COLUMN another text');
  paused.go();
  const refused = await paused.run;
  expect(refused.outputs.outcome).toBe('refused');
  expect(refused.errors[0]).toContain('+ table public.t: column another text');
  // None of it was saved.
  acceptNoMore();
  expect((await fixture.migrate(unsaved)).errors[0]).toMatch(
    /\+ table public\.t: column another text; \+ table public\.t: column by_hand text/,
  );
});

test('the table of version 0.1, in which the time has another name, is read and then renamed', async () => {
  enforce();
  await fixture.migrate(unsaved);
  await fixture.database.query('ALTER TABLE slipway_schema RENAME COLUMN saved_at TO kept_at');
  expect(drift(await fixture.migrate(unsaved))).toBe('passed');
  fixture.addMigration('002_u.sql', 'CREATE TABLE u (a int);');
  const released = await fixture.migrate(unsaved);
  expect(released.stdout).not.toContain('cannot save the schema');
  expect(drift(released)).toBe('passed');
  const columns = `SELECT string_agg(attname, ' ') FROM pg_attribute WHERE attrelid = 'slipway_schema'::regclass AND attname ~ '_at$'`;
  expect(await fixture.ask(columns)).toBe('saved_at');
});

test('the first release has nothing to compare with; afterwards what was saved cannot be lost silently', async () => {
  enforce();
  expect(drift(await fixture.migrate(unsaved))).toBe('unknown');
  await fixture.database.query('DROP TABLE slipway_schema; ALTER TABLE t ADD COLUMN by_hand text');
  const refused = await fixture.migrate(unsaved);
  expect(refused.errors[0]).toMatch(
    /^cannot determine whether the schema was changed by hand: no schema was saved, although release 1\.0\.0-7 has run on this database/,
  );
  accept(refused);
  expect(drift(await fixture.migrate(unsaved))).toBe('waived');
});

test('a release that broke off is not a change by hand, and can be continued', async () => {
  enforce();
  fixture.addMigration('002_u.sql', 'CREATE TABLE u ();');
  fixture.addMigration('003_bad.sql', 'SELECT nope;');
  const failed = await fixture.migrate(unsaved);
  expect(failed.outputs).toMatchObject({ outcome: 'failed', 'schema-version': '002' });
  fixture.addMigration('003_bad.sql', 'SELECT 1;');
  const again = await fixture.migrate(unsaved);
  expect(again.errors).toEqual([]);
  expect(drift(again)).toBe('passed');
  expect(drift(await fixture.migrate(unsaved))).toBe('passed');
});

test('a release that broke off by losing its connections has saved the schema', async () => {
  enforce();
  await fixture.migrate(unsaved);
  fixture.addMigration('002_u.sql', 'CREATE TABLE u ();');
  fixture.addMigration('003_b.sql', '-- no-transaction\nALTER TABLE t ADD COLUMN b int;');
  const application = await fixture.connect();
  await application.query('BEGIN; SELECT FROM t');
  const run = fixture.migrate({ inputs: { backup: 'never', version: '1.1.0' } });
  const ours = "FROM pg_stat_activity WHERE application_name LIKE 'slipway%'";
  await fixture.until(`SELECT true ${ours} AND wait_event_type = 'Lock'`);
  // As a server does that is started again.
  await fixture.database.query(`SELECT pg_terminate_backend(pid) ${ours}`);
  const failed = await run;
  await application.query('ROLLBACK');
  expect(failed.outputs).toMatchObject({ outcome: 'failed', 'schema-version': '002' });
  const again = await fixture.migrate(unsaved);
  expect(again.errors).toEqual([]);
  expect(drift(again)).toBe('passed');
});

test('a release whose files ran, and whose assertions do not hold, has saved the schema', async () => {
  fixture.configure('verify: {drift: enforce, assertions: [verify]}');
  fixture.write('verify/u.sql', 'SELECT count(*) = 1 FROM u;');
  fixture.addMigration('002_u.sql', 'CREATE TABLE u ();');
  expect((await fixture.migrate(unsaved)).outputs).toMatchObject({
    outcome: 'failed',
    'schema-version': '002',
  });
  fixture.addMigration('003_u.sql', 'INSERT INTO u DEFAULT VALUES;');
  const again = await fixture.migrate(unsaved);
  expect(again.errors).toEqual([]);
  expect(drift(again)).toBe('passed');
});

describe('a release that was stopped in its second file', () => {
  let stopped: BundleResult;
  let application: pg.Client;
  const end = async (signal: NodeJS.Signals, between = async (): Promise<void> => {}): Promise<void> => {
    fixture.addMigration('002_u.sql', 'CREATE TABLE u ();');
    fixture.addMigration('003_index.sql', 'CREATE INDEX CONCURRENTLY t_a ON t (a);');
    application = await fixture.connect();
    await application.query('BEGIN; INSERT INTO t VALUES (1000)');
    let child: ChildProcess | undefined;
    const run = fixture.migrate({
      inputs: { backup: 'never', version: '1.1.0' },
      started: (started) => {
        child = started;
      },
    });
    const building =
      "SELECT true FROM pg_stat_activity WHERE query ~* '^create index concurrently' AND wait_event_type = 'Lock'";
    await fixture.until(building);
    child?.kill(signal);
    await between();
    stopped = await run;
    await fixture.until(`SELECT true WHERE NOT EXISTS (${building})`);
    await application.query('ROLLBACK');
  };
  beforeEach(async () => {
    enforce();
    await fixture.migrate(unsaved);
  });

  test('by its cancellation has saved the schema', async () => {
    // The server clears away after the run, and waits for the application: it continues when the schema was just saved.
    await end('SIGINT', async () => {
      await fixture.until("SELECT true FROM slipway_schema WHERE release = '1.1.0-7'");
      await application.query('ROLLBACK');
    });
    expect(stopped.errors[0]).toContain('db-migrate was cancelled during migrations/003_index.sql');
    const again = await fixture.migrate(unsaved);
    expect(again.errors).toEqual([]);
    expect(drift(again)).toBe('passed');
  });

  test('by its cancellation, while the server works on for it, keeps nothing that may still change', async () => {
    const working = "FROM pg_stat_activity WHERE query ~* '^drop index concurrently'";
    let pid = 0;
    try {
      await end('SIGINT', async () => {
        await fixture.until(`SELECT true ${working} AND wait_event_type = 'Lock'`);
        pid = Number(await fixture.ask(`SELECT pid ${working}`));
        // So it does not even find out that its client is gone.
        process.kill(pid, 'SIGSTOP');
      });
      expect(stopped.stdout).toContain('cannot save the schema for the next release: a statement');
      expect(await fixture.ask('SELECT release FROM slipway_schema')).toBe('1.0.0-7');
    } finally {
      if (pid > 0) process.kill(pid, 'SIGCONT');
    }
    const again = await fixture.migrate(unsaved);
    expect(again.errors[0]).toMatch(
      /^cannot determine whether the schema was changed by hand: since release 1\.0\.0-7 saved it, release 1\.1\.0-7 has applied 002 and started 003, and stopped before/,
    );
  });

  test('by a kill may hide a change by hand: what differs is shown, and accepted by a person', async () => {
    await end('SIGKILL');
    await fixture.database.query('ALTER TABLE t ADD COLUMN by_hand text');
    const refused = await fixture.migrate(unsaved);
    expect(refused.outputs.outcome).toBe('refused');
    expect(refused.errors[0]).toMatch(
      /^cannot determine whether the schema was changed by hand: since release 1\.0\.0-7 saved it, release 1\.1\.0-7 has applied 002 and started 003, and stopped before the schema was saved again\. Differences: /,
    );
    for (const line of ['+ table public.u', '+ table public.t: column by_hand text', 'CREATE INDEX t_a'])
      expect(refused.errors[0]).toContain(line);
    // A dry run says the same.
    expect((await fixture.migrate({ inputs: { 'dry-run': 'true' } })).errors[0]).toBe(refused.errors[0]);
    accept(refused);
    const accepted = await fixture.migrate(unsaved);
    expect(accepted.errors).toEqual([]);
    expect(drift(accepted)).toBe('waived');
    expect(await fixture.ask("SELECT indisvalid FROM pg_index WHERE indexrelid = 't_a'::regclass")).toBe(
      true,
    );
    acceptNoMore();
    expect(drift(await fixture.migrate(unsaved))).toBe('passed');
  });

  test('is only reported where drift is', async () => {
    await end('SIGKILL');
    fixture.replaceConfig('drift: enforce', 'drift: warn');
    const again = await fixture.migrate(unsaved);
    expect(again.errors).toEqual([]);
    expect(drift(again)).toBe('unknown');
    expect(again.stdout).toContain('cannot determine whether the schema was changed by hand');
  });
});

test('a change by hand while the backup is made is found before the first file runs', async () => {
  enforce();
  await fixture.migrate(unsaved);
  fixture.addMigration('002_u.sql', 'CREATE TABLE u ();');
  const paused = await pauseBeforeFiles(fixture);
  await fixture.database.query('ALTER TABLE t ADD COLUMN by_hand text');
  paused.go();
  const refused = await paused.run;
  expect(refused.outputs.outcome).toBe('refused');
  expect(refused.errors[0]).toMatch(
    /^the schema is not as release 1\.0\.0-7 left it: \+ table public\.t: column by_hand text/,
  );
  expect(await fixture.relation('u')).toBeNull();
});
