import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { beforeEach, expect, test } from '@jest/globals';
import { backUp, readKeys, restoreDatabase } from '@slipway/backup';
import type { Postgres } from '@slipway/test-services';
import pg from 'pg';
import {
  awkward,
  backupIdentity,
  backupKeys,
  backupOptions,
  backupRecipient,
  fillEvents,
  restoreOptions,
} from '../support/backups.ts';
import { folderEach } from '../support/folder.ts';
import { databaseEach, type OwnDatabase, withClient } from '../support/postgres.ts';

let postgres: Postgres;
let folder: string;
let name: string;
let url: string;
let connect: OwnDatabase['connect'];
let database: pg.Client;

databaseEach(
  (own) => {
    ({ postgres, name, url, connect } = own);
  },
  { name: 'Doc "sense"', owner: awkward, needs: ['age'] },
);
folderEach((empty) => {
  folder = empty;
});
beforeEach(async () => {
  database = await connect();
  await fillEvents(database, 5000);
});

const files = (): string[] => readdirSync(folder).sort();

test('the manifest holds what a restore can be checked against', async () => {
  const options = backupOptions({ postgres, url, to: folder });
  const { backup, manifest } = await backUp(options);
  const bytes = readFileSync(backup.file);
  expect(JSON.parse(readFileSync(backup.manifest, 'utf8'))).toEqual(manifest);
  expect(manifest).toMatchObject({
    schema: 3,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.length,
    cipher: 'none',
    database: name,
    release: '1.0.0-7',
    commit: 'c0ffee',
    counts: { 'public.events': 5000, 'public.projection_checkpoints': 1, '"Odd schema"."Täble ""x"""': 3 },
    counted: 'all',
    events: { table: 'public.events', column: 'global_position', head: '5000' },
    proof: { kind: 'decode' },
  });
  expect(manifest.lsn).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
  expect(files()).toEqual([path.basename(backup.file), path.basename(backup.manifest)]);
  expect(files().map((file) => statSync(path.join(folder, file)).mode & 0o777)).toEqual([0o600, 0o600]);
});

test('rows are those of the snapshot while others write', async () => {
  const writer = await connect();
  let writing = true;
  let written = 0;
  const busy = (async () => {
    for (; writing; written++)
      await writer.query("INSERT INTO events (stream_id, data) VALUES ('live', '{}')");
  })();
  try {
    const superuser = postgres.url(name);
    const options = backupOptions({ postgres, url: superuser, to: folder }, { prove: 'restore' });
    const { manifest } = await backUp(options);
    expect(manifest.counts['public.events']).toBeGreaterThanOrEqual(5000);
    expect(manifest.proof).toMatchObject({ kind: 'restore', amcheck: 'passed' });
  } finally {
    writing = false;
    await busy;
  }
  expect(written).toBeGreaterThan(10);
});

test('a restored copy is lent before it is dropped', async () => {
  const superuser = postgres.url(name);
  const options = backupOptions(
    { postgres, url: superuser, to: folder },
    { prove: 'restore', keys: backupKeys },
  );
  let copy = '';
  let counted = 0;
  const { backup } = await backUp(options, async (scratchUrl, made) => {
    expect(existsSync(made.manifest)).toBe(true);
    copy = scratchUrl.reveal();
    await withClient(copy, async (client) => {
      await client.query('ALTER TABLE events ADD COLUMN tried boolean');
      const { rows } = await client.query('SELECT count(*)::int AS rows FROM events');
      counted = rows[0].rows;
    });
  });
  expect(counted).toBe(5000);
  expect(existsSync(backup.file)).toBe(true);
  const gone = new pg.Client({ connectionString: copy });
  await expect(gone.connect()).rejects.toThrow(/does not exist/);
  const { rows } = await database.query("SELECT 1 FROM pg_database WHERE datname ~ '^slipway_scratch'");
  expect(rows).toEqual([]);
});

test('an encrypted one is read by `age -d` and pg_restore, and by no one without the identity', async () => {
  const keys = await readKeys({ recipients: [backupRecipient] });
  const { backup, manifest } = await backUp(backupOptions({ postgres, url, to: folder }, { keys }));
  expect(manifest.cipher).toBe('age');
  expect(manifest.proof).toMatchObject({ kind: 'decode', decryptedWith: 'run-key' });
  expect(backup.file).toMatch(/\.dump\.zst\.age$/);
  const bytes = readFileSync(backup.file);
  expect(bytes.subarray(0, 21).toString()).toBe('age-encryption.org/v1');
  expect(bytes.includes('PGDMP')).toBe(false);
  const plain = path.join(folder, 'plain');
  writeFileSync(plain, zstdDecompressSync(ageDecrypted(backup.file, backupIdentity)));
  const listed = execFileSync(path.join(postgres.binDir, 'pg_restore'), ['--list', plain]);
  expect(String(listed)).toContain('TABLE DATA public events');
  expect(() => ageDecrypted(backup.file, anotherIdentity)).toThrow(/no identity matched/);
});

test('a restore decrypts what `age` encrypted to the same recipient', async () => {
  const options = backupOptions({ postgres, url: postgres.url(name), to: folder }, { keys: backupKeys });
  const { backup, manifest } = await backUp(options);
  expect(manifest.proof).toMatchObject({ kind: 'decode', decryptedWith: 'identity' });
  const dump = ageDecrypted(backup.file, backupIdentity);
  execFileSync('age', ['-r', backupRecipient, '-o', `${folder}/again.age`], { input: dump });
  const stored = readFileSync(`${folder}/again.age`);
  writeFileSync(backup.file, stored);
  const sha256 = createHash('sha256').update(stored).digest('hex');
  writeFileSync(backup.manifest, JSON.stringify({ ...manifest, sha256, bytes: stored.length }));
  const restored = await restoreDatabase(restoreOptions(options));
  expect(restored).toMatchObject({ swapped: false, backup: { sha256 } });
});

const anotherIdentity = 'AGE-SECRET-KEY-1FRR5UCQ3VXX3A4X0EFMXY8Q4W4JHHY63CQ3XZU0WQ26JYVPRUPDS0X9HUE';

/** What the program `age` makes of a file. @throws with what it wrote to stderr. */
function ageDecrypted(file: string, identity: string): Buffer {
  const keyFile = path.join(folder, 'key.txt');
  writeFileSync(keyFile, `# a comment, as age-keygen writes it\n${identity}\n`);
  return execFileSync('age', ['-d', '-i', keyFile, file], { maxBuffer: 64 * 1024 * 1024, stdio: 'pipe' });
}
