import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createExec, Redactor } from '@slipway/kernel';
import { azureCommands, googleCommands } from '../../../packages/backup/src/stores/cloud-commands.ts';
import { programStore, type StoreCommands } from '../../../packages/backup/src/stores/program-store.ts';
import { partsOf } from '../../../packages/backup/src/stores/s3-parts.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-store-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const signal = new AbortController().signal;
const env = { PATH: process.env.PATH ?? '' };
const sh = (script: string, ...args: string[]): [string, ...string[]] => ['sh', '-c', script, ...args];

/** A folder that programs read and write. */
function storeOf(more: Partial<StoreCommands> = {}) {
  const at = (name: string): string => path.join(folder, name);
  const commands: StoreCommands = {
    address: 'the folder',
    put: (name) => sh('cat > "$0"', at(name)),
    get: (name) => ['cat', at(name)],
    list: {
      argv: ['ls', folder],
      names: (stdout) => stdout.split('\n').filter((line) => line !== ''),
      empty: /(?!)/,
    },
    delete: (name) => ['rm', at(name)],
    hint: 'See to it.',
    ...more,
  };
  const redactor = new Redactor();
  return programStore(commands, { env, exec: createExec({ env, signal, redactor }), signal, redactor });
}
async function* content(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

describe('a store that programs serve', () => {
  test('deletes what exists, and does nothing when it does not', async () => {
    const store = storeOf();
    await store.put('one', content('1'));
    await store.delete('one');
    expect(await store.list()).toEqual([]);
    await expect(store.delete('one')).resolves.toBeUndefined();
    const stuck = storeOf({ delete: () => sh('echo locked >&2; exit 1') });
    await store.put('two', content('2'));
    await expect(stuck.delete('two')).rejects.toMatchObject({
      name: 'Fault',
      message: 'cannot delete two at the folder: sh exited 1: locked',
    });
    await store.delete('two');
  });

  // What gcloud 528 and az 2.74 wrote.
  test.each([
    [
      `ERROR: (gcloud.storage.ls) You do not currently have an active account selected.
Please run:

  $ gcloud auth login

to obtain new credentials.

If you have already logged in with a different account, run:

  $ gcloud config set account ACCOUNT

to select an already authenticated account to use.`,
      'You do not currently have an active account selected.',
    ],
    [
      `WARNING: The behavior of this command has been altered
ERROR: Error loading command module 'monitor': ord() expected string of length 1
ERROR: The specified container does not exist.
RequestId:ccc11131-4aa8-4d85-ae6b-4be6d49e31b8
Time:2026-11-26T02:08:27.353Z
ErrorCode:ContainerNotFound`,
      'The specified container does not exist.',
    ],
    ['it is broken', 'it is broken'],
  ])(
    'that cannot be used is reported before anything is stored, by what its program says first',
    async (said, reported) => {
      const argv = sh('echo "$0" >&2; exit 3', said);
      const store = storeOf({ list: { argv, names: () => [], empty: /(?!)/ } });
      await expect(store.prepare('owner')).rejects.toMatchObject({
        name: 'UserError',
        message: `cannot use the backup store the folder: sh exited 3: ${reported}`,
        hint: 'See to it.',
      });
    },
  );

  test('may be empty, and say so by an error', async () => {
    const argv = sh('echo "ERROR: (gcloud.storage.ls) One or more URLs matched no objects." >&2; exit 1');
    const google = googleCommands('gs://bucket/app').list;
    expect(await storeOf({ list: google && { ...google, argv } }).list()).toEqual([]);
  });
});

describe('the commands of the clouds', () => {
  test('take addresses with blanks and signs', () => {
    const google = googleCommands('gs://bucket/pro d/a%b');
    expect(google.put('x').at(-1)).toBe('gs://bucket/pro d/a%b/x');
    expect(google.list?.names('gs://bucket/pro d/a%b/x\ngs://bucket/pro d/a%b/sub d/\n')).toEqual(['x']);
    const azure = azureCommands('azblob://account/container/pro d/a%b');
    expect(azure.put('x')[2]).toBe('https://account.blob.core.windows.net/container/pro%20d/a%25b/x');
    expect(azure.delete?.('x').at(-1)).toBe('pro d/a%b/x');
  });

  test('list what is in the folder, and not what lies deeper', () => {
    const names = azureCommands('azblob://account/container/app').list?.names;
    expect(names?.('app/x.dump\napp/staging/y.dump\n')).toEqual(['x.dump']);
    expect(azureCommands('azblob://account/container').list?.names('x.dump\napp/y.dump\n')).toEqual([
      'x.dump',
    ]);
  });
});

test('parts grow, so that the ten thousand that S3 takes hold more than any backup has', async () => {
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let at = 0; at < 5500; at++) yield Buffer.from([at % 251]);
  }
  const sizes: number[] = [];
  const all: number[] = [];
  for await (const { bytes, last } of partsOf(pieces(), 1)) {
    sizes.push(bytes.length);
    all.push(...bytes);
    expect(last).toBe(all.length === 5500);
  }
  expect(all).toEqual(Array.from({ length: 5500 }, (_, at) => at % 251));
  // A thousand of one, a thousand of two, and what is left by threes.
  expect(sizes.length).toBe(1000 + 1000 + Math.ceil(2500 / 3));
  expect([sizes[999], sizes[1000], sizes[2000]]).toEqual([1, 2, 3]);
});
