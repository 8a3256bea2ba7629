import { Cancelled, Fault, ProgramFailure, type Redactor, UserError, writeTo } from '@slipway/kernel';
import { decompressed } from './compression.ts';
import { type BackupKeys, decrypted } from './encryption.ts';
import type { BackupManifest } from './manifest.ts';
import { createMeter } from './pieces.ts';
import type { BackupStore } from './store.ts';

/** What identifies the bytes of a stored backup. */
export type StoredBytes = Pick<BackupManifest, 'file' | 'sha256' | 'bytes' | 'cipher'>;

export interface ReadOptions {
  store: BackupStore;
  keys: BackupKeys | null;
  /** Of the step. */
  env: Readonly<Record<string, string>>;
  signal: AbortSignal;
  redactor: Redactor;
}

/** Reads the whole backup out of the store and compares it with what was written. @throws Fault, Cancelled */
export async function verifyChecksum(backup: StoredBytes, { store, signal }: ReadOptions): Promise<void> {
  for await (const _chunk of checked(backup, store))
    if (signal.aborted) throw new Cancelled('the proof of the backup');
}

/** The same, and decrypts and decompresses it, which verifies a second checksum. @throws Fault, Cancelled */
export async function verifyReadable(backup: StoredBytes, options: ReadOptions): Promise<void> {
  const { signal } = options;
  await explained(backup, options, async () => {
    for await (const _chunk of decoded(backup, options))
      if (signal.aborted) throw new Cancelled('the proof of the backup');
  });
}

/** Lets pg_restore decode every byte, without a database. @throws Fault, Cancelled */
export async function verifyDecoding(
  backup: StoredBytes,
  pgRestore: string,
  options: ReadOptions,
): Promise<void> {
  const { env, signal, redactor } = options;
  await feed({ argv: [pgRestore, '--file=/dev/null'], env, signal, redactor }, backup, options, 'decode');
}

/** The stored bytes, compared with the manifest at their end. */
async function* checked(backup: StoredBytes, store: BackupStore): AsyncGenerator<Buffer> {
  const meter = createMeter();
  yield* meter.through(store.get(backup.file));
  if (meter.bytes !== backup.bytes) {
    throw damaged(store, backup, `it has ${meter.bytes} bytes instead of ${backup.bytes}`);
  }
  const found = meter.sha256();
  if (found !== backup.sha256) {
    throw damaged(
      store,
      backup,
      `its sha256 is ${found.slice(0, 12)}… instead of ${backup.sha256.slice(0, 12)}…`,
    );
  }
}

function damaged(store: BackupStore, backup: StoredBytes, why: string): Fault {
  return new Fault(`the backup ${store.locate(backup.file)} is damaged: ${why}`, {
    hint: 'It was changed or cut off after it was written. Check the storage, and create a new backup.',
  });
}

/** The dump as pg_dump wrote it. @throws UserError when its key does not fit; Fault when it is damaged. */
function decoded(backup: StoredBytes, options: ReadOptions): AsyncGenerator<Buffer> {
  const identity = assertKeysFit(backup, options);
  const stored = checked(backup, options.store);
  return decompressed(identity === null ? stored : decrypted(stored, identity));
}

/**
 * Requires an identity for an encrypted backup. An unencrypted backup is refused where backups are encrypted: anyone who
 * can write to the store could have put other SQL in its place.
 * @returns the identity that decrypts it; null when it is not encrypted. @throws UserError
 */
export function assertKeysFit(
  { file, cipher }: Pick<StoredBytes, 'file' | 'cipher'>,
  { store, keys }: Pick<ReadOptions, 'store' | 'keys'>,
): string | null {
  if (cipher === 'none') {
    if (keys === null) return null;
    throw new UserError(
      `the backup ${store.locate(file)} is not encrypted, and database.backup.encrypt is set`,
      {
        hint: 'If it was made before encryption was configured, and nobody else can write to the store, leave out database.backup.encrypt for this run.',
      },
    );
  }
  if (keys?.identity) return keys.identity;
  throw new UserError(`the backup ${store.locate(file)} is encrypted, and no identity is configured`, {
    hint: 'Set database.backup.encrypt.identity to the secret key (AGE-SECRET-KEY-1…) of one of its recipients.',
  });
}

/** Feeds the backup, as it was dumped, to a program. @throws Fault, UserError, Cancelled */
export async function feed(
  command: Parameters<typeof writeTo>[0],
  backup: StoredBytes,
  options: ReadOptions,
  verb: 'decode' | 'restore',
): Promise<void> {
  await explained(backup, options, () =>
    writeTo(command, decoded(backup, options)).catch((error: unknown) => {
      if (options.signal.aborted)
        throw new Cancelled(`${verb === 'decode' ? 'decoding' : 'restoring'} the backup`);
      throw error instanceof ProgramFailure ? explainFailure(verb, error) : error;
    }),
  );
}

/** Reports changed bytes first: they explain what a program, age or zstd says of them. */
async function explained(
  backup: StoredBytes,
  options: ReadOptions,
  read: () => Promise<void>,
): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (error instanceof Fault) await verifyChecksum(backup, options);
    throw error;
  }
}

const failures = { decode: 'cannot decode the backup', restore: 'cannot restore the backup' };

/** The program's message with a hint. Pure. */
export function explainFailure(verb: 'decode' | 'restore', error: ProgramFailure): Fault {
  return new Fault(`${failures[verb]}: ${error.message}`, {
    cause: error,
    hint: hintFor(error.stderr.data),
  });
}

function hintFor(said: string): string {
  if (/role ".*" does not exist/.test(said))
    return 'Create the role first: roles belong to the server and are not part of a dump.';
  if (/extension/.test(said)) return 'Install the extension on the target server, or restore as a superuser.';
  // The server may write a part of a block before it reports a full disk.
  if (/No space left|disk full|could not extend file|wrote only \d+ of/i.test(said))
    return 'Free disk space on the target server.';
  if (/server closed the connection|terminating connection|in recovery mode|shutting down/.test(said)) {
    return 'The target server closed the connection: check its log. A full disk stops a whole server, so name another one in database.backup.scratch-url.';
  }
  if (/unsupported version|unrecognized configuration parameter/.test(said)) {
    return 'pg_restore and the target server must have the major version of the server that was backed up.';
  }
  return 'Fix the cause and re-run this job.';
}
