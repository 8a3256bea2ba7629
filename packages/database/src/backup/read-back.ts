import { Cancelled, Fault, UserError } from '@slipway/kernel';
import { decrypted } from './cipher.ts';
import type { BackupManifest } from './manifest.ts';
import { createMeter } from './pieces.ts';
import { ProgramFailure, writeTo } from './program-stream.ts';
import type { BackupStore } from './store.ts';

/** What a stored backup is, as far as reading it goes. */
export type StoredBackup = Pick<
  BackupManifest,
  'file' | 'sha256' | 'bytes' | 'cipher' | 'counts' | 'locale' | 'databaseId'
>;

export interface ReadOptions {
  store: BackupStore;
  key: Buffer | null;
  /** Of the step. */
  env: Readonly<Record<string, string>>;
  signal: AbortSignal;
}

/** Reads the whole backup out of the store and compares it with what was written. @throws Fault, Cancelled */
export async function verifyChecksum(backup: StoredBackup, { store, signal }: ReadOptions): Promise<void> {
  for await (const _chunk of checked(backup, store))
    if (signal.aborted) throw new Cancelled('the proof of the backup');
}

/** The same, and decrypts it where it is encrypted. @throws Fault, Cancelled */
export async function verifyReadable(backup: StoredBackup, options: ReadOptions): Promise<void> {
  const { store, key, signal } = options;
  if (backup.cipher === 'none' || key === null) return verifyChecksum(backup, options);
  try {
    for await (const _chunk of decrypted(checked(backup, store), key)) {
      if (signal.aborted) throw new Cancelled('the proof of the backup');
    }
  } catch (error) {
    // Whether the bytes are those that were written goes before what the cipher says of them.
    if (error instanceof Fault) await verifyChecksum(backup, options);
    throw error;
  }
}

/** Has pg_restore decode every byte, without a database. @throws Fault, Cancelled */
export async function verifyDecoding(
  backup: StoredBackup,
  pgRestore: string,
  options: ReadOptions,
): Promise<void> {
  const { env, signal } = options;
  await feed({ argv: [pgRestore, '--file=/dev/null'], env, signal }, backup, options, 'decoded');
}

/** The stored bytes, compared at their end with the manifest. */
async function* checked(backup: StoredBackup, store: BackupStore): AsyncGenerator<Buffer> {
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

function damaged(store: BackupStore, backup: StoredBackup, why: string): Fault {
  return new Fault(`the backup ${store.locate(backup.file)} is damaged: ${why}`, {
    hint: 'It was changed or cut after it was written. Look after the storage, and make a new backup.',
  });
}

/** Gives a program the backup as it was dumped. Whether the bytes are those that were written goes before what it says of them. */
export async function feed(
  command: Parameters<typeof writeTo>[0],
  backup: StoredBackup,
  { store, key, signal }: ReadOptions,
  how: 'decoded' | 'restored',
): Promise<void> {
  if (backup.cipher !== 'none' && key === null) {
    throw new UserError(`the backup ${store.locate(backup.file)} is encrypted, and there is no key`, {
      hint: 'Set database.backup.encrypt to the key that it was made with.',
    });
  }
  const stored = checked(backup, store);
  const content = backup.cipher === 'none' || key === null ? stored : decrypted(stored, key);
  try {
    await writeTo(command, content);
  } catch (error) {
    if (signal.aborted) throw new Cancelled(`the backup being ${how}`);
    if (!(error instanceof ProgramFailure || error instanceof Fault)) throw error;
    // What others make of damaged bytes is anybody's guess: whether they are the bytes goes first.
    await verifyChecksum(backup, { store, key, env: command.env, signal });
    if (error instanceof Fault) throw error;
    throw notDone(how, error);
  }
}

/** The program's words, with what to do about them. Pure. */
export function notDone(how: 'decoded' | 'restored', error: ProgramFailure): Fault {
  return new Fault(`the backup cannot be ${how}: ${error.message}`, {
    cause: error,
    hint: hintFor(error.said),
  });
}

function hintFor(said: string): string {
  if (/role ".*" does not exist/.test(said))
    return 'Create the role first: roles belong to the server and are in no dump.';
  if (/extension/.test(said))
    return 'Install the extension on the server that is restored to, or let a superuser restore.';
  if (/No space left|disk full/i.test(said)) return 'Free space on the server that is restored to.';
  if (/unsupported version|unrecognized configuration parameter/.test(said)) {
    return 'pg_restore and the server must be of the major version that the backup was made from.';
  }
  return 'Mend the cause and run this again.';
}
