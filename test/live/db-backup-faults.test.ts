import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type BackupStore, backUp, parseKey } from '@slipway/database';
import { type Postgres, provision, startPostgres } from '@slipway/real-parts';
import pg from 'pg';
import { root } from '../support/action.ts';
import { awkward, backupOptions, fillEvents } from '../support/backups.ts';

let postgres: Postgres;
let folder: string;
let url: string;
let admin: pg.Client;

beforeAll(async () => {
  await provision(['postgres'], () => {});
  postgres = await startPostgres();
  await postgres.createDatabase('app', awkward);
  url = postgres.url('app', awkward);
  admin = new pg.Client({ connectionString: postgres.url('app') });
  await admin.connect();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await fillEvents(client, 60_000);
  await client.end();
}, 60_000);
afterAll(async () => {
  await admin?.end();
  await postgres?.stop();
});
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-faults-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const files = (): string[] => readdirSync(folder).sort();
const given = (more: Parameters<typeof backupOptions>[1] = {}) =>
  backupOptions({ postgres, url, to: folder }, more);

async function until(look: () => Promise<boolean> | boolean, what: string): Promise<void> {
  for (const end = Date.now() + 15_000; Date.now() < end; ) if (await look()) return;
  throw new Error(`never: ${what}`);
}
const asks = async (sql: string): Promise<boolean> => (await admin.query(sql)).rowCount !== 0;

function start(of: object): { child: ChildProcess; over: Promise<string> } {
  const settings = { do: 'backup', url, binDir: postgres.binDir, to: folder, ...of };
  const child = spawn(process.execPath, [path.join(root, 'test/support/backup-process.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, BACKUP_PROCESS: JSON.stringify(settings) },
  });
  let said = '';
  child.stdout?.on('data', (chunk) => {
    said += chunk;
  });
  return { child, over: new Promise((resolve) => child.once('close', () => resolve(said.trim()))) };
}

/** Holds every reader of one table until it is let go. */
async function lockTable(): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: postgres.url('app') });
  await client.connect();
  await client.query('BEGIN; LOCK TABLE "Odd schema"."Täble ""x""" IN ACCESS EXCLUSIVE MODE');
  return () => client.end();
}

const dumping = "SELECT 1 FROM pg_stat_activity WHERE application_name IN ('pg_dump', 'slipway backup')";

describe('killed', () => {
  test('in the middle of the dump, and the next run clears away what it left', async () => {
    const release = await lockTable();
    const run = start({});
    await until(() => asks(dumping), 'pg_dump is there');
    await until(() => files().length > 0, 'something is being written');
    run.child.kill('SIGKILL');
    await run.over;
    expect(files()).toEqual([expect.stringMatching(/\.partial$/)]);
    await release();
    await until(async () => !(await asks(dumping)), 'pg_dump is gone too');
    const { backup } = await backUp(given());
    expect(files()).toEqual([path.basename(backup.file), path.basename(backup.manifest)]);
  });

  test('in the middle of the proof: the scratch database and the unproven dump go with the next run', async () => {
    const superuser = postgres.url('app');
    const run = start({ url: superuser, prove: 'restore' });
    const scratch = "SELECT 1 FROM pg_stat_activity WHERE datname ~ '^slipway_scratch' AND query ~ 'COPY'";
    await until(() => asks(scratch), 'it is being restored');
    run.child.kill('SIGKILL');
    await run.over;
    expect(files()).toEqual([expect.stringMatching(/\.dump\.zst(\.partial)?$/)]);
    expect(await asks("SELECT 1 FROM pg_database WHERE datname ~ '^slipway_scratch'")).toBe(true);
    const options = backupOptions({ postgres, url: superuser, to: folder }, { prove: 'restore' });
    const { backup } = await backUp(options);
    expect(files()).toEqual([path.basename(backup.file), path.basename(backup.manifest)]);
    expect(await asks("SELECT 1 FROM pg_database WHERE datname ~ '^slipway_scratch'")).toBe(false);
  });

  test('by a cancellation: pg_dump ends at once and nothing is left', async () => {
    const release = await lockTable();
    const run = start({});
    await until(() => asks(dumping), 'pg_dump is there');
    const before = performance.now();
    run.child.kill('SIGINT');
    expect(await run.over).toBe('Cancelled: cancelled during the backup');
    expect(performance.now() - before).toBeLessThan(3000);
    expect(files()).toEqual([]);
    await release();
    await until(async () => !(await asks(dumping)), 'pg_dump is gone too');
  });
});

test('neither the password nor the key is in an argument of any process', async () => {
  const release = await lockTable();
  const key = 'a7'.repeat(32);
  const run = start({ key });
  await until(() => asks(dumping), 'pg_dump is there');
  const lines = readdirSync('/proc')
    .filter((one) => /^\d+$/.test(one))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8')];
      } catch {
        return [];
      }
    });
  expect(lines.some((line) => line.includes('--snapshot='))).toBe(true);
  for (const secret of [awkward.password, encodeURIComponent(awkward.password), key])
    expect(lines.filter((line) => line.includes(secret))).toEqual([]);
  await release();
  expect(await run.over).toBe('done');
});

describe('the server', () => {
  test('cuts the connection of pg_dump', async () => {
    const release = await lockTable();
    const failing = expect(backUp(given())).rejects.toMatchObject({
      name: 'Fault',
      message: expect.stringMatching(/^the backup failed, and nothing was changed: pg_dump exited 1: /),
      hint: expect.stringMatching(/server ended the connection/),
    });
    await until(
      () =>
        asks(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'slipway backup'",
        ),
      'pg_dump is cut',
    );
    await failing;
    await release();
    expect(files()).toEqual([]);
  });

  test('cuts the connection that counts', async () => {
    const release = await lockTable();
    const failing = expect(backUp(given())).rejects.toMatchObject({
      name: 'Fault',
      message: expect.stringMatching(
        /^the backup failed, and nothing was changed: the rows cannot be counted: terminating connection/,
      ),
    });
    await until(
      () =>
        asks(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ~ '^slipway backup 1' AND query ~ 'count'",
        ),
      'the count is cut',
    );
    await failing;
    await release();
    expect(files()).toEqual([]);
  });

  test('has a table locked for longer than ten seconds', async () => {
    const release = await lockTable();
    await expect(backUp(given())).rejects.toMatchObject({
      name: 'Fault',
      message: expect.stringMatching(/lock timeout/),
    });
    await release();
    expect(files()).toEqual([]);
  });
});

test('a full disk is named, and nothing is left', async () => {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
  try {
    await expect(backUp(given())).rejects.toMatchObject({
      name: 'Fault',
      message: `the backup failed, and nothing was changed: No space left on device in the backup folder ${folder}`,
      hint: expect.stringMatching(/^Free space in the backup folder/),
    });
    expect(files()).toEqual([]);
  } finally {
    execFileSync('umount', [folder]);
  }
});

test('a program that fails after it wrote is not believed', async () => {
  const script = path.join(folder, 'pg_dump');
  writeFileSync(script, `#!/bin/sh\n${postgres.binDir}/pg_dump "$@" | head -c 20000\nexit 3\n`);
  chmodSync(script, 0o755);
  const to = path.join(folder, 'to');
  mkdirSync(to);
  const options = backupOptions({ postgres, url, to });
  options.programs.pgDump = script;
  await expect(backUp(options)).rejects.toMatchObject({
    message: expect.stringContaining('pg_dump exited 3'),
  });
  expect(readdirSync(to)).toEqual([]);
});

describe('what is stored', () => {
  /** Damages the dump between its writing and its proof. */
  function damagedBy(damage: (file: string) => void): BackupStore {
    const { store } = given();
    return {
      ...store,
      async put(name, content) {
        await store.put(name, content);
        damage(store.locate(name));
      },
    };
  }
  const flip = (file: string): void => {
    const bytes = readFileSync(file);
    const at = Math.floor(bytes.length * 0.6);
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    writeFileSync(file, bytes);
  };
  const cutOff = (file: string): void => truncateSync(file, Math.floor(readFileSync(file).length * 0.9));

  test.each([
    ['bit-flipped', flip, /its sha256 is/],
    ['truncated', cutOff, /it has \d+ bytes instead of \d+/],
  ])(
    '%s is found, encrypted or not, and is no backup',
    async (_what, damage, why) => {
      for (const key of [null, parseKey('5f'.repeat(32))]) {
        for (const prove of ['checksum', 'decode', 'restore'] as const) {
          const options = backupOptions(
            { postgres, url: postgres.url('app'), to: folder },
            { store: damagedBy(damage), prove, key },
          );
          await expect(backUp(options)).rejects.toMatchObject({
            name: 'Fault',
            message: expect.stringMatching(why),
          });
          expect(files()).toEqual([]);
        }
      }
    },
    60_000,
  );
});
