import { type DatabaseUrl, formatDuration } from '@slipway/kernel';
import { closeConnection } from '@slipway/postgres';
import type { Client } from 'pg';
import { deleteExpired, deleteUnfinished } from './cleanup.ts';
import { describeDump, type UnprovenManifest } from './describe.ts';
import { type DumpOptions, dumpTo } from './dump.ts';
import { dumpFailure } from './dump-failure.ts';
import { withRunKey } from './encryption.ts';
import { assertWithinLimit, expectedDuration, formatSize } from './estimate.ts';
import { backupName, databaseId, manifestName } from './identity.ts';
import { type BackupProof, encodeManifest } from './manifest.ts';
import type { Backup, BackupOptions, ProvenBackup } from './options.ts';
import { proveByReading, proveRestored } from './proof.ts';
import { verifyReadable } from './read-back.ts';
import { makeStatistics, restoreWhileDumped } from './restore-into.ts';
import { assertScratchPossible, openConnection, withScratch } from './scratch.ts';
import { openSnapshot, type Snapshot } from './snapshot.ts';
import { writeText } from './store.ts';

/** Uses the restored copy before it is dropped. The backup is proven by then, and stays when this fails. */
export type RehearseOnCopy = (scratchUrl: DatabaseUrl, backup: Backup) => Promise<void>;

/**
 * Dumps a snapshot of the database into the store, proves what is stored, writes the manifest last, and deletes expired
 * backups. Unfinished dumps of killed runs are deleted first; the run lock keeps other runs out.
 * @param use Only called with `prove: restore`.
 * @throws UserError before anything is written; Fault when the backup is not proven, which is then deleted; Cancelled;
 * and whatever `use` throws.
 */
export async function backUp(given: BackupOptions, use?: RehearseOnCopy): Promise<ProvenBackup> {
  const { store, facts, log, server } = given;
  const options = await withProofKeys(given);
  if (options.prove === 'restore') {
    await assertScratchPossible(options, server.major);
  }
  const { client } = await openConnection(options.url, `slipway backup ${facts.release}`, options);
  try {
    const owner = await databaseId(client, options.connectedTo);
    const snapshot = await openSnapshot(client);
    assertWithinLimit(snapshot.bytes, options.limit, options.prove);
    const time = formatDuration(expectedDuration(snapshot.bytes, options.prove));
    const copied =
      options.prove === 'restore' && !options.scratchUrl
        ? ', and the copy for the proof takes the same space on the disk of the database'
        : '';
    log.info(
      `the database has ${formatSize(snapshot.bytes)}: a backup to ${store.address} takes about ${time}${copied}`,
    );
    await store.prepare(owner);
    await deleteUnfinished(store, owner);
    const name = backupName({
      release: facts.release,
      at: facts.at,
      owner,
      encrypted: options.keys !== null,
    });
    const work: Work = { client, owner, snapshot, name };
    return options.prove === 'restore'
      ? await dumpAndRestore(options, work, use)
      : await dumpAndRead(options, work, options.prove);
  } finally {
    await closeConnection(client);
  }
}

/** With the keys for a proof that decrypts what is stored. */
type ProofOptions = BackupOptions & Pick<BackupProof, 'decryptedWith'>;

async function withProofKeys(options: BackupOptions): Promise<ProofOptions> {
  const { keys, prove } = options;
  if (keys === null || prove === 'checksum') return options;
  const decryptedWith = keys.identity === null ? 'run-key' : 'identity';
  return { ...options, keys: await withRunKey(keys), decryptedWith };
}

interface Work {
  /** Holds the snapshot. Closed after the dump, since an open snapshot holds back vacuum. */
  client: Client;
  owner: string;
  snapshot: Snapshot;
  name: string;
}

async function dump(
  options: BackupOptions,
  work: Work,
  more: Pick<DumpOptions, 'alongside' | 'readBack'> = {},
): Promise<UnprovenManifest> {
  const { client, snapshot, name } = work;
  const { pgDump } = options.programs;
  const dumped = await dumpTo({ ...options, ...more, pgDump, name }, client, snapshot);
  return describeDump(options, { ...work, ...dumped });
}

async function dumpAndRead(
  options: ProofOptions,
  work: Work,
  kind: 'decode' | 'checksum',
): Promise<ProvenBackup> {
  const dumped = await dump(options, work);
  return seal(options, dumped, () => proveByReading(dumped, kind, options));
}

/** Dumps, restores and reads back at the same time, in about the time of the slowest of the three. */
async function dumpAndRestore(
  options: ProofOptions,
  { owner, ...of }: Work,
  use?: RehearseOnCopy,
): Promise<ProvenBackup> {
  const { server, signal, clock, log, env, redactor } = options;
  const url = options.scratchUrl ?? options.url;
  const scratch = {
    url,
    owner,
    major: server.major,
    locale: of.snapshot.locale,
    signal,
    redactor,
    clock,
    log,
  };
  return withScratch(scratch, async (scratchUrl, at) => {
    const { pgRestore } = options.programs;
    const target = { pgRestore, url: scratchUrl, at, scratch: true };
    const dumped = await dump(
      options,
      { owner, ...of },
      {
        alongside: (content, stop) => restoreWhileDumped(target, content, { env, redactor, signal: stop }),
        readBack: (stored, stop) => verifyReadable(stored, { ...options, signal: stop }),
      },
    );
    const made = await seal(options, dumped, () => proveRestored(dumped, target, options));
    if (use) {
      await makeStatistics(scratchUrl, options);
      await use(scratchUrl, made.backup);
    }
    return made;
  });
}

/** Writes the manifest of a proven backup, and deletes one that is not. */
async function seal(
  options: ProofOptions,
  dumped: UnprovenManifest,
  prove: () => Promise<BackupProof>,
): Promise<ProvenBackup> {
  const { store, log } = options;
  const name = manifestName(dumped.file);
  try {
    const { decryptedWith } = options;
    const proof = { ...(await prove()), ...(decryptedWith ? { decryptedWith } : {}) };
    const manifest = { ...dumped, proof };
    await writeText(store, name, encodeManifest(manifest)).catch((error: unknown) => {
      throw dumpFailure(error);
    });
    const pages = proof.amcheck ? `, pg_amcheck ${proof.amcheck}` : '';
    log.info(`proven by ${proof.kind} in ${formatDuration(proof.ms)}${pages}`);
    await deleteExpired(options, dumped.databaseId);
    const { sha256, bytes } = manifest;
    const backup = { file: store.locate(dumped.file), manifest: store.locate(name), sha256, bytes };
    return { backup, manifest };
  } catch (error) {
    // A store may hold what it reported as failed. The manifest goes first: it must not name a missing dump.
    await store
      .delete(name)
      .then(() => store.delete(dumped.file))
      .catch(() => undefined);
    throw error;
  }
}
