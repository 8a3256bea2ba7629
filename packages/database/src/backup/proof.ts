import type { Clock, Exec, Log } from '@slipway/kernel';
import { checkPages } from './amcheck.ts';
import type { Prove } from './estimate.ts';
import type { BackupProof } from './manifest.ts';
import {
  type ReadOptions,
  restoreInto,
  type StoredBackup,
  verifyChecksum,
  verifyDecoding,
  verifyRestored,
} from './restore-into.ts';
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

/**
 * Proves a backup that was just stored. With `restore`, `use` gets the copy.
 * @throws Fault when it is not proven; Cancelled.
 */
export async function proveBackup<T>(
  backup: StoredBackup,
  prove: Prove,
  options: ProofOptions,
  use?: (scratchUrl: string) => Promise<T>,
): Promise<{ proof: BackupProof; value?: T }> {
  const { clock, programs } = options;
  const begun = clock.monotonic();
  let proven = 0;
  let restored: Rehearsed<T | undefined> | null = null;
  if (prove === 'checksum') await verifyChecksum(backup, options);
  else if (prove === 'decode') await verifyDecoding(backup, programs.pgRestore, options);
  else {
    restored = await withRestored(backup, options, async (scratchUrl) => {
      proven = clock.monotonic();
      return use?.(scratchUrl);
    });
  }
  const ms = Math.round((proven || clock.monotonic()) - begun);
  const proof = {
    kind: prove,
    at: clock.now().toISOString(),
    ms,
    ...(restored ? { amcheck: restored.amcheck } : {}),
  };
  return { proof, ...(restored?.value === undefined ? {} : { value: restored.value }) };
}
