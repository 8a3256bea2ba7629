import type { Clock, Exec, Log } from '@slipway/kernel';
import type { ConnectedTo } from '../connection/session.ts';
import { checkPages } from './amcheck.ts';
import type { Prove } from './estimate.ts';
import type { BackupProof } from './manifest.ts';
import {
  type ReadOptions,
  type StoredBackup,
  verifyChecksum,
  verifyDecoding,
  verifyReadable,
} from './read-back.ts';
import { restoreInto, verifyRestored } from './restore-into.ts';
import { withScratch } from './scratch.ts';

export interface ProofOptions extends ReadOptions {
  programs: { pgRestore: string /** Null where it is not installed. */; pgAmcheck: string | null };
  /** Server to restore to: of the database, or another of the same major version. */
  url: string;
  major: number;
  exec: Exec;
  clock: Clock;
  log: Log;
}

/** What a restored copy was good for, beside the proof. */
export interface Rehearsed<T> {
  amcheck: string;
  value: T;
}

/**
 * Restores the backup, as it lies in the store, into a scratch database: rows counted, pages checked, statistics made.
 * `use` may then do to the copy what is going to be done to the original; afterwards the copy is dropped.
 * @throws Fault when the backup does not restore; UserError, Cancelled, and whatever `use` throws.
 */
export async function withRestored<T>(
  backup: StoredBackup,
  options: ProofOptions,
  use: (scratchUrl: string) => Promise<T>,
): Promise<Rehearsed<T>> {
  const { url, major, signal, clock, log, programs } = options;
  const scratch = { url, owner: backup.databaseId, major, locale: backup.locale, signal, clock, log };
  return withScratch(scratch, async (scratchUrl, at) => {
    await restoreInto({ pgRestore: programs.pgRestore, url: scratchUrl, at, scratch: true }, backup, options);
    const [amcheck] = await Promise.all([
      checkPages(programs.pgAmcheck, { url: scratchUrl, at }, options),
      verifyRestored(scratchUrl, backup, signal),
    ]);
    return { amcheck, value: await use(scratchUrl) };
  });
}

/** Proves a backup that was just stored by reading it back. @throws Fault when it is not proven; Cancelled. */
export async function proveByReading(
  backup: StoredBackup,
  prove: Exclude<Prove, 'restore'>,
  options: ProofOptions,
): Promise<BackupProof> {
  const { clock, programs } = options;
  const begun = clock.monotonic();
  if (prove === 'checksum') await verifyChecksum(backup, options);
  else await verifyDecoding(backup, programs.pgRestore, options);
  return { kind: prove, at: clock.now().toISOString(), ms: Math.round(clock.monotonic() - begun) };
}

/**
 * Proves a backup that was restored from the very bytes that were stored: these are read back and compared, the rows
 * of the copy counted, its pages checked. @throws Fault when it is not proven; Cancelled.
 */
export async function proveRestored(
  backup: StoredBackup,
  copy: { url: string; at: ConnectedTo },
  options: ProofOptions,
): Promise<BackupProof> {
  const { clock, programs, signal } = options;
  const begun = clock.monotonic();
  const [amcheck] = await Promise.all([
    checkPages(programs.pgAmcheck, copy, options),
    verifyRestored(copy.url, backup, signal),
    verifyReadable(backup, options),
  ]);
  return {
    kind: 'restore',
    at: clock.now().toISOString(),
    ms: Math.round(clock.monotonic() - begun),
    amcheck,
  };
}
