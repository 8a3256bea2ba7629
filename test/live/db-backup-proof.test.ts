import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { backUp, makeRestorePoint, runSnapshotCommand } from '@slipway/backup';
import { DatabaseUrl, systemClock } from '@slipway/kernel';
import { type Postgres, startPostgres } from '@slipway/test-services';
import { awkward, backupOptions, fillEvents } from '../support/backups.ts';
import { folderEach } from '../support/folder.ts';
import { postgresForAll, withClient } from '../support/postgres.ts';

let postgres: Postgres;
let other: Postgres;
let folder: string;
let archive: string;
let url: string;

/** Archives, as long as the file "on" is there. */
function startArchiving(): Promise<Postgres> {
  archive = mkdtempSync(path.join(tmpdir(), 'slipway-archive-'));
  chmodSync(archive, 0o755);
  writeFileSync(path.join(archive, 'on'), '');
  const command = `test -f ${archive}/on`;
  return startPostgres({
    settings: { archive_mode: 'on', archive_command: command, wal_level: 'replica' },
  });
}

postgresForAll(
  (started) => {
    postgres = started;
  },
  { start: startArchiving },
);
postgresForAll((started) => {
  other = started;
});
beforeAll(async () => {
  await postgres.createDatabase('app', awkward);
  await postgres.createDatabase('neighbour', awkward);
  url = postgres.url('app', awkward);
  await withClient(url, (client) => fillEvents(client, 1000));
});
afterAll(() => rmSync(archive, { recursive: true, force: true }));
folderEach((empty) => {
  folder = empty;
});

const given = (more: Parameters<typeof backupOptions>[1] = {}, address = url) =>
  backupOptions({ postgres, url: address, to: folder }, more);
const dumps = (): string[] => readdirSync(folder).filter((one) => /\.dump\.zst$/.test(one));

describe('a restore for proof', () => {
  test('works on another server, which has none of the roles', async () => {
    const scratchUrl = DatabaseUrl.parse(other.url('postgres'));
    const seen: string[] = [];
    const { manifest } = await backUp(given({ prove: 'restore', scratchUrl }), async (copy) => {
      seen.push(copy.reveal());
    });
    expect(manifest.proof).toMatchObject({ kind: 'restore', amcheck: 'passed' });
    expect(seen[0]).toContain(`:${other.port}/slipway_scratch_`);
  });

  test('without the privilege to create a database is refused with the ways out', async () => {
    const options = given({ prove: 'restore' });
    await expect(backUp(options)).rejects.toMatchObject({
      name: 'UserError',
      message: 'the database user may not create the database to restore into',
      hint: expect.stringMatching(/CREATEDB.*scratch-url.*decode/),
    });
    expect(readdirSync(folder)).toEqual([]);
    expect(options.log.lines).toEqual([]);
  });

  test('whose counts differ does not count as a proof', async () => {
    const scratchUrl = DatabaseUrl.parse(other.url('postgres'));
    const options = given({ prove: 'restore', scratchUrl });
    // A restore that leaves out a row: what pg_restore ends with is not what decides.
    const script = path.join(folder, 'pg_restore');
    const drop = `${other.binDir}/psql -qc "DELETE FROM events WHERE global_position = 7"`;
    writeFileSync(script, `#!/bin/sh\n${other.binDir}/pg_restore "$@" && ${drop}\n`, { mode: 0o755 });
    options.programs.pgRestore = script;
    await expect(backUp(options)).rejects.toMatchObject({
      name: 'Fault',
      message: 'the restored copy differs from the backup: public.events has 999 rows instead of 1000',
    });
    expect(dumps()).toEqual([]);
  });

  test('that a migration fails on is a backup all the same, and its copy is dropped', async () => {
    const scratchUrl = DatabaseUrl.parse(other.url('postgres'));
    const failing = backUp(given({ prove: 'restore', scratchUrl }), async () => {
      throw new Error('the migration is bad');
    });
    await expect(failing).rejects.toThrow('the migration is bad');
    expect(dumps()).toHaveLength(1);
    expect(readdirSync(folder)).toContain(`${dumps()[0]}.manifest.json`);
    const { rows } = await withClient(scratchUrl.reveal(), (client) =>
      client.query("SELECT datname FROM pg_database WHERE datname ~ '^slipway'"),
    );
    expect(rows).toEqual([]);
  });
});

test('a database above the limit is refused before anything is read', async () => {
  await expect(backUp(given({ limit: 1e6 }))).rejects.toMatchObject({
    name: 'UserError',
    message: expect.stringMatching(
      /^the database has .* MB, more than database\.backup\.limit \(1\.0 MB\): a dump would take about /,
    ),
    hint: expect.stringMatching(/limit.*restore-point.*snapshot-command/),
  });
  expect(readdirSync(folder)).toEqual([]);
});

test('old backups go when a newer one is proven, and those of other databases stay', async () => {
  const day = (number: number) => new Date(Date.UTC(2026, 0, number));
  const facts = (at: Date) => ({ ...given().facts, at });
  await backUp(given({ facts: facts(day(1)) }, postgres.url('neighbour', awkward)));
  for (let at = 1; at <= 4; at++) await backUp(given({ facts: facts(day(at)), keep: { last: 99, days: 1 } }));
  expect(dumps()).toHaveLength(5);
  const unproven = given({ facts: facts(day(5)), keep: { last: 2, days: 1 } });
  unproven.programs.pgRestore = '/bin/false';
  await expect(backUp(unproven)).rejects.toThrow(/cannot decode the backup: false exited 1/);
  expect(dumps()).toHaveLength(5);
  await backUp(given({ facts: facts(day(6)), keep: { last: 2, days: 1 } }));
  expect(
    dumps()
      .map((name) => /-(\d{8})T/.exec(name)?.[1])
      .sort(),
  ).toEqual(['20260101', '20260104', '20260106']);
  expect(readdirSync(folder)).toHaveLength(6);
});

describe('a restore point', () => {
  const point = (within = 20_000, url = postgres.url('app')) =>
    withClient(url, (client) => {
      const signal = new AbortController().signal;
      return makeRestorePoint({ client, release: '1.0.0-7', timeoutMs: within, clock: systemClock, signal });
    });

  test('is only one when its segment is in the archive', async () => {
    expect((await point()).file).toMatch(/^restore point slipway-1\.0\.0-7 at [0-9A-F]+\/[0-9A-F]+$/);
    rmSync(path.join(archive, 'on'));
    await expect(point(500)).rejects.toMatchObject({
      name: 'Fault',
      message: expect.stringMatching(
        /^the restore point slipway-1\.0\.0-7 did not reach the WAL archive in time: /,
      ),
    });
  }, 60_000);

  test('is none on a server that does not archive', async () => {
    await expect(point(1000, other.url('postgres'))).rejects.toMatchObject({
      name: 'UserError',
      message: 'cannot create the restore point: archive_mode is off',
    });
  });
});

test('a snapshot command decides by its exit code', async () => {
  const { exec } = given();
  const made = await runSnapshotCommand(['sh', '-c', 'echo begun; echo "rds:$0"', '{name}'], '1.0.0-7', exec);
  expect(made).toEqual({ file: 'snapshot rds:slipway-1-0-0-7', manifest: '', sha256: '', bytes: 0 });
  await expect(runSnapshotCommand(['sh', '-c', 'echo made; exit 4'], '1', exec)).rejects.toMatchObject({
    name: 'Fault',
    message: 'cannot make the snapshot: the command exited 4: made',
  });
});
