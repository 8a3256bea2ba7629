import { Cancelled, Fault, ProgramFailure, type Redactor, UserError, writeTo } from '@slipway/kernel';
import { decompressed } from './compression.ts';
import { type BackupKeys, decrypted } from './encryption.ts';
import type { BackupManifest } from './manifest.ts';
import { createMeter } from './pieces.ts';
import type { BackupStore } from './store.ts';

/** What the bytes of a stored backup are told by. */
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

/** The same, and decrypts and decompresses it, which has a checksum of its own. @throws Fault, Cancelled */
export async function verifyReadable(backup: StoredBytes, options: ReadOptions): Promise<void> {
  const { signal } = options;
  await explained(backup, options, async () => {
    for await (const _chunk of decoded(backup, options))
      if (signal.aborted) throw new Cancelled('the proof of the backup');
  });
}

/** Has pg_restore decode every byte, without a database. @throws Fault, Cancelled */
export async function verifyDecoding(
  backup: StoredBytes,
  pgRestore: string,
  options: ReadOptions,
): Promise<void> {
  const { env, signal, redactor } = options;
  await feed({ argv: [pgRestore, '--file=/dev/null'], env, signal, redactor }, backup, options, 'decoded');
}

/** The stored bytes, compared at their end with the manifest. */
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
    hint: 'It was changed or cut after it was written. Look after the storage, and make a new backup.',
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
 * can write to the store could have replaced the backup with SQL of their own.
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

/** Gives a program the backup as it was dumped. @throws Fault, UserError, Cancelled */
export async function feed(
  command: Parameters<typeof writeTo>[0],
  backup: StoredBytes,
  options: ReadOptions,
  how: 'decoded' | 'restored',
): Promise<void> {
  await explained(backup, options, () =>
    writeTo(command, decoded(backup, options)).catch((error: unknown) => {
      if (options.signal.aborted) throw new Cancelled(`the backup being ${how}`);
      throw error instanceof ProgramFailure ? notDone(how, error) : error;
    }),
  );
}

/** Whether the bytes are those that were written goes before what a program, the cipher or zstd says of them. */
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

/** The program's words, with what to do about them. Pure. */
export function notDone(how: 'decoded' | 'restored', error: ProgramFailure): Fault {
  return new Fault(`the backup cannot be ${how}: ${error.message}`, {
    cause: error,
    hint: hintFor(error.stderr.data),
  });
}

function hintFor(said: string): string {
  if (/role ".*" does not exist/.test(said))
    return 'Create the role first: roles belong to the server and are in no dump.';
  if (/extension/.test(said))
    return 'Install the extension on the server that is restored to, or let a superuser restore.';
  // The server stops short of a whole block before it says in words that the disk is full.
  if (/No space left|disk full|could not extend file|wrote only \d+ of/i.test(said))
    return 'Free space on the server that is restored to.';
  if (/server closed the connection|terminating connection|in recovery mode|shutting down/.test(said)) {
    return 'The server that is restored to ended the connection: see its log. A full disk stops a whole server, so name another one by database.backup.scratch-url.';
  }
  if (/unsupported version|unrecognized configuration parameter/.test(said)) {
    return 'pg_restore and the server must be of the major version that the backup was made from.';
  }
  return 'Mend the cause and run this again.';
}
