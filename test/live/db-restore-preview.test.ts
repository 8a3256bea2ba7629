import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import type { Postgres } from '@slipway/test-services';
import pg from 'pg';
import { type MigrationFixture, migrationFixtureEach, owner } from '../support/migrations.ts';

let postgres: Postgres;
let fixture: MigrationFixture;

migrationFixtureEach((given) => {
  ({ postgres, fixture } = given);
}, []);
beforeEach(async () => {
  await postgres.allowCreateDatabase(owner.user);
  fixture.addMigration('001_t.sql', 'CREATE TABLE t (a int);');
});

/** The database as it is when three rows were written after its backup. */
async function livedOn(): Promise<void> {
  const run = await fixture.migrate({ inputs: { backup: 'always' } });
  expect(run.outputs.outcome).toBe('passed');
  await fixture.migrate({ inputs: { backup: 'always' } });
  await fixture.database.query('INSERT INTO t VALUES (1), (2), (3)');
}

const restore = (inputs: Record<string, string> = {}) =>
  fixture.migrate({ inputs: { mode: 'restore', ...inputs } });

/** How many databases were ever made on the server; those that are dropped again count. */
const made = () => fixture.ask("SELECT n_tup_ins::int FROM pg_stat_sys_tables WHERE relname = 'pg_database'");

test('a dry run says what would be lost, and makes nothing on the server', async () => {
  await livedOn();
  const before = await made();
  for (const confirm of ['', fixture.name]) {
    const run = await restore({ 'dry-run': 'true', confirm });
    expect(run.errors).toEqual([]);
    expect(run.outputs.outcome).toBe('skipped');
    expect(run.outputs.summary).toMatch(
      /^Dry run: the backup 1\.0\.0-7-\S+\.dump\.zst of \S+ \(proven by decode, \d tables\) would be restored; nothing was done on the server\. Restoring it would lose: .*public\.t had 0 rows, has 3/,
    );
    expect(run.outputs.backup).toMatch(/\.dump\.zst$/);
  }
  expect(await made()).toBe(before);
  const tried = await restore();
  expect(tried.outputs.summary).toMatch(
    /^The backup .* restores; nothing was changed\. Restoring it would lose:/,
  );
  expect(await made()).toBe(Number(before) + 1);
  expect(await fixture.ask('SELECT count(*)::int FROM t')).toBe(3);
});

test('a dry run is refused for what the restore would be refused for', async () => {
  await livedOn();
  const dry = (inputs: Record<string, string> = {}) => restore({ 'dry-run': 'true', ...inputs });
  expect((await dry({ confirm: 'other' })).errors[0]).toMatch(/^the restore is confirmed for "other", but/);
  expect((await dry({ from: 'no-such.dump' })).errors[0]).toMatch(/^there is no backup no-such\.dump at /);
  const superuser = await fixture.connect(postgres.url('postgres'));
  const role = pg.escapeIdentifier(owner.user);
  await superuser.query(`ALTER ROLE ${role} NOCREATEDB`);
  expect((await dry()).errors[0]).toMatch(/^the database user may not create the database to restore into/);
  await superuser.query(`ALTER ROLE ${role} CREATEDB`);
  const dumps = readdirSync(fixture.backups).filter((one) => one.endsWith('.dump.zst'));
  for (const file of dumps) rmSync(path.join(fixture.backups, file));
  expect((await dry({ from: dumps[0] ?? '' })).errors[0]).toMatch(
    /^the backup .*\.dump\.zst is gone from .*, although its manifest exists/,
  );
  expect((await dry()).errors[0]).toMatch(/^there is no backup of this database at /);
});

test('a database that a restore has left closed is distinguished from one that is gone', async () => {
  await livedOn();
  const superuser = await fixture.connect(postgres.url('postgres'));
  await fixture.database.end();
  await superuser.query(`ALTER DATABASE ${fixture.name} ALLOW_CONNECTIONS false`);
  const run = await restore({ 'dry-run': 'true' });
  expect(run.errors[0]).toMatch(/^cannot connect to the database: it is not currently accepting connections/);
  expect(run.errors[0]).toContain('ALLOW_CONNECTIONS true');
});

test('a store of one’s own program cannot say which backup is the latest: the error says what to name', async () => {
  mkdirSync(fixture.backups);
  fixture.replaceConfig(
    'backup: {to: "${BACKUP_DIR}"}',
    `backup: {command: [sh, -c, "cat > ${fixture.backups}/{name}"], read-command: [sh, -c, "cat ${fixture.backups}/{name}"]}`,
  );
  await livedOn();
  const run = await restore();
  expect(run.outputs.outcome).toBe('refused');
  expect(run.errors[0]).toMatch(
    /^cannot find the latest backup: command:sh cannot list its objects\nName the dump\. .* the output "backup" .*; dumps of this database have \.[0-9a-f]{12}\.dump in their names/,
  );
  const [name = ''] = readdirSync(fixture.backups).filter((one) => one.endsWith('.dump.zst'));
  const part = /this database have (\S+) in their names/.exec(run.errors[0] ?? '')?.[1] ?? 'none';
  expect(name).toContain(part);
  // As the output has it, and by its name alone.
  for (const from of [`command:sh/${name}`, name])
    expect((await restore({ from, 'dry-run': 'true' })).outputs.outcome).toBe('skipped');
  const wrong = await restore({ from: 'wrong.dump' });
  expect(wrong.outputs.outcome).toBe('refused');
  expect(wrong.errors[0]).toMatch(
    /^cannot read the backup wrong\.dump: cannot read the backup at command:sh: sh exited 1: .*wrong\.dump\.manifest\.json.*\nName the dump\. Its name is in the log of the run/s,
  );
});
