import { describe, expect, test } from '@jest/globals';
import { DatabaseUrl, OutsideText, ProgramFailure, Redactor } from '@slipway/kernel';
import { expectedDuration, formatSize } from '../../../packages/backup/src/estimate.ts';
import {
  backupName,
  manifestName,
  manifestsOf,
  unfinishedDumps,
} from '../../../packages/backup/src/identity.ts';
import type { BackupManifest } from '../../../packages/backup/src/manifest.ts';
import { explainFailure } from '../../../packages/backup/src/read-back.ts';
import { compare, describeLoss } from '../../../packages/backup/src/restore/loss.ts';
import { foundNames, restoreNames } from '../../../packages/backup/src/restore/names.ts';
import { findInterruptedRestore } from '../../../packages/backup/src/restore/recover.ts';
import { isArchived, judgeArchiving } from '../../../packages/backup/src/restore-point.ts';
import { expiredBackups } from '../../../packages/backup/src/retention.ts';
import {
  azureCommands,
  googleCommands,
  ownCommands,
} from '../../../packages/backup/src/stores/cloud-commands.ts';
import { compareCounts } from '../../../packages/backup/src/tables.ts';

describe('retention', () => {
  const now = new Date('2026-03-01T00:00:00Z');
  const made = (daysAgo: number, more: object = {}): BackupManifest =>
    ({
      file: `d${daysAgo}`,
      databaseId: 'a',
      createdAt: new Date(now.getTime() - daysAgo * 86_400_000).toISOString(),
      proof: { kind: 'decode', at: '', ms: 1 },
      ...more,
    }) as BackupManifest;

  test('keeps the newest and the young', () => {
    const all = [made(0), made(1), made(40), made(50), made(60)];
    expect(expiredBackups(all, 'a', { last: 3, days: 30 }, now)).toEqual(['d60', 'd50']);
    expect(expiredBackups(all, 'a', { last: 1, days: 45 }, now)).toEqual(['d60', 'd50']);
    expect(expiredBackups(all, 'a', { last: 0, days: 0 }, now)).toEqual(['d60', 'd50', 'd40', 'd1']);
  });

  test('never touches the last one that was restored for proof, nor another database', () => {
    const restored = { proof: { kind: 'restore', at: '', ms: 1 } };
    const all = [made(40), made(50, restored), made(60, restored), made(90, { databaseId: 'b' })];
    expect(expiredBackups(all, 'a', { last: 1, days: 0 }, now)).toEqual(['d60']);
    expect(expiredBackups([made(90)], 'a', { last: 0, days: 0 }, now)).toEqual([]);
  });
});

test('names show release, moment and database, and whose is unfinished', () => {
  const at = new Date('2026-01-02T03:04:05.006Z');
  const name = backupName({ release: 'v1/β 2', at, owner: 'abc123', encrypted: false });
  expect(name).toBe('v1___2-20260102T030405006Z.abc123.dump.zst');
  const sealed = backupName({ release: '1', at, owner: 'abc123', encrypted: true });
  const ofAnotherOwner = backupName({ release: '1', at, owner: 'def456', encrypted: false });
  const names = [name, manifestName(name), sealed, ofAnotherOwner, 'notes.txt'];
  expect(manifestsOf(names, 'abc123')).toEqual([manifestName(name)]);
  expect(unfinishedDumps(names, 'abc123')).toEqual([sealed]);
});

test('sizes and times are those of people', () => {
  expect([0, 999, 1500, 12_345_678, 1.2e9, 5e15].map(formatSize)).toEqual([
    '0 B',
    '999 B',
    '1.5 kB',
    '12 MB',
    '1.2 GB',
    '5000 TB',
  ]);
  expect(expectedDuration(1e9, 'restore')).toBe(15_385);
  expect(expectedDuration(1e9, 'decode')).toBeGreaterThan(expectedDuration(1e9, 'checksum'));
  expect(expectedDuration(1e9, 'restore')).toBeGreaterThan(expectedDuration(1e9, 'decode'));
});

test.each([
  ['postgresql://u:p%40@h:5/app', 'postgresql://u:p%40@h:5/a%20b'],
  ['postgres://u@h', 'postgres://u@h/a%20b'],
  ['postgresql://u@h/app?sslmode=require', 'postgresql://u@h/a%20b?sslmode=require'],
  ['postgresql://u@/app?host=/run', 'postgresql://u@/a%20b?host=/run'],
])('%s with another database', (url, other) => {
  expect(DatabaseUrl.parse(url).withDatabase('a b').reveal()).toBe(other);
});

test('the commands of the clouds hold the object and stream', () => {
  const google = googleCommands('gs://bucket/app/');
  expect(google.put('x.dump')).toEqual([
    'gcloud',
    'storage',
    'cp',
    '--no-clobber',
    '--quiet',
    '-',
    'gs://bucket/app/x.dump',
  ]);
  expect(google.list?.names('gs://bucket/app/x.dump\ngs://bucket/app/sub/\n')).toEqual(['x.dump']);
  const azure = azureCommands('azblob://account/container/app');
  expect(azure.put('x')).toEqual([
    'azcopy',
    'copy',
    'https://account.blob.core.windows.net/container/app/x',
    '--from-to',
    'PipeBlob',
  ]);
  expect(azure.list?.names('app/x.dump\napp/y\n')).toEqual(['x.dump', 'y']);
  const own = ownCommands(['store', '--as', '{name}'], ['fetch', '{name}']);
  expect([own.put('x'), own.get?.('x')]).toEqual([
    ['store', '--as', 'x'],
    ['fetch', 'x'],
  ]);
  expect([own.list, own.delete]).toEqual([null, null]);
  const listed = ownCommands(['store', '{name}'], ['fetch', '{name}'], {
    list: ['ls', 'at'],
    delete: ['rm', 'at/{name}'],
  });
  expect(listed.list?.argv).toEqual(['ls', 'at']);
  expect(listed.list?.names('a.dump.zst\r\nat/b.dump.zst\n\nolder/\n')).toEqual(['a.dump.zst', 'b.dump.zst']);
  expect(listed.delete?.('x')).toEqual(['rm', 'at/x']);
});

test('counts that differ are named', () => {
  expect(compareCounts({ a: 1, b: 2, c: 3 }, { a: 1, b: 3 })).toEqual([
    'b has 3 rows instead of 2',
    'c is missing',
  ]);
});

describe('an archive', () => {
  const good = {
    mode: 'on',
    by: 'cp',
    lastArchived: null,
    archivedAt: null,
    lastFailed: null,
    failedAt: null,
  };
  test.each([
    [{}, null],
    [{ mode: 'off' }, 'archive_mode is off'],
    [{ by: '' }, 'neither archive_command nor archive_library is set'],
    [{ failedAt: new Date(2), archivedAt: new Date(1) }, expect.stringMatching(/^archiving failed/)],
    [{ failedAt: new Date(1), archivedAt: new Date(2) }, null],
  ])('%j', (change, problem) => {
    expect(judgeArchiving({ ...good, ...change })).toEqual(problem);
  });
  test('has a segment when that or a later one is in it', () => {
    const segment = '0000000100000002000000FE';
    expect(isArchived('0000000100000002000000FE', segment)).toBe(true);
    expect(isArchived('000000010000000300000001.00000028.backup', segment)).toBe(true);
    expect(isArchived('0000000100000002000000FD', segment)).toBe(false);
    expect([isArchived(null, segment), isArchived('00000002.history', segment)]).toEqual([false, false]);
  });
});

describe('a restore', () => {
  const at = new Date('2026-01-02T03:04:05.006Z');
  test('finds its own names again, and no others', () => {
    for (const database of ['app', 'ä'.repeat(31), 'x'.repeat(63)]) {
      const { restored, old } = restoreNames(database, at);
      expect([restored, old].map((name) => Buffer.byteLength(name) <= 63)).toEqual([true, true]);
      expect(foundNames(database, [restored, old, database, `${restored}0`])).toEqual({
        restored: [restored],
        old: [old],
      });
    }
    const near = restoreNames(`${'x'.repeat(62)}y`, at);
    expect(foundNames('x'.repeat(63), [near.restored])).toEqual({ restored: [], old: [] });
  });

  test('judges what a killed one left', () => {
    const { restored, old } = restoreNames('app', at);
    const one = (datname: string, datallowconn = true, comment: string | null = null) => ({
      datname,
      datallowconn,
      comment,
    });
    const mark = 'slipway closed the connections of the database that this one is going to replace';
    const judged = (...all: ReturnType<typeof one>[]) => findInterruptedRestore('app', all);
    expect(judged(one('app'))).toEqual({ restored: [], closed: false, putBack: null });
    expect(judged(one('app'), one(restored))).toEqual({ restored: [restored], closed: false, putBack: null });
    expect(judged(one('app', false), one(restored, true, mark))).toMatchObject({ closed: true });
    expect(judged(one('app', false), one(restored))).toMatchObject({ closed: false });
    expect(judged(one(old, false), one(restored))).toMatchObject({ putBack: old });
    expect(judged(one(old, false))).toMatchObject({ putBack: null });
  });

  test('reports the loss, and when the counters cannot', () => {
    const backup = { counts: { a: 3, gone: 1 }, changes: { a: 10, gone: 1 } };
    const now = { a: counted(3, 14), fresh: counted(2, 2) };
    const loss = compare(backup, now, true);
    expect(loss.tables).toEqual([
      { name: 'a', before: 3, now: 3, changes: 4 },
      { name: 'fresh', before: null, now: 2, changes: 2 },
      { name: 'gone', before: 1, now: null, changes: null },
    ]);
    const events = { table: 'events', lost: 2, from: '4', to: '5' };
    expect(describeLoss({ since: 'then', events, ...loss })).toEqual([
      '2 events of events were written after then (positions 4 to 5)',
      'a had 3 rows, has 3, about 4 changes',
      'fresh is new, with 2 rows, about 2 changes',
      'gone was dropped',
    ]);
    const unsure = compare(
      backup,
      { a: { rows: { ok: false, reason: 'invalid page' } as const, changes: 10 }, gone: counted(1, 1) },
      true,
    );
    const lost = { table: 'events', lost: null, from: null, to: null, unknown: 'it is locked' };
    expect(describeLoss({ since: 'then', events: lost, ...unsure })).toEqual([
      'events: the number of events written after then is unknown (it is locked)',
      'a had 3 rows; its current count is unknown (invalid page), about 0 changes',
    ]);
    const reset = compare(backup, { a: counted(3, 2) }, true);
    expect(reset.counted).toBe(false);
    expect(describeLoss({ since: 'then', events: null, ...reset }).at(-1)).toMatch(
      /server's counters were reset/,
    );
    expect(describeLoss({ since: 'then', events: null, tables: [], counted: true })).toEqual([
      'nothing was written after then',
    ]);
  });
});

test.each([
  [
    'pg_restore: error: could not extend file "base/1/2": No space left on device',
    /^Free disk space on the target server/,
  ],
  ['could not extend file "base/1/2": wrote only 4096 of 8192 bytes at block 7', /^Free disk space/],
  ['server closed the connection unexpectedly', /check its log.*scratch-url/],
  ['FATAL:  the database system is in recovery mode', /check its log.*scratch-url/],
  ['ERROR:  role "app" does not exist', /^Create the role first/],
  ['ERROR:  extension "postgis" is not available', /^Install the extension/],
  ['something else', /^Fix the cause/],
])('%s: what to do about it', (said, hint) => {
  const { message, hint: advice } = explainFailure(
    'restore',
    new ProgramFailure(['/x/pg_restore'], 'exited 1', OutsideText.of(said, new Redactor())),
  );
  expect(message).toBe(`cannot restore the backup: pg_restore exited 1: ${said}`);
  expect(advice).toMatch(hint);
});

function counted(value: number, changes: number) {
  return { rows: { ok: true, value } as const, changes };
}
