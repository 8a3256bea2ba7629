import { Cancelled, Fault, UserError } from '@slipway/kernel';
import type { Client } from 'pg';
import { cutConnection } from '../connection/connect.ts';
import { connectionEnvironment } from '../connection/libpq.ts';
import type { ConnectedTo } from '../connection/session.ts';
import { CutOff, createBranch } from './branch.ts';
import { encrypted } from './cipher.ts';
import { createMeter } from './pieces.ts';
import { ProgramFailure, readFrom } from './program-stream.ts';
import type { Snapshot } from './snapshot.ts';
import type { BackupStore } from './store.ts';
import { countRows } from './tables.ts';

export interface DumpOptions {
  url: string;
  connectedTo: ConnectedTo;
  /** pg_dump of the server's own major version. */
  pgDump: string;
  major: number;
  store: BackupStore;
  /** Name in the store. */
  name: string;
  key: Buffer | null;
  /** Reads the dump, as it is before it is encrypted, while it is stored. */
  alongside?: (content: AsyncIterable<Buffer>, signal: AbortSignal) => Promise<void>;
  /** Of the step; programs get it with the connection added. */
  env: Readonly<Record<string, string>>;
  signal: AbortSignal;
}

export interface Dumped {
  /** Of the bytes as they are stored. */
  sha256: string;
  bytes: number;
  counts: Record<string, number>;
}

/**
 * Fast compression, since the default takes two to three times as long as everything else together and wins next to
 * nothing. PostgreSQL 16 brought zstd to pg_dump. Pure.
 */
export function compressionOf(major: number): string {
  return major >= 16 ? 'zstd:3' : '1';
}

/** Keeps owners and privileges, which a real restore needs. Pure. */
export function dumpCommand(pgDump: string, major: number, snapshot: string): [string, ...string[]] {
  return [
    pgDump,
    '--format=custom',
    `--compress=${compressionOf(major)}`,
    `--snapshot=${snapshot}`,
    '--no-password',
    // Behind a lock it would wait for ever, and everything that comes after it behind it.
    '--lock-wait-timeout=10s',
  ];
}

/**
 * Streams the dump through its hash, and its cipher when there is a key, into the store, while the rows are counted in
 * the same snapshot. When any of these fails, all end and nothing is stored.
 * @param client Holds the snapshot open. @throws Fault, UserError, Cancelled
 */
export async function dumpTo(options: DumpOptions, client: Client, snapshot: Snapshot): Promise<Dumped> {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const meter = createMeter();
  const branch = createBranch();
  const dump = dumped(options, snapshot.id, signal);
  const content = options.alongside ? branch.through(dump) : dump;
  const stored = meter.through(options.key ? encrypted(content, options.key) : content);
  const cut = (): void => cutConnection(client);
  signal.addEventListener('abort', cut, { once: true });
  const names = snapshot.tables.map(({ name }) => name);
  let first: unknown = null;
  const together = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      if (!(error instanceof CutOff)) first ??= error;
      stop.abort();
      throw error;
    });
  const [counting, storing, reading] = await Promise.allSettled([
    together(countRows(client, names).catch(countFailure)),
    together(options.store.put(options.name, stored)),
    together(Promise.resolve(options.alongside?.(branch.side, signal))),
  ]);
  signal.removeEventListener('abort', cut);
  if (counting.status === 'fulfilled' && storing.status === 'fulfilled' && reading.status === 'fulfilled') {
    return { sha256: meter.sha256(), bytes: meter.bytes, counts: counting.value };
  }
  if (storing.status === 'fulfilled') await options.store.delete(options.name).catch(() => undefined);
  if (options.signal.aborted) throw new Cancelled('the backup');
  throw dumpFailure(first);
}

async function* dumped(options: DumpOptions, snapshot: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  const { pgDump, major, connectedTo, url } = options;
  const env = { ...options.env, ...connectionEnvironment(connectedTo, url) };
  let bytes = 0;
  for await (const chunk of readFrom({ argv: dumpCommand(pgDump, major, snapshot), env, signal })) {
    bytes += chunk.length;
    yield chunk;
  }
  if (bytes === 0) throw new Fault('pg_dump wrote nothing');
}

function countFailure(error: unknown): never {
  const { message } = error as Error;
  throw new Fault(`the rows cannot be counted: ${message}`, {
    cause: error,
    hint: 'The user of the database URL must be able to read every table, past row security as well.',
  });
}

function dumpFailure(reason: unknown): Fault | UserError {
  const about = 'the backup failed, and nothing was changed';
  if (reason instanceof UserError) return reason;
  if (reason instanceof Fault) {
    return new Fault(`${about}: ${reason.message}`, { cause: reason, hint: reason.hint ?? again });
  }
  const message = reason instanceof Error ? reason.message : String(reason);
  return new Fault(`${about}: ${message}`, {
    cause: reason,
    hint: reason instanceof ProgramFailure ? hintFor(reason.said) : again,
  });
}

const again = 'Mend the cause and run this again; without a backup no migration runs.';

/** The exit code has decided; its words only choose the advice. */
function hintFor(said: string): string {
  if (/lock timeout|LOCK TABLE/.test(said)) {
    return 'Another session locks a table (a migration, VACUUM FULL, an open transaction): see pg_locks, wait for it or end it, then run this again.';
  }
  if (/version mismatch/.test(said))
    return 'Install the clients of the server\'s own major version, or pin pg_dump under "programs".';
  if (/permission denied|row-level security/.test(said)) {
    return 'Let the user read everything: GRANT pg_read_all_data TO it (PostgreSQL 14 and later), and BYPASSRLS where tables have row security.';
  }
  if (/server closed the connection|terminat|could not (?:connect|receive)|connection to server/.test(said)) {
    return 'The server ended the connection: see its log, then run this again.';
  }
  if (/does not support compression/.test(said)) {
    return 'Install the pg_dump of the PostgreSQL project or of your distribution, which can do zstd.';
  }
  return again;
}
