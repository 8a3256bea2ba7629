import { type ChildProcess, execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type Postgres, startPostgres } from '@slipway/test-services';
import { type MigrationFixture, migrationFixtureEach, owner } from '../support/migrations.ts';

let postgres: Postgres;
let fixture: MigrationFixture;

migrationFixtureEach((given) => {
  ({ postgres, fixture } = given);
});

describe('a server that does not take it', () => {
  test.each([
    [
      'wrong password',
      () => postgres.url(fixture.name, { ...owner, password: 'another-one' }),
      'the server rejected the password',
      'Check the user and password',
    ],
    [
      'no such database',
      () => postgres.url('nowhere', owner),
      'the server has no database with that name',
      'Check the name at the end',
    ],
    [
      'no such host',
      () => postgres.urlVia('db.invalid', fixture.name, owner),
      'the host name does not resolve',
      'Check the host',
    ],
    [
      'nothing listens',
      () => fixture.url.replace(`:${postgres.port}/`, ':1/'),
      'nothing listens at that address',
      'Check the host and port',
    ],
    [
      'no TLS',
      () => `${fixture.url}?sslmode=verify-full`,
      'TLS failed: The server does not support SSL connections',
      'sslmode',
    ],
  ])('%s', async (_what, address, reason, hint) => {
    const run = await fixture.migrate({ env: { DATABASE_URL: address() } });
    expect(run.outputs.outcome).toBe('refused');
    expect(run.errors[0]).toContain(reason);
    expect(run.errors[0]).toContain(hint);
    expect(run.errors[0]).not.toMatch(/postgres(ql)?:\/\/[^u]/);
  });

  test('read-only', async () => {
    await fixture.database.query(`ALTER DATABASE ${fixture.name} SET default_transaction_read_only = on`);
    const run = await fixture.migrate();
    expect(run.outputs.outcome).toBe('refused');
    expect(run.errors[0]).toContain(
      'the database does not accept changes: default_transaction_read_only is on',
    );
    expect(fixture.manifests()).toEqual([]);
  });

  test('a standby', async () => {
    const standby = await startPostgres({ standby: true, settings: { restore_command: 'false' } });
    try {
      const run = await fixture.migrate({ env: { DATABASE_URL: standby.url('postgres') } });
      expect(run.outputs.outcome).toBe('refused');
      expect(run.errors[0]).toBe(
        'the server is a standby and does not accept changes\nSet the database URL to the address of the primary, or wait until the failover is done.',
      );
    } finally {
      await standby.stop();
    }
  });

  test('a user without the privilege to create', async () => {
    const guest = { user: 'guest', password: 'guest-password' };
    await postgres.createDatabase(`${fixture.name}_guest`, guest);
    const run = await fixture.migrate({ env: { DATABASE_URL: postgres.url(fixture.name, guest) } });
    expect(run.outputs.outcome).toBe('refused');
    expect(run.errors[0]).toContain(
      'the database user guest may not create public.schema_migrations\nGRANT USAGE, CREATE ON SCHEMA public',
    );
  });
});

describe('no backup, no migration', () => {
  test('pg_dump is not there', async () => {
    const pins =
      'programs: {pg_dump: {version: "14.1", url: "https://127.0.0.1:1/pg_dump", sha256: "' +
      '0'.repeat(64) +
      '"}}\n';
    writeFileSync(
      path.join(fixture.workspace, '.github/slipway.yml'),
      `${readFileSync(path.join(fixture.workspace, '.github/slipway.yml'), 'utf8')}\n${pins}`,
    );
    const run = await fixture.migrate({ env: { RUNNER_TOOL_CACHE: path.join(fixture.workspace, 'tools') } });
    expect(run.outputs.outcome).toBe('failed');
    expect(run.errors[0]).toContain('cannot download pg_dump 14.1');
    expect(await fixture.relation('events')).toBeNull();
  }, 60_000);

  test('the disk is full', async () => {
    mkdirSync(fixture.backups);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', fixture.backups]);
    try {
      await fixture.database.query(
        'CREATE TABLE big AS SELECT md5(i::text || random()) FROM generate_series(1, 20000) i',
      );
      const run = await fixture.migrate();
      expect(run.outputs.outcome).toBe('failed');
      expect(run.errors[0]).toMatch(
        /^the backup failed, and nothing was changed: .*No space left on device.*\nFree space in the backup folder/s,
      );
      expect(readdirSync(fixture.backups)).toEqual([]);
      expect(await fixture.relation('events')).toBeNull();
    } finally {
      execFileSync('umount', [fixture.backups]);
    }
  });

  test('the folder cannot be made', async () => {
    writeFileSync(fixture.backups, 'a file');
    const run = await fixture.migrate();
    expect(run.outputs.outcome).toBe('refused');
    expect(run.errors[0]).toMatch(/^cannot use the backup folder .*: .*\nSet database\.backup\.to/);
    rmSync(fixture.backups);
  });
});

describe('two at a time', () => {
  test('the second run waits, then finds nothing to do', async () => {
    fixture.addMigration('003_slow.sql', 'SELECT pg_sleep(2);');
    const first = fixture.migrate();
    await fixture.until(
      "SELECT true FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND application_name = 'slipway 003_slow.sql'",
    );
    const second = await fixture.migrate({ env: { GITHUB_RUN_ID: '8' } });
    expect(second.stdout).toMatch(
      /waiting for another migration: session \d+ \(slipway db-migrate 1\.0\.0-7\), since /,
    );
    expect(second.outputs.summary).toContain('The schema is at 003, nothing to do');
    expect((await first).outputs).toMatchObject({ outcome: 'passed', applied: '3' });
  });

  test('the second run is cancelled while it waits, and the first continues', async () => {
    fixture.addMigration('003_slow.sql', 'SELECT pg_sleep(10);');
    const first = fixture.migrate();
    await fixture.until("SELECT true FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
    let stop = (): void => {};
    const second = fixture.migrate({
      env: { GITHUB_RUN_ID: '8' },
      started: (child) => {
        stop = () => child.kill('SIGINT');
      },
    });
    await fixture.until(
      "SELECT count(*) > 4 FROM pg_stat_activity WHERE application_name LIKE 'slipway db-migrate%' AND state <> 'active'",
    );
    stop();
    expect((await second).outputs.outcome).toBe('failed');
    expect((await first).outputs).toMatchObject({ outcome: 'passed', 'schema-version': '003' });
  });

  test('what another run has applied in between does not run again', async () => {
    await fixture.migrate();
    fixture.configure('lock-timeout: 300ms');
    fixture.addMigration(
      '003_more.sql',
      'UPDATE documents SET position = position + 1 WHERE position > 0;\nALTER TABLE documents ADD COLUMN more int;',
    );
    const application = await fixture.connect();
    await application.query('BEGIN; LOCK TABLE documents IN ACCESS SHARE MODE');
    const run = fixture.migrate();
    await fixture.until(
      "SELECT true FROM pg_stat_activity WHERE application_name = 'slipway 003_more.sql' AND wait_event_type = 'Lock'",
    );
    // As a second run would leave it that got the lock because the first lost it.
    await fixture.database.query(
      "INSERT INTO slipway_migrations (version, file, sha256, release, commit, run, finished_at) VALUES ('003', 'x', 'x', 'other', '', '', now())",
    );
    await application.query('COMMIT');
    const { outputs, errors } = await run;
    expect(outputs.outcome).toBe('failed');
    expect(errors[0]).toContain(
      '003_more.sql: another run has applied or started it; none of it was run again.\nthe schema is at 002; nothing was rolled out.\nRe-run this job: it plans again',
    );
    expect(
      await fixture.ask("SELECT count(*)::int FROM information_schema.columns WHERE column_name = 'more'"),
    ).toBe(0);
  });

  test('a table that the application holds is named, with who holds it', async () => {
    await fixture.migrate();
    fixture.configure('lock-timeout: 300ms');
    const application = await fixture.connect();
    await application.query(
      "BEGIN; LOCK TABLE documents IN ACCESS SHARE MODE; SELECT 'a secret of a customer'",
    );
    fixture.addMigration('003_busy.sql', '\nALTER TABLE documents ADD COLUMN busy int;');
    const run = await fixture.migrate();
    expect(run.outputs.outcome).toBe('failed');
    expect(run.errors[0]).toMatch(
      /^migrations\/003_busy\.sql:2:1: canceling statement due to lock timeout \(SQLSTATE 55P03\) in "ALTER TABLE documents ADD COLUMN busy int", 10 times; blocked by session \d+ \(the application, idle in transaction, for .*\): BEGIN; LOCK TABLE documents/,
    );
    expect(run.stdout + run.errors.join()).not.toContain('a secret of a customer');
    await application.query('ROLLBACK');
    expect((await fixture.migrate()).outputs).toMatchObject({ outcome: 'passed', 'schema-version': '003' });
  }, 60_000);
});

const unfinished = (): string[] =>
  readdirSync(fixture.backups).filter((one) => !/\.dump\.zst(\.manifest\.json)?$/.test(one));

describe('stopped in the middle', () => {
  const slow = 'CREATE TABLE half ();\nSELECT pg_sleep(20);';
  const running = "SELECT true FROM pg_stat_activity WHERE wait_event = 'PgSleep'";

  test('cancelled: the statement is cancelled, and the state is reported', async () => {
    fixture.addMigration('003_slow.sql', slow);
    let child: ChildProcess | undefined;
    const run = fixture.migrate({
      started: (started) => {
        child = started;
      },
    });
    await fixture.until(running);
    child?.kill('SIGINT');
    const { outputs, errors } = await run;
    expect(outputs).toMatchObject({ outcome: 'failed', 'schema-version': '002', applied: '2' });
    expect(errors[0]).toMatch(
      /^db-migrate was cancelled during migrations\/003_slow\.sql\.\nthe schema is at 002; nothing was rolled out\./,
    );
    expect(await fixture.relation('half')).toBeNull();
  });

  test('killed: the next run waits for the statement to be gone, cleans up and continues', async () => {
    fixture.addMigration('003_slow.sql', slow);
    let child: ChildProcess | undefined;
    const run = fixture.migrate({
      started: (started) => {
        child = started;
      },
    });
    await fixture.until(running);
    writeFileSync(
      path.join(
        fixture.backups,
        readdirSync(fixture.backups)[0]?.replace(/\.dump.*/, '.dump.zst.partial') ?? '',
      ),
      'half',
    );
    expect(unfinished()).toHaveLength(1);
    child?.kill('SIGKILL');
    expect((await run).signal).toBe('SIGKILL');
    fixture.addMigration('003_slow.sql', 'CREATE TABLE half ();');
    const again = await fixture.migrate();
    expect(again.outputs).toMatchObject({ outcome: 'passed', 'schema-version': '003', applied: '1' });
    expect(again.stdout).toContain('waiting for another migration');
    expect(unfinished()).toEqual([]);
    expect(await fixture.ask(running)).toBeUndefined();
  });

  test('the server ends the connection: the state is asked again', async () => {
    fixture.addMigration('003_slow.sql', slow);
    const run = fixture.migrate();
    await fixture.until(running);
    await fixture.database.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'slipway%'",
    );
    const { outputs, errors } = await run;
    expect(outputs).toMatchObject({ outcome: 'failed', 'schema-version': '002' });
    expect(errors[0]).toMatch(
      /^migrations\/003_slow\.sql:2:1: terminating connection.*\(SQLSTATE 57P01\).*\nmigrations\/003_slow\.sql was rolled back; the schema is at 002/s,
    );
  });
});
