import type { DatabaseAddress, DatabaseUrl, Exec } from '@slipway/kernel';
import { checkPages } from './amcheck.ts';
import type { Prove } from './estimate.ts';
import type { BackupManifest, BackupProof } from './manifest.ts';
import type { BackupOptions } from './options.ts';
import { type StoredBytes, verifyChecksum, verifyDecoding } from './read-back.ts';
import { verifyRestored } from './restore-into.ts';

type ProofOptions = Pick<
  BackupOptions,
  'store' | 'keys' | 'env' | 'programs' | 'clock' | 'signal' | 'redactor'
> & {
  exec: Exec;
};

/** Proves a backup that was just stored by reading it back. @throws Fault when it is not proven; Cancelled. */
export async function proveByReading(
  backup: StoredBytes,
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
 * Proves a backup that was restored and read back while it was stored: counts the rows of the copy and checks its pages. @throws Fault when it is not proven; Cancelled.
 */
export async function proveRestored(
  backup: Pick<BackupManifest, 'counts'>,
  copy: { url: DatabaseUrl; at: DatabaseAddress },
  options: ProofOptions,
): Promise<BackupProof> {
  const { clock, programs } = options;
  const begun = clock.monotonic();
  const [amcheck] = await Promise.all([
    checkPages(programs.pgAmcheck, copy, options),
    verifyRestored(copy.url, backup, options),
  ]);
  return {
    kind: 'restore',
    at: clock.now().toISOString(),
    ms: Math.round(clock.monotonic() - begun),
    amcheck,
  };
}
