import { Cancelled, Fault, UserError } from '@slipway/kernel';
import type { Client } from 'pg';
import { closeConnection } from '../connection/connect.ts';
import { connectionEnvironment } from '../connection/libpq.ts';
import type { ConnectedTo } from '../connection/session.ts';
import { decrypted } from './cipher.ts';
import type { BackupManifest } from './manifest.ts';
import { createMeter } from './pieces.ts';
import { ProgramFailure, writeTo } from './program-stream.ts';
import { reach } from './scratch.ts';
import type { BackupStore } from './store.ts';
import { compareCounts, countRows, listTables } from './tables.ts';

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

export interface RestoreTarget {
  /** pg_restore of the server's own major version. */
  pgRestore: string;
  url: string;
  at: ConnectedTo;
  /** A copy that is thrown away has no roles to belong to, and may be careless about a crash. */
  scratch: boolean;
}

/**
 * Restores into an empty database; `verifyRestored` then looks at it.
 * @throws Fault that says what is wrong with the backup; Cancelled.
 */
export async function restoreInto(
  target: RestoreTarget,
  backup: StoredBackup,
  options: ReadOptions,
): Promise<void> {
  await feed(restoreProgram(target, options), backup, options, 'restored');
}

/**
 * Restores a dump into an empty database while it is made.
 * @throws Fault when it cannot be restored; whatever `content` throws; Cancelled.
 */
export async function restoreWhileDumped(
  target: RestoreTarget,
  content: AsyncIterable<Buffer>,
  step: Pick<ReadOptions, 'env' | 'signal'>,
): Promise<void> {
  await writeTo(restoreProgram(target, step), content).catch((error: unknown) => {
    throw error instanceof ProgramFailure ? notDone('restored', error) : error;
  });
}

function restoreProgram(target: RestoreTarget, { env, signal }: Pick<ReadOptions, 'env' | 'signal'>) {
  const careless = target.scratch ? ' -c synchronous_commit=off' : '';
  return {
    argv: restoreCommand(target),
    env: {
      ...env,
      ...connectionEnvironment(target.at, target.url),
      PGAPPNAME: 'slipway restore',
      PGOPTIONS: `-c statement_timeout=0 -c maintenance_work_mem=256MB${careless}`,
    },
    signal,
  };
}

function notDone(how: 'decoded' | 'restored', error: ProgramFailure): Fault {
  return new Fault(`the backup cannot be ${how}: ${error.message}`, {
    cause: error,
    hint: hintFor(error.said),
  });
}

/**
 * Counts, and makes the statistics that the planner needs: the rows are those of the snapshot.
 * @throws Fault that names the tables that differ; Cancelled.
 */
export async function verifyRestored(url: string, backup: StoredBackup, signal: AbortSignal): Promise<void> {
  const { client } = await reach(url, 'slipway restore', signal);
  try {
    await verifyCounts(client, backup);
    await client.query('ANALYZE');
  } finally {
    await closeConnection(client);
  }
}

/** The database is named by the environment: in an argument a name could be read as connection settings. Pure. */
export function restoreCommand({ pgRestore, scratch }: RestoreTarget): [string, ...string[]] {
  const copy = ['--no-owner', '--no-privileges', '--no-publications', '--no-subscriptions'];
  return [
    pgRestore,
    '--exit-on-error',
    '--no-password',
    '--dbname=',
    ...(scratch ? copy : ['--no-subscriptions']),
  ];
}

async function verifyCounts(client: Client, backup: StoredBackup): Promise<void> {
  const { tables } = await listTables(client);
  const wanted = tables.map(({ name }) => name).filter((name) => name in backup.counts);
  const differences = compareCounts(backup.counts, await countRows(client, wanted));
  if (differences.length === 0) return;
  throw new Fault(`the restored copy is not what was backed up: ${differences.slice(0, 5).join('; ')}`, {
    hint: 'The backup is not to be trusted. Make a new one and keep this message.',
  });
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

async function feed(
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
