import { setTimeout } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { Fault } from '@slipway/kernel';
import * as fc from 'fast-check';
import { compressed, decompressed } from '../../../packages/backup/src/compression.ts';
import { decrypted, encrypted, readKeys, withRunKey } from '../../../packages/backup/src/encryption.ts';
import { createMeter, inPieces } from '../../../packages/backup/src/pieces.ts';
import { backupIdentity, backupKeys, backupRecipient } from '../../support/backups.ts';

async function* from(...chunks: Uint8Array[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}
async function all(content: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}
const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });
/** Bytes that age seals at a time. */
const pieceSize = 64 * 1024;

test('pieces are of one size, the last is not empty, and together they are everything', async () => {
  await fc.assert(
    fc.asyncProperty(chunks, fc.integer({ min: 1, max: 50 }), async (content, size) => {
      const pieces: { bytes: Buffer; last: boolean }[] = [];
      for await (const piece of inPieces(from(...content), size)) pieces.push(piece);
      const whole = Buffer.concat(content.map((chunk) => Buffer.from(chunk)));
      expect(Buffer.concat(pieces.map(({ bytes }) => bytes)).equals(whole)).toBe(true);
      expect(pieces.map(({ last }) => last)).toEqual(pieces.map((_, at) => at === pieces.length - 1));
      expect(pieces.slice(0, -1).every(({ bytes }) => bytes.length === size)).toBe(true);
      expect(whole.length === 0 || (pieces.at(-1)?.bytes.length ?? 0) > 0).toBe(true);
    }),
  );
});

test.each([0, 1, 1000, pieceSize - 1, pieceSize, pieceSize + 1, 3 * pieceSize])(
  '%d bytes come back as they were',
  async (size) => {
    const plain = Buffer.alloc(size, 'slipway');
    const stored = await all(encrypted(from(plain), backupKeys.recipients));
    // However the network cuts it.
    const split = Array.from({ length: Math.ceil(stored.length / 70_000) }, (_, at) =>
      stored.subarray(at * 70_000, (at + 1) * 70_000),
    );
    expect((await all(decrypted(from(...split), backupIdentity))).equals(plain)).toBe(true);
  },
);

test('what is changed, cut, reordered or of another key is refused', async () => {
  const plain = Buffer.alloc(3 * pieceSize, 'slipway');
  const stored = await all(encrypted(from(plain), backupKeys.recipients));
  const piece = pieceSize + 16;
  const header = stored.length - plain.length - 3 * 16;
  const refused = (bytes: Buffer, why: RegExp, by = backupIdentity) =>
    expect(all(decrypted(from(bytes), by))).rejects.toMatchObject({
      name: 'Fault',
      message: expect.stringMatching(why),
    });
  const damaged = /^cannot decrypt the backup: it was changed or cut off after it was written$/;
  for (const at of [3, header - 20, header - 1, header + piece + 5, stored.length - 1]) {
    const changed = Buffer.from(stored);
    changed[at] = (changed[at] ?? 0) ^ 1;
    await refused(changed, damaged);
  }
  for (const length of [0, 10, header, header + piece, header + 2 * piece, stored.length - 1])
    await refused(stored.subarray(0, length), damaged);
  await refused(Buffer.concat([stored.subarray(0, header), stored.subarray(header + piece)]), damaged);
  await refused(Buffer.concat([stored, Buffer.from('x')]), damaged);
  const { identity } = await withRunKey({ recipients: [], identity: null });
  await refused(stored, /^cannot decrypt the backup: the identity is not one of its recipients$/, identity);
});

test('what is compressed comes back, and what is changed or cut does not', async () => {
  const plain = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7919) % 251));
  const stored = await all(compressed(from(plain.subarray(0, 7), plain.subarray(7))));
  expect(stored.length).toBeLessThan(plain.length);
  expect((await all(decompressed(from(stored)))).equals(plain)).toBe(true);
  const refused = (bytes: Buffer) =>
    expect(all(decompressed(from(bytes)))).rejects.toMatchObject({
      name: 'Fault',
      message: expect.stringMatching(/^cannot decompress the backup: /),
    });
  for (const at of [0, 9, stored.length - 1]) {
    const changed = Buffer.from(stored);
    changed[at] = (changed[at] ?? 0) ^ 1;
    await refused(changed);
  }
  for (const length of [1, 10, stored.length - 1]) await refused(stored.subarray(0, length));
});

test('what follows the end of a frame is read, and refused', async () => {
  const stored = await all(compressed(from(Buffer.alloc(300_000, 'slipway'))));
  const why = new Fault('it has 16 bytes too many');
  async function* tooLong(): AsyncGenerator<Buffer> {
    yield Buffer.concat([stored, Buffer.alloc(16)]);
    // A network is in no hurry to say that this was all.
    await setTimeout(30);
    throw why;
  }
  await expect(all(decompressed(tooLong()))).rejects.toBe(why);
});

test('a failure of the content passes through zstd as it is, both ways', async () => {
  const why = new Fault('the network is gone');
  async function* failing(begin: Buffer): AsyncGenerator<Buffer> {
    yield begin;
    throw why;
  }
  const stored = await all(compressed(from(Buffer.alloc(300_000, 'slipway'))));
  await expect(all(compressed(failing(Buffer.from('x'))))).rejects.toBe(why);
  await expect(all(decompressed(failing(stored.subarray(0, 20))))).rejects.toBe(why);
});

test('a failure of the content passes through encryption as it is, both ways', async () => {
  const why = new Fault('the network is gone');
  async function* failing(begin: Buffer): AsyncGenerator<Buffer> {
    yield begin;
    throw why;
  }
  const stored = await all(encrypted(from(Buffer.alloc(300_000, 'slipway')), backupKeys.recipients));
  await expect(all(encrypted(failing(Buffer.from('x')), backupKeys.recipients))).rejects.toBe(why);
  for (const length of [20, 200_000])
    await expect(all(decrypted(failing(stored.subarray(0, length)), backupIdentity))).rejects.toBe(why);
});

test('encryption that is not read to its end closes the content before it returns', async () => {
  let closed = false;
  async function* content(): AsyncGenerator<Buffer> {
    try {
      for (;;) yield Buffer.alloc(pieceSize);
    } finally {
      await setTimeout(20);
      closed = true;
    }
  }
  let chunks = 0;
  for await (const _chunk of encrypted(content(), backupKeys.recipients)) if (++chunks === 3) break;
  expect(closed).toBe(true);
});

test('nothing is passed on before it is authenticated', async () => {
  const stored = await all(encrypted(from(Buffer.alloc(2 * pieceSize, 'a')), backupKeys.recipients));
  const first = stored.length - 2 * (pieceSize + 16);
  stored[first + 40] = (stored[first + 40] ?? 0) ^ 1;
  const got: Buffer[] = [];
  await expect(
    (async () => {
      for await (const chunk of decrypted(from(stored), backupIdentity)) got.push(chunk);
    })(),
  ).rejects.toThrow();
  expect(got).toEqual([]);
});

test('keys are checked, and a malformed identity is not repeated', async () => {
  const recipients = [backupRecipient];
  expect(await readKeys({ recipients })).toEqual({ recipients, identity: null });
  // An identity can read what is written with it, so that its own recipient is one.
  expect(await readKeys({ identity: backupIdentity })).toEqual({ recipients, identity: backupIdentity });
  expect(await readKeys({ recipients, identity: backupIdentity })).toEqual(backupKeys);
  await expect(readKeys({ recipients: [`${backupRecipient.slice(0, -1)}x`] })).rejects.toMatchObject({
    name: 'UserError',
    message: expect.stringMatching(
      /^database\.backup\.encrypt\.recipients: "age1.*" is not an age public key$/,
    ),
  });
  await expect(readKeys({ identity: `${backupIdentity.slice(0, -1)}X` })).rejects.toMatchObject({
    name: 'UserError',
    message: 'database.backup.encrypt.identity is not an age secret key',
    cause: undefined,
  });
});

test('a run without an identity decrypts its own backup with a key of that run', async () => {
  const keys = await withRunKey({ recipients: [backupRecipient], identity: null });
  expect(keys.recipients).toHaveLength(2);
  const stored = await all(encrypted(from(Buffer.from('rows')), keys.recipients));
  for (const identity of [keys.identity, backupIdentity])
    expect(String(await all(decrypted(from(stored), identity)))).toBe('rows');
  expect((await withRunKey(keys)).identity).toBe(keys.identity);
});

test('a meter counts what goes through', async () => {
  const meter = createMeter();
  await all(meter.through(from(Buffer.from('ab'), Buffer.from('c'))));
  expect(meter.bytes).toBe(3);
  expect(meter.sha256()).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
