import { expect, test } from '@jest/globals';
import { Redactor, systemClock } from '@slipway/kernel';
import { createRunLock } from '@slipway/postgres';
import type { Postgres } from '@slipway/test-services';
import { listen } from '../support/backups.ts';
import { type MigrationFixture, migrationFixtureEach } from '../support/migrations.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

let postgres: Postgres;
let fixture: MigrationFixture;

migrationFixtureEach((given) => {
  ({ postgres, fixture } = given);
}, []);

const unsaved = { inputs: { backup: 'never' } };
const slow =
  'CREATE TABLE slow (a int);\nDO $$ BEGIN WHILE NOT EXISTS (SELECT FROM go) LOOP PERFORM pg_sleep(0.05); END LOOP; END $$;';

test('a statement that continues on the server after its run was lost is waited for and named, and does not run again', async () => {
  await fixture.database.query('CREATE TABLE go (a int)');
  fixture.addMigration('001_slow.sql', slow);
  const proxy = await startTcpProxy(postgres);
  try {
    const first = fixture.migrate({ ...unsaved, env: { DATABASE_URL: proxy.through(fixture.url) } });
    await fixture.until("SELECT true FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
    proxy.forget('PERFORM pg_sleep');
    let waits = (): void => {};
    const waiting = new Promise<void>((resolve) => {
      waits = resolve;
    });
    const second = fixture.migrate({
      ...unsaved,
      env: { GITHUB_RUN_ID: '8' },
      started: ({ stdout }) =>
        stdout?.on('data', (said) => /waiting for another migration/.test(String(said)) && waits()),
    });
    await waiting;
    const lost = await first;
    expect(lost.outputs.outcome).toBe('failed');
    expect(lost.errors[0]).toMatch(
      /^migrations\/001_slow\.sql: the connection was lost.*\nThe version table could not be read, so it is unknown whether this file was committed/,
    );
    await fixture.database.query('INSERT INTO go VALUES (1)');
    const { errors, outputs, stdout } = await second;
    expect(errors).toEqual([]);
    expect(stdout).toMatch(/waiting for another migration: session \d+ \(slipway 001_slow\.sql\), since /);
    expect(outputs.summary).toContain('The schema is at 001, nothing to do');
    expect(await fixture.ask('SELECT release FROM slipway_migrations')).toBe('1.0.0-7');
  } finally {
    await proxy.stop();
  }
}, 60_000);

test('the server notices that a machine disappeared silently, and lets the lock go', async () => {
  const client = await fixture.connect();
  const signal = new AbortController().signal;
  const lock = createRunLock(client, {
    clock: systemClock,
    signal,
    log: listen(),
    redactor: new Redactor(),
  });
  await lock.take(1000);
  const show = async (setting: string): Promise<number> =>
    Number(Object.values((await client.query(`SHOW tcp_keepalives_${setting}`)).rows[0] ?? {})[0]);
  const [idle, interval, count] = [await show('idle'), await show('interval'), await show('count')];
  // Long before the next run gives up waiting.
  expect(idle + interval * count).toBeLessThanOrEqual(60);
});

test('and the lock of a file without a transaction as well', async () => {
  const settings = ['idle', 'interval', 'count'].map(
    (one) => `current_setting('tcp_keepalives_${one}')::int`,
  );
  const [idle, interval, count] = settings;
  fixture.addMigration(
    '001_seen.sql',
    `-- no-transaction\nCREATE TABLE seen (seconds int);\nINSERT INTO seen VALUES (${idle} + ${interval} * ${count});`,
  );
  expect((await fixture.migrate(unsaved)).errors).toEqual([]);
  expect(await fixture.ask('SELECT seconds FROM seen')).toBeLessThanOrEqual(60);
});
