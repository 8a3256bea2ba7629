import { rmSync } from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { openVersionTable, readMigrationFolder } from '@slipway/migrations';
import type pg from 'pg';
import { workspaceWith, writeInto } from '../support/migration-folder.ts';
import { runTool } from '../support/migration-tools.ts';
import { databaseEach, type OwnDatabase } from '../support/postgres.ts';

// Every call of sqitch starts Perl with hundreds of modules.
jest.setTimeout(90_000);

let binDir: string;
let client: pg.Client;
let connect: OwnDatabase['connect'];
let url: URL;
let workspace: string;

databaseEach(
  (own) => {
    ({ connect } = own);
    url = new URL(own.url);
    ({ binDir } = own.postgres);
  },
  { name: 'sqitch', needs: ['sqitch'] },
);
beforeEach(async () => {
  client = await connect();
  workspace = workspaceWith({});
  const folders = ['--top-dir', 'migrations', '--plan-file', 'migrations/sqitch.plan'];
  await sqitch('init', 'flipr', '--engine', 'pg', '--uri', 'https://Example.com', ...folders);
  await add('users', '-n', 'People, naïve ones too; # and a hash\n\nsecond \\ paragraph');
  await add('lists/by-user', '-r', 'users', '-x', 'other:old-lists', '-n', 'Lists');
  await sqitch('tag', 'v1.0', '-n', 'First release');
});
afterEach(() => rmSync(workspace, { recursive: true, force: true }));

function sqitch(...args: string[]): Promise<string> {
  const { password, username, host, pathname } = url;
  return runTool(['sqitch', ...args], workspace, {
    PATH: `${binDir}${path.delimiter}${process.env.PATH}`,
    SQITCH_FULLNAME: 'Zoë Tester',
    SQITCH_EMAIL: 'zoe@example.com',
    SQITCH_TARGET: `db:pg://${username}@${host}${pathname}`,
    SQITCH_PASSWORD: decodeURIComponent(password),
    TZ: 'America/New_York',
    LC_ALL: 'C.UTF-8',
  });
}

const script = (text: string): string => `BEGIN;\n${text}\nCOMMIT;\n`;
const tableOf = (name: string): string => name.replace(/\W/g, '_');

/** A change with its scripts; the deploy script fails when it runs twice. */
async function add(name: string, ...options: string[]): Promise<void> {
  await sqitch('add', name, ...options);
  writeInto(workspace, {
    [`deploy/${name}.sql`]: script(`CREATE TABLE ${tableOf(name)} (id int);`),
    [`revert/${name}.sql`]: script(`DROP TABLE ${tableOf(name)};`),
    [`verify/${name}.sql`]: `SELECT id FROM ${tableOf(name)} WHERE false;`,
  });
}

async function inspect() {
  const { format, migrations } = await readMigrationFolder(workspace, 'migrations');
  const versionTable = await openVersionTable(client, format, migrations);
  const applied = new Set(versionTable.rows?.map(({ version }) => version));
  return {
    format,
    migrations,
    versionTable,
    pending: migrations.filter(({ version }) => !applied.has(version)),
  };
}

/** All that the registry says, but for when and by whom it was committed. */
async function reported(): Promise<unknown[]> {
  const all: unknown[] = [];
  for (const table of ['changes', 'dependencies', 'tags', 'events']) {
    const { rows } = await client.query(`SELECT to_jsonb(x) AS row FROM sqitch.${table} x ORDER BY x::text`);
    all.push(rows.map(({ row }) => ({ ...row, committed_at: '', committer_name: '', committer_email: '' })));
  }
  return all;
}

test('what sqitch deployed is read as applied, and the rest as pending', async () => {
  await sqitch('deploy');
  await add('flips', '-r', 'users', '-r', 'lists/by-user@v1.0', '-n', 'Flips');
  const { format, migrations, versionTable, pending } = await inspect();
  expect(format.name).toBe('sqitch');
  expect(pending.map(({ version }) => version)).toEqual(['flips']);
  expect(versionTable.rows).toEqual(
    migrations.slice(0, 2).map(({ version, checksum }) => ({ version, checksum, state: 'applied' })),
  );
  expect(migrations.map(({ transaction }) => transaction)).toEqual(['own', 'own', 'own']);
});

test('sqitch takes our registry and rows for its own, reverts them and continues after them', async () => {
  await add('flips', '-r', 'users', '-r', 'lists/by-user@v1.0', '-n', 'Flips');
  const { migrations, versionTable } = await inspect();
  await client.query(versionTable.creation ?? '');
  await client.query(versionTable.creation ?? '');
  for (const migration of migrations) {
    await client.query(migration.sql);
    await client.query(`BEGIN; ${versionTable.record(migration)}; COMMIT`);
  }
  const ours = await reported();
  expect(await sqitch('deploy')).toContain('up-to-date');
  expect(await sqitch('status')).toContain('Nothing to deploy (up-to-date)');
  expect(await sqitch('verify')).toContain('Verify successful');
  await sqitch('revert', '-y');
  await client.query('TRUNCATE sqitch.events');
  await sqitch('deploy');
  expect(await reported()).toEqual(ours);
  await add('later', '-n', 'Later');
  await sqitch('deploy');
  expect((await inspect()).pending).toEqual([]);
});

test('a change that was reworked is two, each with its own scripts', async () => {
  await sqitch('rework', 'users', '-n', 'Wider');
  writeInto(workspace, {
    'deploy/users.sql': script('ALTER TABLE users ADD name text;'),
    'revert/users.sql': script('ALTER TABLE users DROP name;'),
    'verify/users.sql': 'SELECT name FROM users WHERE false;',
  });
  await sqitch('deploy');
  const { migrations, versionTable, pending } = await inspect();
  expect(migrations.map(({ version }) => version)).toEqual(['users@v1.0', 'lists/by-user', 'users']);
  expect(pending).toEqual([]);
  expect(versionTable.rows?.map(({ checksum }) => checksum)).toEqual(
    migrations.map(({ checksum }) => checksum),
  );
});

test('a change that we take away again is pending for sqitch', async () => {
  await sqitch('deploy');
  const { migrations, versionTable } = await inspect();
  const last = migrations[1];
  if (!last?.down) throw new Error('no second migration with a down migration');
  await client.query(last.down.sql);
  await client.query(`BEGIN; ${versionTable.forget(last)}; COMMIT`);
  expect((await inspect()).pending.map(({ version }) => version)).toEqual(['lists/by-user']);
  expect(await sqitch('deploy')).toContain('lists/by-user');
  expect(await sqitch('log')).toContain('Revert');
});

test('the lock is the one that sqitch takes', async () => {
  const { versionTable } = await inspect();
  await client.query(`SELECT pg_advisory_lock(${versionTable.locks[0]})`);
  await expect(sqitch('deploy', '--lock-timeout', '1')).rejects.toThrow(/lock/i);
});
