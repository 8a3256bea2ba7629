import {
  Cancelled,
  type DatabaseAddress,
  type DatabaseUrl,
  Fault,
  type Redactor,
  readFrom,
} from '@slipway/kernel';
import { closeConnection, connectionEnvironment, cutConnection } from '@slipway/postgres';
import type { Client } from 'pg';
import { BranchCutOff, createBranch } from './branch.ts';
import { createCollector } from './collect.ts';
import { compressed } from './compression.ts';
import { countFailure, dumpFailure } from './dump-failure.ts';
import { type BackupKeys, encrypted, encryptionName } from './encryption.ts';
import { createMeter } from './pieces.ts';
import type { StoredBytes } from './read-back.ts';
import type { Snapshot } from './snapshot.ts';
import type { BackupStore } from './store.ts';
import { countRows } from './tables.ts';

export interface DumpOptions {
  url: DatabaseUrl;
  connectedTo: DatabaseAddress;
  /** pg_dump of the server's own major version. */
  pgDump: string;
  store: BackupStore;
  /** Name in the store. */
  name: string;
  /** Null leaves the dump unencrypted. */
  keys: Pick<BackupKeys, 'recipients'> | null;
  /** Reads the dump, as it is before it is encrypted, while it is stored. */
  alongside?: (content: AsyncIterable<Buffer>, signal: AbortSignal) => Promise<void>;
  /** Reads back what is stored, while the other readers may still be busy. */
  readBack?: (stored: StoredBytes, signal: AbortSignal) => Promise<void>;
  /** Of the step; programs get it with the connection added. */
  env: Readonly<Record<string, string>>;
  signal: AbortSignal;
  redactor: Redactor;
}

export interface DumpResult {
  /** Of the bytes as they are stored. */
  sha256: string;
  bytes: number;
  counts: Record<string, number>;
}

/**
 * With owners and privileges, which a restore needs. Uncompressed: Slipway compresses what is stored, in parallel and with
 * a better method than pg_dump has before PostgreSQL 16, and the copy for the proof needs no decompression. Pure.
 */
function dumpCommand(pgDump: string, snapshot: string): [string, ...string[]] {
  return [
    pgDump,
    '--format=custom',
    '--compress=0',
    `--snapshot=${snapshot}`,
    '--no-password',
    // Otherwise it would wait for a lock for ever, and block every later query.
    '--lock-wait-timeout=10s',
  ];
}

/**
 * Streams the dump, compressed, and encrypted when there are keys, through its hash into the store, while the rows are
 * counted in the same snapshot. When any of these fails, all stop and nothing is stored.
 * @param client Holds the snapshot open, and is closed as soon as nothing needs it. @throws Fault, UserError, Cancelled
 */
export async function dumpTo(options: DumpOptions, client: Client, snapshot: Snapshot): Promise<DumpResult> {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const branch = createBranch();
  const dump = dumped(options, snapshot.id, signal);
  const content = compressed(options.alongside ? branch.through(dump) : dump);
  const cut = (): void => cutConnection(client);
  signal.addEventListener('abort', cut, { once: true });
  const names = snapshot.tables.map(({ name }) => name);
  let first: unknown = null;
  const together = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      // A reader that was cut off does not know the reason, which the store or the dump is about to report.
      if (!(error instanceof BranchCutOff)) {
        first ??= error;
        stop.abort();
      }
      throw error;
    });
  const counting = together(countRows(client, names).catch(countFailure));
  const storing = together(store(options, content));
  const [counts, stored, ...others] = await Promise.allSettled([
    counting,
    storing,
    together(storing.then((bytes) => options.readBack?.(bytes, signal))),
    together(Promise.resolve(options.alongside?.(branch.side, signal))),
    Promise.all([counting, storing]).then(() => closeConnection(client)),
  ]);
  signal.removeEventListener('abort', cut);
  if (
    counts.status === 'fulfilled' &&
    stored.status === 'fulfilled' &&
    others.every(({ status }) => status === 'fulfilled')
  ) {
    const { sha256, bytes } = stored.value;
    return { sha256, bytes, counts: counts.value };
  }
  if (stored.status === 'fulfilled') await options.store.delete(options.name).catch(() => undefined);
  if (options.signal.aborted) throw new Cancelled('the backup');
  throw dumpFailure(first);
}

async function store(
  { store, name, keys }: DumpOptions,
  content: AsyncIterable<Buffer>,
): Promise<StoredBytes> {
  const meter = createMeter();
  await store.put(name, meter.through(keys ? encrypted(content, keys.recipients) : content));
  const cipher = keys === null ? 'none' : encryptionName;
  return { file: name, sha256: meter.sha256(), bytes: meter.bytes, cipher };
}

async function* dumped(options: DumpOptions, snapshot: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  const { pgDump, connectedTo, url, redactor } = options;
  const env = { ...options.env, ...connectionEnvironment(connectedTo, url) };
  const collected = createCollector();
  let bytes = 0;
  for await (const chunk of readFrom({ argv: dumpCommand(pgDump, snapshot), env, signal, redactor })) {
    bytes += chunk.length;
    collected(chunk.length);
    yield chunk;
  }
  if (bytes === 0) throw new Fault('pg_dump wrote no output');
}
