import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { Fault, UserError } from '@slipway/kernel';
import { inPieces } from './pieces.ts';

/** Named in the manifest. */
export const cipherName = 'slipway-aes-256-gcm-1';

/**
 * The format, version 1. Everything is authenticated before it is handed on: a restore never runs SQL that was
 * tampered with, and a missing end is noticed. GCM alone could do neither for a stream, and no more than 64 GiB.
 *
 *   header, 32 bytes: "SLIPWAYB", 1 (version), 1 (AES-256-GCM), 0, 0, piece size as uint32 big-endian, 16 bytes of salt
 *   pieces:           ciphertext as long as the piece (the last may be shorter), then the tag of 16 bytes
 *   key:              HKDF-SHA256(key, salt, info "slipway backup 1"), 32 bytes
 *   nonce of piece n: 7 zero bytes, n as uint32 big-endian, 1 for the last piece and 0 for the others
 *   additional data:  the header
 *
 * Without Slipway, `KEY=<the key> node decrypt.mjs < backup.dump.zst.aes | zstd -d > backup.dump`:
 *
 *   import { createDecipheriv, hkdfSync } from 'node:crypto';
 *   import { readSync, writeSync } from 'node:fs';
 *   const read = (size) => {
 *     const piece = Buffer.alloc(size);
 *     let at = 0;
 *     for (let got = 1; got > 0 && at < size; at += got) got = readSync(0, piece, at, size - at);
 *     return piece.subarray(0, at);
 *   };
 *   const text = process.env.KEY, raw = Buffer.from(text, text.length === 64 ? 'hex' : 'base64');
 *   const head = read(32), size = head.readUInt32BE(12) + 16;
 *   const key = Buffer.from(hkdfSync('sha256', raw, head.subarray(16), 'slipway backup 1', 32));
 *   for (let n = 0, piece = read(size), next; piece.length > 0; n++, piece = next) {
 *     next = read(size);
 *     const nonce = Buffer.alloc(12);
 *     nonce.writeUInt32BE(n, 7);
 *     nonce[11] = next.length === 0 ? 1 : 0;
 *     const open = createDecipheriv('aes-256-gcm', key, nonce).setAAD(head).setAuthTag(piece.subarray(-16));
 *     writeSync(1, Buffer.concat([open.update(piece.subarray(0, -16)), open.final()]));
 *   }
 */
const magic = Buffer.from('SLIPWAYB');
const headerLength = 32;
const tagLength = 16;
const pieceSize = 256 * 1024;

/**
 * Reads a key of 32 bytes, written in hexadecimal or base64.
 * @throws UserError that does not hold the key.
 */
export function parseKey(text: string): Buffer {
  const key = Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? 'hex' : 'base64');
  if (key.length === 32) return key;
  throw new UserError('the key of the backup is not 32 bytes in base64 or hexadecimal', {
    hint: 'Make one with `openssl rand -base64 32`, keep it where the backups are not, and name it in database.backup.encrypt.',
  });
}

/** The content in the format above. */
export async function* encrypted(content: AsyncIterable<Buffer>, key: Buffer): AsyncGenerator<Buffer> {
  const header = Buffer.alloc(headerLength);
  magic.copy(header);
  header.set([1, 1, 0, 0], 8);
  header.writeUInt32BE(pieceSize, 12);
  randomBytes(16).copy(header, 16);
  yield header;
  const own = derive(key, header);
  let count = 0;
  for await (const { bytes, last } of inPieces(content, pieceSize)) {
    const cipher = createCipheriv('aes-256-gcm', own, nonce(count++, last)).setAAD(header);
    yield cipher.update(bytes);
    // GCM holds nothing back: all that is left is the tag.
    cipher.final();
    yield cipher.getAuthTag();
  }
}

/** The reverse. @throws Fault when the key is another one, or the content was changed or cut. */
export async function* decrypted(content: AsyncIterable<Buffer>, key: Buffer): AsyncGenerator<Buffer> {
  const source = content[Symbol.asyncIterator]();
  let start = Buffer.alloc(0);
  while (start.length < headerLength) {
    const next = await source.next();
    if (next.done) throw damaged('it ends within its header');
    start = Buffer.concat([start, next.value]);
  }
  const header = start.subarray(0, headerLength);
  if (!header.subarray(0, 8).equals(magic)) throw damaged('it is not encrypted by Slipway');
  if (header[8] !== 1 || header[9] !== 1) throw damaged(`its format is version ${header[8]}, not 1`);
  const own = derive(key, header);
  const size = header.readUInt32BE(12) + tagLength;
  if (size > 64 * 1024 * 1024) throw damaged('its header names pieces that are too large');
  let count = 0;
  for await (const { bytes, last } of inPieces(rest(start.subarray(headerLength), source), size)) {
    yield open(bytes, own, nonce(count++, last), header);
  }
}

function open(piece: Buffer, key: Buffer, iv: Buffer, header: Buffer): Buffer {
  if (piece.length < tagLength) throw damaged('it is cut off');
  const decipher = createDecipheriv('aes-256-gcm', key, iv).setAAD(header);
  decipher.setAuthTag(piece.subarray(-tagLength));
  try {
    const plain = decipher.update(piece.subarray(0, -tagLength));
    decipher.final();
    return plain;
  } catch (cause) {
    throw damaged('the key is another one, or the content was changed or cut off', cause);
  }
}

async function* rest(first: Buffer, source: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield first;
    for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
  } finally {
    await source.return?.();
  }
}

function derive(key: Buffer, header: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', key, header.subarray(16), 'slipway backup 1', 32));
}

function nonce(count: number, last: boolean): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(count, 7);
  bytes[11] = last ? 1 : 0;
  return bytes;
}

function damaged(why: string, cause?: unknown): Fault {
  return new Fault(`the encrypted backup cannot be read: ${why}`, {
    cause,
    hint: 'Compare its sha256 with the manifest: when they are equal, the key in database.backup.encrypt is not the one it was made with.',
  });
}
