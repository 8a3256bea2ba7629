import type { ChildProcess } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parseState, type TargetState } from '@slipway/release';
import type { Postgres } from '@slipway/test-services';
import type { BundleResult } from '../support/action.ts';
import { postgresForAll, withClient } from '../support/postgres.ts';
import { type SmallStack, startStackWith } from '../support/small-stack.ts';

/* What a rollback and a restore do to the database, on a real engine and a real PostgreSQL. */

const owner = { user: 'app', password: 'secret-of-the-app' };

let postgres: Postgres;
let stack: SmallStack;
let name: string;
let url: string;
let databases = 0;

postgresForAll((started) => {
  postgres = started;
});
beforeAll(async () => {
  stack = await startStackWith('1.0.0', '2.0.0');
}, 240_000);
beforeEach(async () => {
  name = `policy_${++databases}`;
  await postgres.createDatabase(name, owner);
  await postgres.allowCreateDatabase(owner.user);
  url = postgres.url(name, owner);
});
afterAll(() => stack?.stop(), 60_000);

const ask = (sql: string): Promise<unknown> =>
  withClient(url, async (client) => {
    const { rows } = await client.query({ text: sql, rowMode: 'array' });
    return rows[0]?.[0];
  });

async function readState(): Promise<TargetState> {
  return parseState((await (await stack.store()).state.read())?.text ?? '', 'small', 'production');
}

async function configure(lines: string, migrations: Record<string, string> = {}): Promise<void> {
  const text = `services:
  web: {image: "\${REGISTRY}/web", stable-for: 0s, drain-timeout: 1s}
database:
  url: \${DATABASE_URL}
  backup: {to: "${path.join(stack.dir, 'backups', name)}", prove: restore}
${lines}`;
  const proxied: [string, string] = ['{web: 3000, api: 3000}', '{web: 3000}'];
  await stack.edit('.github/slipway.yml', proxied, [/services:[\s\S]*$/, text.replaceAll('$', '$$$$')]);
  await mkdir(path.join(stack.dir, 'migrations'), { recursive: true });
  for (const [file, sql] of Object.entries(migrations))
    await writeFile(path.join(stack.dir, 'migrations', file), sql);
}

/** A release up to the point at which a later step finds it bad; `proven` when none does. */
async function release(version: string, runId: string, provenBy: 'rollout' | 'promote'): Promise<void> {
  const migrated = await migrate({ version }, runId);
  expect(migrated).toMatchObject({ code: 0, errors: [] });
  const inputs = { release: migrated.outputs.release ?? '' };
  const options = { provenBy, inputs, services: ['web'] };
  expect(await stack.rollOut(version, runId, options)).toMatchObject({ code: 0, errors: [] });
}

const rollBack = (
  inputs: Record<string, string>,
  runId: string,
  started?: (child: ChildProcess) => void,
): Promise<BundleResult> =>
  stack.rollBack(runId, { inputs, env: { DATABASE_URL: url }, ...(started ? { started } : {}) });

const versions = (): Promise<unknown> =>
  ask('SELECT array_agg(version ORDER BY version) FROM schema_migrations');
const columns = (): Promise<unknown> =>
  ask(
    "SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0 AND NOT attisdropped",
  );

const migrate = (
  inputs: Record<string, string>,
  runId: string,
  started?: (child: ChildProcess) => void,
): Promise<BundleResult> =>
  stack.run('db-migrate', {
    inputs,
    env: { DATABASE_URL: url, GITHUB_RUN_ID: runId },
    ...(started ? { started } : {}),
  });

describe('a restore of the database', () => {
  test('is done under the lease of the target, and waits for a release that holds it', async () => {
    await configure('', { '001_t.sql': 'CREATE TABLE t (a int);\n' });
    expect(await migrate({ version: '1.0.0', backup: 'always' }, '1')).toMatchObject({ code: 0 });
    const restored = await migrate({ mode: 'restore', confirm: name }, '2');
    expect(restored).toMatchObject({ code: 0, outputs: { outcome: 'passed' }, errors: [] });
    const { fence } = await readState();
    expect(fence).toBeGreaterThan(0);
    // A restore that only tries takes none.
    expect(await migrate({ mode: 'restore' }, '3')).toMatchObject({ code: 0 });
    expect((await readState()).fence).toBe(fence);

    const options = { provenBy: 'promote', services: ['web'] } as const;
    expect(await stack.rollOut('1.0.0', '4', options)).toMatchObject({ code: 0 });
    const waiting = await migrate({ mode: 'restore', confirm: name }, '5', (child) => {
      child.stdout?.on('data', (text) => {
        if (`${text}`.includes('waiting for the lease of the target: run 4')) child.kill('SIGINT');
      });
    });
    expect(waiting).toMatchObject({ code: 1, outputs: { outcome: 'failed' } });
    expect(await ask("SELECT count(*)::int FROM pg_database WHERE datname LIKE '%_restore_%'")).toBe(0);
    expect(await stack.rollBack('4', { inputs: { to: 'own', version: '1.0.0' } })).toMatchObject({ code: 0 });
  }, 240_000);
});

describe('with rollback.database: down', () => {
  const down = 'rollback: {database: down}\n';
  const first = { '001_t.sql': 'CREATE TABLE t (a int);\n', '001_t.down.sql': 'DROP TABLE t;\n' };
  const run = (): string => String(databases * 100);
  const own = { to: 'own', version: '2.0.0' };

  const rollBackElsewhere = (inputs: Record<string, string>, runId: string): Promise<BundleResult> =>
    stack.rollBack(runId, { inputs, env: { DATABASE_URL: postgres.url(`${name}_other`, owner) } });

  beforeEach(async () => {
    await rm(path.join(stack.dir, 'migrations'), { recursive: true, force: true });
    await configure(down, first);
    await release('1.0.0', `${run()}1`, 'rollout');
    await ask(`CREATE DATABASE ${name}_other TEMPLATE ${name}`);
  }, 240_000);

  test('what a release migrated is taken back without its files once the older version serves', async () => {
    const second = {
      '002_b.sql': 'ALTER TABLE t ADD COLUMN b int;\n',
      '002_b.down.sql': 'ALTER TABLE t DROP COLUMN b;\n',
      '003_c.sql': 'ALTER TABLE t ADD COLUMN c int;\n',
      '003_c.down.sql': 'ALTER TABLE t DROP COLUMN c;\n',
    };
    await configure(down, second);
    await release('2.0.0', `${run()}2`, 'promote');
    expect(await columns()).toEqual(['a', 'b', 'c']);
    const elsewhere = await rollBackElsewhere({ ...own, 'dry-run': 'true' }, `${run()}2`);
    expect(elsewhere.stdout).toContain('The database has no migration of 2.0.0: nothing is taken back.');
    await rm(path.join(stack.dir, 'migrations'), { recursive: true });
    const back = await rollBack(own, `${run()}2`);
    expect(back).toMatchObject({ code: 0, outputs: { reason: 'rolled-back', restored: '1.0.0' } });
    expect(back.outputs.summary).toContain('The schema was taken back: without 003, 002.');
    expect(await versions()).toEqual(['001']);
    expect(await columns()).toEqual(['a']);
    expect((await readState()).releases[0]).toMatchObject({ version: '2.0.0', reverted: true });
    // The next release migrates again, and finds the schema as the rollback left it.
    await configure(down, { ...first, ...second });
    const again = await migrate({ version: '2.0.0' }, `${run()}3`);
    expect(again).toMatchObject({ code: 0, errors: [], outputs: { applied: '2' } });
    expect(again.stdout).not.toMatch(/drift|no schema was saved/);
  }, 300_000);

  test('a contract migration is taken back first; what fails or is killed leaves all as it is, and continues', async () => {
    await configure(down, {
      '002_null.sql':
        '-- slipway: contract\n-- slipway: allow rename because the test needs one\nALTER TABLE t RENAME COLUMN a TO b;\n',
      '002_null.down.sql': 'ALTER TABLE t RENAME COLUMN b TO a;\n',
      '003_n.sql': 'ALTER TABLE t ADD COLUMN n int;\n',
      '003_n.down.sql': 'ALTER TABLE t ALTER COLUMN n SET NOT NULL; ALTER TABLE t DROP COLUMN n;\n',
    });
    await release('2.0.0', `${run()}2`, 'promote');
    await ask('INSERT INTO t VALUES (1, NULL)');
    const plan = await rollBack({ to: 'previous', 'dry-run': 'true' }, `${run()}9`);
    expect(plan.stdout).toContain('003, 002 would be taken back before the services');
    const elsewhere = await rollBackElsewhere(own, `${run()}2`);
    expect(elsewhere).toMatchObject({ code: 1, outputs: { reason: 'refused' } });
    expect(elsewhere.errors[0]).toContain(
      'the database has no migration of 2.0.0, not even 002: it is another one',
    );
    const failed = await rollBack(own, `${run()}2`);
    expect(failed).toMatchObject({ code: 1, outputs: { outcome: 'failed', reason: 'half-way' } });
    expect(failed.errors[0]).toMatch(
      /^The rollback of 2\.0\.0 to 1\.0\.0 did not succeed: the schema was not taken back: migrations\/003_n\.down\.sql.*contains null values.*Now .*2\.0\.0 \(1\/1 ready\)/s,
    );
    expect(await versions()).toEqual(['001', '002', '003']);
    await ask('DELETE FROM t');
    const held = await withClient(url, async (other) => {
      await other.query('BEGIN; LOCK TABLE t');
      return rollBack(own, `${run()}2`, (child) => {
        child.stdout?.on('data', (text) => {
          if (`${text}`.includes('Take the schema back')) child.kill('SIGKILL');
        });
      });
    });
    expect(held.signal).toBe('SIGKILL');
    const back = await rollBack(own, `${run()}2`);
    expect(back).toMatchObject({ code: 0, outputs: { reason: 'rolled-back', restored: '1.0.0' } });
    expect(await versions()).toEqual(['001']);
    expect(await columns()).toEqual(['a']);
  }, 300_000);

  test('a migration that cannot be taken back is refused before anything is changed', async () => {
    await configure(down, { '002_b.sql': 'ALTER TABLE t ADD COLUMN b int;\n' });
    const missing = await migrate({ version: '2.0.0' }, `${run()}2`);
    expect(missing).toMatchObject({ code: 1, outputs: { outcome: 'refused' } });
    expect(missing.errors[0]).toContain(
      'rollback.database is "down", and plain has no down migration for migrations/002_b.sql',
    );
    await configure(down, { '002_b.down.sql': 'SELECT 1;\n' });
    const broken = await migrate({ version: '2.0.0' }, `${run()}2`);
    expect(broken.errors[0]).toContain('the down migrations do not restore the previous schema');
    const unrehearsed = await migrate({ version: '2.0.0', backup: 'never' }, `${run()}2`);
    expect(unrehearsed.errors[0]).toContain('the down migrations were not rehearsed');
    expect(await versions()).toEqual(['001']);
  }, 240_000);
});

describe('with rollback.database: restore', () => {
  const policy = 'rollback: {database: restore}\n';
  const run = (): string => String(databases * 100);
  const oldDatabases = (): Promise<unknown> =>
    ask(`SELECT count(*)::int FROM pg_database WHERE datname LIKE '${name}_old_%'`);

  beforeEach(async () => {
    await rm(path.join(stack.dir, 'migrations'), { recursive: true, force: true });
    await configure(policy, { '001_t.sql': 'CREATE TABLE t (a int);\n' });
    await release('1.0.0', `${run()}1`, 'rollout');
  }, 240_000);

  test('a person confirms it by name; killed after the swap, it is not done twice', async () => {
    await configure(policy, {
      '002_b.sql':
        '-- slipway: contract\n-- slipway: allow rename because the test needs one\nALTER TABLE t RENAME COLUMN a TO b;\n',
    });
    await release('2.0.0', `${run()}2`, 'promote');
    await ask('INSERT INTO t VALUES (1)');
    const alone = await rollBack({ to: 'own', version: '2.0.0' }, `${run()}2`);
    expect(alone).toMatchObject({ code: 1, outputs: { reason: 'refused' } });
    expect(alone.errors[0]).toMatch(
      /the contract migration 002.*start rollback\.yml with "confirm-restore"/s,
    );
    const person = { to: 'unfinished', 'take-over': 'true' };
    const dry = await rollBack({ ...person, 'confirm-restore': name, 'dry-run': 'true' }, `${run()}3`);
    expect(dry.stdout).toMatch(
      /the backup 2\.0\.0-\S+ of \S+ would be restored before the services, which would lose: .*public\.t/,
    );
    const other = await rollBack({ ...person, 'confirm-restore': 'other' }, `${run()}3`);
    expect(other).toMatchObject({ code: 1, outputs: { reason: 'refused' } });
    expect(other.errors[0]).toContain('the restore is confirmed for "other"');
    const killed = await rollBack({ ...person, 'confirm-restore': name }, `${run()}3`, (child) => {
      child.stdout?.on('data', (text) => {
        if (`${text}`.includes(`The database ${name} was restored from`)) child.kill('SIGKILL');
      });
    });
    expect(killed.signal).toBe('SIGKILL');
    expect(await oldDatabases()).toBe(1);
    await ask('INSERT INTO t VALUES (2)');
    const back = await rollBack({ ...person, 'confirm-restore': name }, `${run()}3`);
    expect(back).toMatchObject({ code: 0, outputs: { reason: 'rolled-back', restored: '1.0.0' } });
    expect(back.outputs.summary).toContain('The database was restored by an earlier attempt');
    expect(await oldDatabases()).toBe(1);
    expect(await columns()).toEqual(['a']);
    expect(await ask('SELECT sum(a)::int FROM t')).toBe(2);
    const [left] = (await readState()).releases;
    expect(left).toMatchObject({ version: '2.0.0', phase: 'restored', reverted: true });
    expect(left).not.toHaveProperty('oldDatabase');
  }, 300_000);

  test('without a person the database stays; with one, services come first and the loss is reported', async () => {
    await configure(policy, { '002_b.sql': 'ALTER TABLE t ADD COLUMN b int;\n' });
    await release('2.0.0', `${run()}2`, 'promote');
    const alone = await rollBack({ to: 'own', version: '2.0.0' }, `${run()}2`);
    expect(alone).toMatchObject({ code: 0, outputs: { reason: 'rolled-back' } });
    expect(alone.outputs.summary).toContain(
      'The database was left as it is: a restore has to be confirmed by a person.',
    );
    expect(await columns()).toEqual(['a', 'b']);
    await configure(policy, { '003_c.sql': 'ALTER TABLE t ADD COLUMN c int;\n' });
    await release('2.0.0', `${run()}3`, 'rollout');
    await ask('INSERT INTO t VALUES (1)');
    const back = await rollBack({ to: 'previous', 'confirm-restore': name }, `${run()}4`);
    expect(back).toMatchObject({ code: 0, outputs: { reason: 'rolled-back', restored: '1.0.0' } });
    // The first backup since then, from before both.
    expect(await columns()).toEqual(['a']);
    expect(back.outputs.summary).toMatch(
      /1\.0\.0 serves again.*The database .* was restored from .*Lost: .*public\.t/s,
    );
    expect(JSON.parse(back.outputs.loss ?? '').tables).toContainEqual(
      expect.objectContaining({ name: 'public.t', before: 0, now: 1 }),
    );
    expect(back.outputs['restored-backup']).toMatch(new RegExp(`^2\\.0\\.0-${run()}2-`));
  }, 300_000);
});
