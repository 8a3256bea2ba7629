import { Cancelled, Fault, UserError } from '@slipway/kernel';
import type { Client } from 'pg';
import { cutConnection } from '../connection/connect.ts';
import { connectionEnvironment } from '../connection/libpq.ts';
import type { ConnectedTo } from '../connection/session.ts';
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
  const content = dumped(options, snapshot.id, signal);
  const stored = meter.through(options.key ? encrypted(content, options.key) : content);
  const cut = (): void => cutConnection(client);
  signal.addEventListener('abort', cut, { once: true });
  const names = snapshot.tables.map(({ name }) => name);
  const counting = countRows(client, names).catch((error: unknown) => {
    stop.abort();
    throw countFailure(error);
  });
  const storing = options.store.put(options.name, stored).catch((error: unknown) => {
    stop.abort();
    throw error;
  });
  const [first, second] = await Promise.allSettled([counting, storing]);
  signal.removeEventListener('abort', cut);
  if (options.signal.aborted) throw new Cancelled('the backup');
  const reason = reasonOf(first, second);
  if (reason !== null) throw dumpFailure(reason);
  return {
    sha256: meter.sha256(),
    bytes: meter.bytes,
    counts: (first as PromiseFulfilledResult<Record<string, number>>).value,
  };
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

/** What went wrong first: the other one was ended because of it. */
function reasonOf(...ended: PromiseSettledResult<unknown>[]): unknown {
  const reasons = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  return reasons.find((reason) => !(reason instanceof Cancelled) && !isCut(reason)) ?? reasons[0] ?? null;
}

/** A count that ended because its connection was cut by us. */
function isCut(reason: unknown): boolean {
  return reason instanceof Fault && /Connection terminated|ECONNRESET/.test(reason.message);
}

function countFailure(error: unknown): Fault {
  const { message } = error as Error;
  return new Fault(`the rows cannot be counted: ${message}`, {
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
