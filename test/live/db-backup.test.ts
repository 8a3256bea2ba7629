import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { beforeEach, expect, test } from '@jest/globals';
import { backUp, parseKey } from '@slipway/backup';
import type { Postgres } from '@slipway/test-services';
import pg from 'pg';
import { root } from '../support/action.ts';
import { awkward, backupOptions, fillEvents } from '../support/backups.ts';
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
  { name: 'Doc "sense"', owner: awkward },
);
folderEach((empty) => {
  folder = empty;
});
beforeEach(async () => {
  database = await connect();
  await fillEvents(database, 5000);
});

const files = (): string[] => readdirSync(folder).sort();
const key = parseKey('5f'.repeat(32));

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
  const options = backupOptions({ postgres, url: superuser, to: folder }, { prove: 'restore', key });
  let copy = '';
  let counted = 0;
  const { backup } = await backUp(options, async (scratchUrl, made) => {
    expect(existsSync(made.manifest)).toBe(true);
    copy = scratchUrl;
    await withClient(scratchUrl, async (client) => {
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

test('an encrypted one can be read by no one else, and by anyone who has the key', async () => {
  const { backup, manifest } = await backUp(backupOptions({ postgres, url, to: folder }, { key }));
  expect(manifest.cipher).toBe('slipway-aes-256-gcm-1');
  expect(backup.file).toMatch(/\.dump\.zst\.aes$/);
  const bytes = readFileSync(backup.file);
  expect(bytes.subarray(0, 8).toString()).toBe('SLIPWAYB');
  expect(bytes.includes('PGDMP')).toBe(false);
  // What the documentation of the format says is all that is needed.
  const source = readFileSync(path.join(root, 'packages/database/src/backup/cipher.ts'), 'utf8');
  const recipe =
    /dump\.zst\.aes \| zstd -d > backup\.dump`:\n \*\n((?: \* {3}.*\n)+)/
      .exec(source)?.[1]
      ?.replace(/^ \* {3}/gm, '') ?? '';
  writeFileSync(path.join(folder, 'decrypt.mjs'), recipe);
  const plain = execFileSync(process.execPath, [path.join(folder, 'decrypt.mjs')], {
    input: bytes,
    env: { KEY: '5f'.repeat(32) },
  });
  writeFileSync(path.join(folder, 'plain'), zstdDecompressSync(plain));
  const listed = execFileSync(path.join(postgres.binDir, 'pg_restore'), [
    '--list',
    path.join(folder, 'plain'),
  ]);
  expect(String(listed)).toContain('TABLE DATA public events');
});
