import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type BackupStore, backUp } from '@slipway/backup';
import type { Postgres } from '@slipway/test-services';
import pg from 'pg';
import {
  awkward,
  type BackupProcessSettings,
  backupIdentity,
  backupKeys,
  backupOptions,
  fillEvents,
  startBackupProcess,
} from '../support/backups.ts';
import { folderEach } from '../support/folder.ts';
import { postgresForAll, withClient } from '../support/postgres.ts';
import { until } from '../support/until.ts';

let postgres: Postgres;
let folder: string;
let url: string;

postgresForAll((started) => {
  postgres = started;
});
beforeAll(async () => {
  await postgres.createDatabase('app', awkward);
  url = postgres.url('app', awkward);
  await withClient(url, (client) => fillEvents(client, 60_000));
});
folderEach((empty) => {
  folder = empty;
});

const files = (): string[] => readdirSync(folder).sort();
const given = (more: Parameters<typeof backupOptions>[1] = {}) =>
  backupOptions({ postgres, url, to: folder }, more);

/** As the superuser: whether there is a row. */
const asks = (sql: string): Promise<boolean> =>
  withClient(postgres.url('app'), async (client) => (await client.query(sql)).rowCount !== 0);

const start = (more: Partial<BackupProcessSettings> = {}) =>
  startBackupProcess({ do: 'backup', url, binDir: postgres.binDir, to: folder, ...more });

let holder: pg.Client | undefined;
afterEach(() => holder?.end());

/** Holds every reader of one table until it is let go, or the test has ended. */
async function lockTable(): Promise<() => Promise<unknown>> {
  const client = new pg.Client({ connectionString: postgres.url('app') });
  holder = client;
  await client.connect();
  await client.query('BEGIN; LOCK TABLE "Odd schema"."Täble ""x""" IN ACCESS EXCLUSIVE MODE');
  return () => client.query('COMMIT');
}

const dumping = "SELECT 1 FROM pg_stat_activity WHERE application_name IN ('pg_dump', 'slipway backup')";

describe('killed', () => {
  test('in the middle of the dump, and the next run clears away what it left', async () => {
    const release = await lockTable();
    const run = start();
    await until(() => asks(dumping));
    await until(() => files().length > 0);
    run.child.kill('SIGKILL');
    await run.over;
    expect(files()).toEqual([expect.stringMatching(/\.partial$/)]);
    await release();
    await until(async () => !(await asks(dumping)));
    const { backup } = await backUp(given());
    expect(files()).toEqual([path.basename(backup.file), path.basename(backup.manifest)]);
  });

  test('in the middle of the proof: the scratch database and the unproven dump go with the next run', async () => {
    const superuser = postgres.url('app');
    const run = start({ url: superuser, prove: 'restore' });
    const scratch = "SELECT 1 FROM pg_stat_activity WHERE datname ~ '^slipway_scratch' AND query ~ 'COPY'";
    await until(() => asks(scratch));
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
    const run = start();
    await until(() => asks(dumping));
    // The lock is held until pg_dump has ended: it ends without what it waits for.
    run.child.kill('SIGINT');
    expect(await run.over).toBe('Cancelled: cancelled during the backup');
    expect(files()).toEqual([]);
    await release();
    await until(async () => !(await asks(dumping)));
  });
});

test('neither the password nor the key is in an argument of any process', async () => {
  const release = await lockTable();
  const run = start({ encrypt: true });
  await until(() => asks(dumping));
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
  for (const secret of [awkward.password, encodeURIComponent(awkward.password), backupIdentity])
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
      hint: expect.stringMatching(/server closed the connection/),
    });
    await until(() =>
      asks(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'slipway backup' AND wait_event_type = 'Lock'",
      ),
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
        /^the backup failed, and nothing was changed: cannot count the rows: terminating connection/,
      ),
      hint: expect.stringMatching(/server closed the connection/),
    });
    await until(() =>
      asks(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ~ '^slipway backup 1' AND query ~ 'count'",
      ),
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
      hint: expect.stringMatching(/^Another session locks a table/),
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
    '%s is found, encrypted or not, and does not count as a backup',
    async (_what, damage, why) => {
      for (const keys of [null, backupKeys]) {
        for (const prove of ['checksum', 'decode', 'restore'] as const) {
          const options = backupOptions(
            { postgres, url: postgres.url('app'), to: folder },
            { store: damagedBy(damage), prove, keys },
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
