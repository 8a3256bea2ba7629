import type { ChildProcess } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Postgres, provision, startPostgres } from '@slipway/real-parts';
import { decodeRecord } from '@slipway/release';
import pg from 'pg';
import { type BundleResult, root, runBundle } from '../support/action.ts';

const example = path.join(root, 'workflows-examples/docsense');
/** Special characters, so that percent-encoding on the way is tried as well. */
const owner = { user: 'docsense', password: 'p@ss/w%rd#8f3a' };

let postgres: Postgres;
let workspace: string;
let backups: string;
let name: string;
let url: string;
let database: pg.Client;
let databases = 0;
const connections: pg.Client[] = [];

beforeAll(async () => {
  await provision(['postgres'], () => {});
  postgres = await startPostgres();
}, 60_000);
afterAll(() => postgres?.stop());

beforeEach(async () => {
  name = `docsense_${++databases}`;
  await postgres.createDatabase(name, owner);
  url = postgres.url(name, owner);
  database = await connect();
  workspace = mkdtempSync(path.join(tmpdir(), 'slipway-migrate-'));
  backups = path.join(workspace, 'backups');
  for (const folder of ['.github/slipway.yml', 'docs', 'migrations']) {
    cpSync(path.join(example, folder), path.join(workspace, folder), { recursive: true });
  }
});
afterEach(async () => {
  await Promise.all(connections.splice(0).map((client) => client.end()));
  rmSync(workspace, { recursive: true, force: true });
});

async function connect(address = url): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: address, application_name: 'the application' });
  client.on('error', () => undefined);
  await client.connect();
  connections.push(client);
  return client;
}

interface Given {
  inputs?: Record<string, string>;
  env?: Record<string, string>;
  started?: (child: ChildProcess) => void;
}

/** One step of the shipped action. Whatever happens in it, the password is in nothing that is left of it. */
async function migrate(given: Given = {}): Promise<BundleResult> {
  const env = {
    DATABASE_URL: url,
    BACKUP_DIR: backups,
    GITHUB_RUN_ID: '7',
    GITHUB_SHA: 'c0ffee',
    ...given.env,
  };
  const inputs = { version: '1.0.0', ...given.inputs };
  const run = await runBundle('db-migrate', {
    workspace,
    inputs,
    env,
    ...(given.started ? { started: given.started } : {}),
  });
  const left = [
    run.stdout,
    run.stderr,
    run.summary,
    JSON.stringify(run.outputs),
    ...manifests().map((file) => readFileSync(file, 'utf8')),
  ];
  for (const secret of [owner.password, encodeURIComponent(owner.password)])
    expect(left.join()).not.toContain(secret);
  return run;
}

function manifests(): string[] {
  if (!statSync(backups, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(backups)
    .filter((one) => one.endsWith('.manifest.json'))
    .map((one) => path.join(backups, one));
}

function addMigration(file: string, sql: string): void {
  writeFileSync(path.join(workspace, 'migrations', file), sql);
}

async function versions(): Promise<string[]> {
  const { rows } = await database.query('SELECT version FROM schema_migrations ORDER BY version');
  return rows.map(({ version }) => version);
}

async function ask(sql: string): Promise<unknown> {
  const { rows } = await database.query({ text: sql, rowMode: 'array' });
  return rows[0]?.[0];
}

const relation = (of: string): Promise<unknown> => ask(`SELECT to_regclass('${of}')::text`);
const leftovers = (): string[] =>
  existsSync(backups) ? readdirSync(backups).filter((one) => !/\.dump(\.manifest\.json)?$/.test(one)) : [];

/** Waits for what a query sees, by looking. */
async function until(sql: string): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end; ) if (await ask(sql)) return;
  throw new Error(`never true: ${sql}`);
}

test('migrates behind a proven backup, then finds nothing to do', async () => {
  const first = await migrate();
  expect(first).toMatchObject({ code: 0, errors: [] });
  expect(first.outputs).toMatchObject({ outcome: 'passed', 'schema-version': '002', applied: '2' });
  expect(first.outputs.summary).toMatch(
    /^The schema went from nothing to 002 by 2 migrations in .*, after a backup of .* \(sha256 [0-9a-f]{12}\)\.$/,
  );
  expect(await ask('SELECT version FROM schema_migrations ORDER BY version DESC LIMIT 1')).toBe('002');
  const record = decodeRecord(first.outputs.release ?? '');
  expect(record.database).toMatchObject({
    before: null,
    after: '002',
    applied: ['001', '002'],
    class: 'expand',
  });
  const backup = record.database?.backup;
  const bytes = readFileSync(backup?.file ?? '');
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(backup?.sha256);
  expect(JSON.parse(readFileSync(backup?.manifest ?? '', 'utf8'))).toMatchObject({
    schema: 1,
    sha256: backup?.sha256,
    bytes: bytes.length,
    database: name,
    schemaVersion: null,
    release: '1.0.0-7',
    commit: 'c0ffee',
  });
  execFileSync(path.join(postgres.binDir, 'pg_restore'), ['--list', backup?.file ?? '']);

  const second = await migrate();
  expect(second.outputs).toMatchObject({ outcome: 'passed', applied: '0', backup: '' });
  expect(second.outputs.summary).toBe(
    'The schema is at 002, nothing to do; schema files run only before migrations.',
  );
  expect(manifests()).toHaveLength(1);
  // It is the same release: the version that it replaces ran on the schema from before its first attempt.
  expect(decodeRecord(second.outputs.release ?? '').database).toMatchObject({
    before: null,
    after: '002',
    class: 'expand',
  });

  const forced = await migrate({ inputs: { backup: 'always' } });
  expect(forced.outputs.summary).toContain('The schema is at 002, nothing to do');
  expect(manifests()).toHaveLength(2);
});

test('a dry run lists what is pending and changes nothing', async () => {
  addMigration('003_drop.sql', '-- slipway: contract\nALTER TABLE documents DROP COLUMN source;');
  const run = await migrate({ inputs: { 'dry-run': 'true' } });
  expect(run.outputs).toMatchObject({ outcome: 'skipped', applied: '0' });
  expect(run.outputs.summary).toMatch(
    /^Dry run: 2 schema files and 3 migrations would be run after a backup: .*migrations\/003_drop\.sql \(contract\); nothing was changed\.$/,
  );
  expect([await relation('schema_migrations'), await relation('events'), existsSync(backups)]).toEqual([
    null,
    null,
    false,
  ]);
});

describe('a file that fails', () => {
  test('is undone whole, and told by file, line and what the server said', async () => {
    cpSync(path.join(example, 'faults/003_broken.sql'), path.join(workspace, 'migrations/003_broken.sql'));
    addMigration('004_after.sql', 'CREATE TABLE after_it ();');
    const run = await migrate();
    expect(run.outputs).toMatchObject({ outcome: 'failed', 'schema-version': '002', applied: '2' });
    expect(run.errors).toHaveLength(1);
    expect(run.errors[0]).toMatch(
      /^migrations\/003_broken\.sql:5:33: column "detected_language" does not exist.* \(SQLSTATE 42703\) in "UPDATE documents SET language = detected_language;"\.\nmigrations\/003_broken\.sql was rolled back; the schema is at 002; nothing was rolled out\.\nMend the file/,
    );
    expect(await versions()).toEqual(['001', '002']);
    expect(await ask("SELECT count(*) FROM information_schema.columns WHERE column_name = 'language'")).toBe(
      '0',
    );
    const record = decodeRecord(run.outputs.release ?? '');
    expect(record.database).toMatchObject({ after: '002', backup: { sha256: expect.any(String) } });
    expect(record.phases[0]?.evidence).toMatchObject({
      files: [
        { state: 'schema' },
        { state: 'schema' },
        { state: 'applied' },
        { state: 'applied' },
        { file: 'migrations/003_broken.sql', state: 'failed' },
        { state: 'pending' },
      ],
    });
  });

  test('at run time is placed as well, and no row of the database is quoted', async () => {
    addMigration(
      '003_unique.sql',
      "-- ä€😀\nCREATE TABLE u (mail text UNIQUE);\n\nINSERT INTO u VALUES ('ann@example.com');\n  INSERT INTO u\n    SELECT mail FROM u;",
    );
    const run = await migrate();
    expect(run.errors[0]).toContain(
      'migrations/003_unique.sql:5:3: duplicate key value violates unique constraint "u_mail_key" (table u) (SQLSTATE 23505) in "INSERT INTO u"',
    );
    expect(run.errors[0]).not.toContain('ann@example.com');
  });

  test('and what it set for its session reaches nobody else', async () => {
    addMigration(
      '003_dumped.sql',
      "SELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE public.dumped ();",
    );
    addMigration('004_next.sql', 'CREATE TABLE next_one ();');
    expect((await migrate()).outputs).toMatchObject({ outcome: 'passed', 'schema-version': '004' });
    expect(await relation('public.next_one')).toBe('next_one');
  });
});

test('files and table that contradict each other are refused before anything runs', async () => {
  await migrate();
  addMigration('001_documents_projection.sql', 'CREATE TABLE documents ();');
  addMigration('000_late.sql', 'SELECT 1;');
  const run = await migrate();
  expect(run.outputs.outcome).toBe('refused');
  expect(run.errors[0]).toContain('migrations/000_late.sql: is new, but 002 was applied already');
  expect(run.errors[0]).toContain(
    'migrations/001_documents_projection.sql: was changed after it had been applied',
  );
  expect(manifests()).toHaveLength(1);
});

test.each([
  ['golang-migrate', 'CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL)'],
  ['dbmate', 'CREATE TABLE schema_migrations (version varchar PRIMARY KEY)'],
  [
    'Rails',
    'CREATE TABLE schema_migrations (version varchar PRIMARY KEY); CREATE TABLE ar_internal_metadata (key text)',
  ],
])('the version table of %s is left alone', async (tool, sql) => {
  await database.query(sql);
  const run = await migrate();
  expect(run.outputs.outcome).toBe('refused');
  expect(run.errors[0]).toMatch(
    new RegExp(`the table schema_migrations \\(version.*\\) belongs to ${tool}.*; nothing was changed`),
  );
});

describe('a server that does not take it', () => {
  test.each([
    [
      'wrong password',
      () => postgres.url(name, { ...owner, password: 'another-one' }),
      'the database refused the password',
      'Check user and password',
    ],
    [
      'no such database',
      () => postgres.url('nowhere', owner),
      'the server has no database of that name',
      'Check the name at the end',
    ],
    [
      'no such host',
      () => postgres.urlVia('db.invalid', name, owner),
      'the host name could not be resolved',
      'Check the host',
    ],
    [
      'nothing listens',
      () => url.replace(`:${postgres.port}/`, ':1/'),
      'nothing listens at the address',
      'Check host and port',
    ],
    [
      'no TLS',
      () => `${url}?sslmode=verify-full`,
      'there is no encrypted connection: The server does not support SSL connections',
      'sslmode',
    ],
  ])('%s', async (_what, address, reason, hint) => {
    const run = await migrate({ env: { DATABASE_URL: address() } });
    expect(run.outputs.outcome).toBe('refused');
    expect(run.errors[0]).toContain(reason);
    expect(run.errors[0]).toContain(hint);
    expect(run.errors[0]).not.toMatch(/postgres(ql)?:\/\/[^u]/);
  });

  test('read-only', async () => {
    await database.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    const run = await migrate();
    expect(run.outputs.outcome).toBe('refused');
    expect(run.errors[0]).toContain('the database takes no changes: default_transaction_read_only is on');
    expect(manifests()).toEqual([]);
  });

  test('a user without the privilege to create', async () => {
    const guest = { user: 'guest', password: 'guest-password' };
    await postgres.createDatabase(`${name}_guest`, guest);
    const run = await migrate({ env: { DATABASE_URL: postgres.url(name, guest) } });
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
      path.join(workspace, '.github/slipway.yml'),
      `${readFileSync(path.join(workspace, '.github/slipway.yml'), 'utf8')}\n${pins}`,
    );
    const run = await migrate({ env: { RUNNER_TOOL_CACHE: path.join(workspace, 'tools') } });
    expect(run.outputs.outcome).toBe('failed');
    expect(run.errors[0]).toContain('cannot download pg_dump 14.1');
    expect(await relation('events')).toBeNull();
  }, 60_000);

  test('the disk is full', async () => {
    mkdirSync(backups);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', backups]);
    try {
      await database.query(
        'CREATE TABLE big AS SELECT md5(i::text || random()) FROM generate_series(1, 20000) i',
      );
      const run = await migrate();
      expect(run.outputs.outcome).toBe('failed');
      expect(run.errors[0]).toMatch(
        /^the backup failed, and nothing was changed: pg_dump exited 1: .*No space left on device.*\nFree space in the backup folder/s,
      );
      expect(readdirSync(backups)).toEqual([]);
      expect(await relation('events')).toBeNull();
    } finally {
      execFileSync('umount', [backups]);
    }
  });

  test('the folder cannot be made', async () => {
    writeFileSync(backups, 'a file');
    const run = await migrate();
    expect(run.outputs.outcome).toBe('refused');
    expect(run.errors[0]).toMatch(/^the backup folder .* cannot be used: .*\nSet database\.backup\.to/);
    rmSync(backups);
  });
});

describe('two at a time', () => {
  test('the second run waits, then finds nothing to do', async () => {
    addMigration('003_slow.sql', 'SELECT pg_sleep(2);');
    const first = migrate();
    await until(
      "SELECT true FROM pg_stat_activity WHERE query LIKE '%pg_sleep(2)%' AND pid <> pg_backend_pid()",
    );
    const second = await migrate({ env: { GITHUB_RUN_ID: '8' } });
    expect(second.stdout).toMatch(
      /waiting for another migration: session \d+ \(slipway db-migrate 1\.0\.0-7\), since /,
    );
    expect(second.outputs.summary).toContain('The schema is at 003, nothing to do');
    expect((await first).outputs).toMatchObject({ outcome: 'passed', applied: '3' });
  });

  test('a table that the application holds is named, with who holds it', async () => {
    await migrate();
    const config = path.join(workspace, '.github/slipway.yml');
    writeFileSync(
      config,
      readFileSync(config, 'utf8').replace('  migrations: {', '  lock-timeout: 300ms\n  migrations: {'),
    );
    const application = await connect();
    await application.query(
      "BEGIN; LOCK TABLE documents IN ACCESS SHARE MODE; SELECT 'a secret of a customer'",
    );
    addMigration('003_busy.sql', '\nALTER TABLE documents ADD COLUMN busy int;');
    const run = await migrate();
    expect(run.outputs.outcome).toBe('failed');
    expect(run.errors[0]).toMatch(
      /^migrations\/003_busy\.sql:2:1: canceling statement due to lock timeout \(SQLSTATE 55P03\) in "ALTER TABLE documents ADD COLUMN busy int;", 5 times; blocked by session \d+ \(the application, idle in transaction, for .*\): BEGIN; LOCK TABLE documents/,
    );
    expect(run.stdout + run.errors.join()).not.toContain('a secret of a customer');
    await application.query('ROLLBACK');
    expect((await migrate()).outputs).toMatchObject({ outcome: 'passed', 'schema-version': '003' });
  }, 60_000);
});

describe('ended in the middle', () => {
  const slow = 'CREATE TABLE half ();\nSELECT pg_sleep(20);';
  const running =
    "SELECT true FROM pg_stat_activity WHERE query LIKE '%pg_sleep(20)%' AND pid <> pg_backend_pid()";

  test('cancelled: the statement is cancelled, and the state is told', async () => {
    addMigration('003_slow.sql', slow);
    let child: ChildProcess | undefined;
    const run = migrate({
      started: (started) => {
        child = started;
      },
    });
    await until(running);
    child?.kill('SIGINT');
    const { outputs, errors } = await run;
    expect(outputs).toMatchObject({ outcome: 'failed', 'schema-version': '002', applied: '2' });
    expect(errors[0]).toMatch(
      /^db-migrate was cancelled during migrations\/003_slow\.sql\.\nthe schema is at 002; nothing was rolled out\./,
    );
    expect(await relation('half')).toBeNull();
  });

  test('killed: the next run waits for the statement to be gone, clears up and goes on', async () => {
    addMigration('003_slow.sql', slow);
    let child: ChildProcess | undefined;
    const run = migrate({
      started: (started) => {
        child = started;
      },
    });
    await until(running);
    writeFileSync(
      path.join(backups, readdirSync(backups)[0]?.replace(/\.dump.*/, '.dump.partial') ?? ''),
      'half',
    );
    expect(leftovers()).toHaveLength(1);
    child?.kill('SIGKILL');
    expect((await run).signal).toBe('SIGKILL');
    addMigration('003_slow.sql', 'CREATE TABLE half ();');
    const again = await migrate();
    expect(again.outputs).toMatchObject({ outcome: 'passed', 'schema-version': '003', applied: '1' });
    expect(again.stdout).toContain('waiting for another migration');
    expect(leftovers()).toEqual([]);
    expect(await ask(running)).toBeUndefined();
  });

  test('the server ends the connection: the state is asked anew', async () => {
    addMigration('003_slow.sql', slow);
    const run = migrate();
    await until(running);
    await database.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'slipway%'",
    );
    const { outputs, errors } = await run;
    expect(outputs).toMatchObject({ outcome: 'failed', 'schema-version': '002' });
    expect(errors[0]).toMatch(
      /^migrations\/003_slow\.sql:2:1: terminating connection.*\(SQLSTATE 57P01\).*\nmigrations\/003_slow\.sql was rolled back; the schema is at 002/s,
    );
  });
});
