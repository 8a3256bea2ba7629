import { setTimeout } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { Fault } from '@slipway/kernel';
import * as fc from 'fast-check';
import { decrypted, encrypted, parseKey } from '../../packages/backup/src/cipher.ts';
import { compressed, decompressed } from '../../packages/backup/src/compression.ts';
import { createMeter, inPieces } from '../../packages/backup/src/pieces.ts';

async function* from(...chunks: Uint8Array[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}
async function all(content: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}
const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });
const key = Buffer.alloc(32, 9);
const pieceSize = 256 * 1024;

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
    const stored = await all(encrypted(from(plain), key));
    expect(stored.length).toBe(32 + size + 16 * Math.max(1, Math.ceil(size / pieceSize)));
    // However the network cuts it.
    const split = Array.from({ length: Math.ceil(stored.length / 70_000) }, (_, at) =>
      stored.subarray(at * 70_000, (at + 1) * 70_000),
    );
    expect((await all(decrypted(from(...split), key))).equals(plain)).toBe(true);
  },
);

test('what is changed, cut, reordered or of another key is refused', async () => {
  const plain = Buffer.alloc(3 * pieceSize, 'slipway');
  const stored = await all(encrypted(from(plain), key));
  const piece = pieceSize + 16;
  const refused = (bytes: Buffer, by = key) =>
    expect(all(decrypted(from(bytes), by))).rejects.toMatchObject({
      name: 'Fault',
      message: expect.stringMatching(/^the encrypted backup cannot be read: /),
    });
  for (const at of [3, 9, 17, 40, 32 + piece + 5, stored.length - 1]) {
    const changed = Buffer.from(stored);
    changed[at] = (changed[at] ?? 0) ^ 1;
    await refused(changed);
  }
  for (const length of [0, 10, 32, 32 + piece, 32 + 2 * piece, stored.length - 1])
    await refused(stored.subarray(0, length));
  await refused(Buffer.concat([stored.subarray(0, 32), stored.subarray(32 + piece)]));
  await refused(Buffer.concat([stored, Buffer.from('x')]));
  await refused(stored, Buffer.alloc(32, 8));
});

test('what is compressed comes back, and what is changed or cut does not', async () => {
  const plain = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7919) % 251));
  const stored = await all(compressed(from(plain.subarray(0, 7), plain.subarray(7))));
  expect(stored.length).toBeLessThan(plain.length);
  expect((await all(decompressed(from(stored)))).equals(plain)).toBe(true);
  const refused = (bytes: Buffer) =>
    expect(all(decompressed(from(bytes)))).rejects.toMatchObject({
      name: 'Fault',
      message: expect.stringMatching(/^the backup cannot be decompressed: /),
    });
  for (const at of [0, 9, stored.length - 1]) {
    const changed = Buffer.from(stored);
    changed[at] = (changed[at] ?? 0) ^ 1;
    await refused(changed);
  }
  for (const length of [1, 10, stored.length - 1]) await refused(stored.subarray(0, length));
});

test('what comes behind the end of a frame is read, and refused', async () => {
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

test('nothing is handed on before it is authenticated', async () => {
  const stored = await all(encrypted(from(Buffer.alloc(2 * pieceSize, 'a')), key));
  stored[40] = (stored[40] ?? 0) ^ 1;
  const got: Buffer[] = [];
  await expect(
    (async () => {
      for await (const chunk of decrypted(from(stored), key)) got.push(chunk);
    })(),
  ).rejects.toThrow();
  expect(got).toEqual([]);
});

test('a key is 32 bytes, and a wrong one is not repeated', () => {
  expect(parseKey('0a'.repeat(32))).toEqual(Buffer.alloc(32, 10));
  expect(parseKey(Buffer.alloc(32, 10).toString('base64'))).toEqual(Buffer.alloc(32, 10));
  for (const wrong of ['', 'hunter2hunter2', '0a'.repeat(31), Buffer.alloc(33).toString('base64')]) {
    expect(() => parseKey(wrong)).toThrow(/^the key of the backup is not 32 bytes in base64 or hexadecimal$/);
  }
});

test('a meter counts what goes through', async () => {
  const meter = createMeter();
  await all(meter.through(from(Buffer.from('ab'), Buffer.from('c'))));
  expect(meter.bytes).toBe(3);
  expect(meter.sha256()).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
