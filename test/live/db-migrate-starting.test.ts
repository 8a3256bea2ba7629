import { chownSync, existsSync, statSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { createExec, DatabaseUrl, expectSuccess, Redactor, systemClock } from '@slipway/kernel';
import { connect } from '@slipway/postgres';
import { asServerUser, type Postgres } from '@slipway/test-services';
import { listen } from '../support/backups.ts';
import { type MigrationFixture, migrationFixtureEach } from '../support/migrations.ts';
import { until } from '../support/until.ts';

let postgres: Postgres;
let fixture: MigrationFixture;
/** Of the server. */
let data: string;
let restarted = false;

migrationFixtureEach((given) => {
  ({ postgres, fixture } = given);
}, []);
// The server that was started again is not a child of the one that the fixture knows.
afterEach(async () => {
  if (!restarted) return;
  letItStart();
  await control('stop', '-m', 'immediate');
});

async function control(...args: string[]): Promise<void> {
  const exec = createExec({
    env: { PATH: process.env.PATH ?? '' },
    signal: new AbortController().signal,
    redactor: new Redactor(),
  });
  const argv = asServerUser(path.join(postgres.binDir, 'pg_ctl'), '-D', data, '-l', `${data}/log`, ...args);
  expectSuccess(await exec({ argv, cwd: '/' }), `pg_ctl ${args[0]}`);
}

/** Restarts the server into a recovery that waits for its archive, until `letItStart`. */
async function startSlowly(): Promise<void> {
  const superuser = await fixture.connect(postgres.url('postgres'));
  data = String((await superuser.query('SHOW data_directory')).rows[0]?.data_directory);
  const archive = 'touch asked; while [ ! -e go ]; do sleep 0.1; done; false';
  await superuser.query(`ALTER SYSTEM SET restore_command = '${archive}'`);
  // Else it takes readers for a moment before it takes changes.
  await superuser.query('ALTER SYSTEM SET hot_standby = off');
  writeFileSync(path.join(data, 'recovery.signal'), '');
  const { uid, gid } = statSync(data);
  chownSync(path.join(data, 'recovery.signal'), uid, gid);
  await control('restart', '-m', 'fast', '-W');
  restarted = true;
  await until(() => existsSync(path.join(data, 'asked')));
}

function letItStart(): void {
  writeFileSync(path.join(data, 'go'), '');
}

test('a server that is starting up is waited for, and named when it does not come up', async () => {
  fixture.addMigration('001_t.sql', 'CREATE TABLE t (a int);');
  await startSlowly();
  const log = listen();
  const signal = new AbortController().signal;
  const impatient = connect({
    url: DatabaseUrl.parse(fixture.url),
    applicationName: 'impatient',
    timeoutMs: 5000,
    signal,
    redactor: new Redactor(),
    startup: { clock: systemClock, log, timeoutMs: 600 },
  });
  await expect(impatient).rejects.toMatchObject({
    name: 'UserError',
    message: expect.stringMatching(
      /^cannot connect to the database: the server was not ready after 600 ms: the database system is (starting up|not accepting connections)/,
    ),
    hint: expect.stringContaining('the server log'),
  });
  expect(log.lines).toEqual([expect.stringMatching(/^waiting for the server: the database system is /)]);

  let waits = (): void => {};
  const waiting = new Promise<void>((resolve) => {
    waits = resolve;
  });
  const run = fixture.migrate({
    inputs: { backup: 'never' },
    started: ({ stdout }) =>
      stdout?.on('data', (said) => /waiting for the server/.test(String(said)) && waits()),
  });
  await waiting;
  letItStart();
  const { errors, outputs, stdout } = await run;
  expect(errors).toEqual([]);
  expect(outputs).toMatchObject({ outcome: 'passed', 'schema-version': '001' });
  // Three connections wait, and it is said once.
  expect(stdout.match(/waiting for the server/g)).toHaveLength(1);
}, 60_000);
