import { createHash } from 'node:crypto';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { UserError } from '@slipway/kernel';
import { fromGroups, groupOf, numberOf, toGroups } from './consonants.ts';
import { smallerRecords } from './omissions.ts';
import { parseRecord, type ReleaseRecord, recordVersion } from './record.ts';

/** Evidence is left out of a record that would be longer. */
const aimedLength = 32 * 1024;
/** Names and digests alone may be this long: two records fit into one variable of a process, 128 KiB on Linux. */
const maxLength = 60 * 1024;
/** What a record may unpack to. */
const maxUnpacked = 2 * 1024 * 1024;
const maxSalts = 32;
const checkBytes = 4;
const magic = 'SLW';

/** The name of a secret that occurs in a text, raw or encoded; undefined when none does. */
type FindSecret = (text: string) => string | undefined;

/**
 * The record as one line that passes between steps and jobs, whatever is masked there: packed, and written so that no
 * mask matches it by accident. A record that is too long loses evidence, and says so in `omitted`.
 * @throws UserError when a secret occurs in it under every salt, or when its names and digests alone are too long.
 */
export function encodeRecord(record: ReleaseRecord, findSecret: FindSecret = () => undefined): string {
  const packed = packSmallest(record);
  let found: string | undefined;
  for (let salt = 0; salt < maxSalts; salt++) {
    const text = write(packed, salt);
    found = findSecret(text);
    if (found === undefined) return text;
  }
  throw new UserError(
    `cannot pass the release record on: ${found} occurs in each of its ${maxSalts} encodings, and GitHub would drop it`,
    { hint: 'Give that secret a longer value.' },
  );
}

/** @throws UserError for text that is not a record, or a record of a version that this code does not read. */
export function decodeRecord(text: string): ReleaseRecord {
  return parseRecord(unpack(read(text.trim())));
}

function packSmallest(record: ReleaseRecord): Uint8Array {
  let packed: Uint8Array | null = null;
  for (const smaller of smallerRecords(record)) {
    packed = pack(smaller);
    if (packed && lengthOf(packed) <= aimedLength) return packed;
  }
  if (packed && lengthOf(packed) <= maxLength) return packed;
  const names = Object.keys(record.services).length;
  throw new UserError(
    `cannot pass the release record on: the names and digests of ${names} services alone take more than ${maxLength} bytes`,
    { hint: 'Release the services in several applications.' },
  );
}

/** Null for a record that nobody would unpack. */
function pack(record: ReleaseRecord): Uint8Array | null {
  const json = Buffer.from(JSON.stringify(record));
  if (json.length > maxUnpacked) return null;
  const params = {
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_QUALITY]: 10,
    [constants.BROTLI_PARAM_LGWIN]: 20,
    [constants.BROTLI_PARAM_SIZE_HINT]: json.length,
  };
  return Buffer.concat([checkOf(json), brotliCompressSync(json, { params })]);
}

/** @throws UserError for anything but what `pack` returns. */
function unpack(packed: Uint8Array): unknown {
  try {
    const json = brotliDecompressSync(packed.subarray(checkBytes), { maxOutputLength: maxUnpacked });
    if (checkOf(json).equals(packed.subarray(0, checkBytes))) return JSON.parse(json.toString());
  } catch {
    // Said below.
  }
  throw notARecord();
}

function checkOf(json: Uint8Array): Buffer {
  return createHash('sha256').update(json).digest().subarray(0, checkBytes);
}

/** Four characters for every 13 bits, after three groups of four. */
function lengthOf(packed: Uint8Array): number {
  return 12 + Math.ceil(((packed.length + 1) * 8) / 13) * 4 - 1;
}

function write(packed: Uint8Array, salt: number): string {
  return [magic, groupOf(recordVersion), groupOf(salt), ...toGroups(salted(packed, salt))].join('.');
}

/** @throws UserError for text that is not the encoding of a record of this version. */
function read(text: string): Uint8Array {
  if (text.startsWith('{')) throw otherVersion('is JSON, as older releases of Slipway wrote it');
  if (text.length > maxLength) throw notARecord();
  const [begin, version = '', salt = '', ...groups] = text.split('.');
  const [written, seed] = [numberOf(version), numberOf(salt)];
  if (begin !== magic || written === null) throw notARecord();
  if (written !== recordVersion)
    throw otherVersion(`has version ${written}; this action reads version ${recordVersion}`);
  const packed = seed === null ? null : fromGroups(groups);
  if (packed === null || seed === null) throw notARecord();
  return salted(packed, seed);
}

/** The bytes under a stream that depends on the salt alone; applied again, they are as they were. */
function salted(bytes: Uint8Array, salt: number): Uint8Array {
  const stream = createHash('shake256', { outputLength: Math.max(1, bytes.length) })
    .update(`slipway record ${salt}`)
    .digest();
  return bytes.map((byte, at) => byte ^ (stream[at] ?? 0));
}

function notARecord(): UserError {
  return new UserError('input "release" is not a release record, or a part of it is missing', {
    hint: 'Pass the output "release" of an earlier Slipway action unchanged.',
  });
}

function otherVersion(how: string): UserError {
  return new UserError(`cannot read input "release": the release record ${how}`, {
    hint: 'Use the same release of Slipway for every action of the workflow.',
  });
}
