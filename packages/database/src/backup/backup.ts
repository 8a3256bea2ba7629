import { type Clock, type Exec, formatDuration, type Log } from '@slipway/kernel';
import type { Client } from 'pg';
import { closeConnection, type ServerVersion } from '../connection/connect.ts';
import type { ConnectedTo } from '../connection/session.ts';
import { cipherName } from './cipher.ts';
import { compressionOf, type DumpOptions, dumpTo } from './dump.ts';
import { assertWithinLimit, expectedDuration, formatSize, type Prove } from './estimate.ts';
import { clearUnfinished, deleteExpired } from './housekeeping.ts';
import { backupName, databaseId, manifestName } from './identity.ts';
import { type BackupManifest, type BackupProof, encodeManifest } from './manifest.ts';
import { proveByReading, proveRestored } from './proof.ts';
import { restoreWhileDumped } from './restore-into.ts';
import type { Keep } from './retention.ts';
import { assertScratchPossible, reach, withScratch } from './scratch.ts';
import { openSnapshot, type Snapshot } from './snapshot.ts';
import { type BackupStore, writeText } from './store.ts';

export interface BackupOptions {
  url: string;
  connectedTo: ConnectedTo;
  server: ServerVersion;
  /** Of the server's own major version. */
  programs: { pgDump: string; pgRestore: string; pgAmcheck: string | null };
  store: BackupStore;
  /** 32 bytes; null leaves the dump as it is. */
  key: Buffer | null;
  prove: Prove;
  /** Another server to restore to for the proof. */
  scratchUrl?: string | undefined;
  keep: Keep;
  /** Bytes of database above which no dump is made. */
  limit: number;
  /** Goes into the manifest. */
  facts: {
    /** Version of pg_dump. */
    client: string;
    schemaVersion: string | null;
    release: string;
    commit: string;
    /** Page of the run; empty where there is none. */
    run: string;
    at: Date;
  };
  /** Of the step, for the programs. */
  env: Readonly<Record<string, string>>;
  exec: Exec;
  clock: Clock;
  signal: AbortSignal;
  log: Log;
}

/** A backup as the release record has it. */
export interface Backup {
  /** Where they are: absolute paths or URLs. */
  file: string;
  manifest: string;
  /** Of the stored bytes. */
  sha256: string;
  bytes: number;
}

export interface ProvenBackup<T> {
  backup: Backup;
  manifest: BackupManifest;
  /** What `rehearse` returned; absent without a restored copy. */
  rehearsal?: T;
}

/**
 * Dumps one moment of the database into the store, proves what is stored, writes the manifest last, and deletes
 * backups that are not needed any more. What killed runs of the same database left behind is cleared away first; the
 * run lock keeps others away.
 * @param rehearse Gets the restored copy before it is dropped; only with `prove: restore`.
 * @throws UserError before anything is written; Fault when there is no proven backup at the end, and then none is left;
 * Cancelled; and whatever `rehearse` throws.
 */
export async function backUp<T = never>(
  options: BackupOptions,
  rehearse?: (scratchUrl: string) => Promise<T>,
): Promise<ProvenBackup<T>> {
  const { store, facts, log, key, signal, server } = options;
  if (options.prove === 'restore') {
    await assertScratchPossible(options.scratchUrl ?? options.url, server.major, signal);
  }
  const { client } = await reach(options.url, `slipway backup ${facts.release}`, signal);
  try {
    const owner = await databaseId(client, options.connectedTo);
    const snapshot = await openSnapshot(client);
    assertWithinLimit(snapshot.bytes, options.limit, options.prove);
    const time = formatDuration(expectedDuration(snapshot.bytes, options.prove));
    log.info(
      `the database has ${formatSize(snapshot.bytes)}; a backup to ${store.address} takes about ${time}`,
    );
    await store.prepare(owner);
    await clearUnfinished(store, owner);
    const name = backupName({ release: facts.release, at: facts.at, owner, encrypted: key !== null });
    const work: Work = { client, owner, snapshot, name };
    return options.prove === 'restore'
      ? await dumpAndRestore(options, work, rehearse)
      : await dumpAndRead(options, work, options.prove);
  } finally {
    await closeConnection(client);
  }
}

interface Work {
  /** Holds the snapshot; closed when the dump is done, since an open one keeps vacuum from its work. */
  client: Client;
  owner: string;
  snapshot: Snapshot;
  name: string;
}

async function dump(
  options: BackupOptions,
  work: Work,
  alongside?: DumpOptions['alongside'],
): Promise<Unproven> {
  const { client, snapshot, name } = work;
  const { pgDump } = options.programs;
  const reading = alongside ? { alongside } : {};
  const dumped = await dumpTo(
    { ...options, ...reading, pgDump, major: options.server.major, name },
    client,
    snapshot,
  );
  await closeConnection(client);
  return describe(options, { ...work, ...dumped });
}

async function dumpAndRead<T>(
  options: BackupOptions,
  work: Work,
  kind: 'decode' | 'checksum',
): Promise<ProvenBackup<T>> {
  const dumped = await dump(options, work);
  return seal(options, dumped, async () => ({
    proof: await proveByReading(dumped, kind, { ...options, major: options.server.major }),
  }));
}

/** Restored at the pace of the dump, in about the time of the slower of the two. */
async function dumpAndRestore<T>(
  options: BackupOptions,
  { owner, ...of }: Work,
  rehearse?: (scratchUrl: string) => Promise<T>,
): Promise<ProvenBackup<T>> {
  const { server, signal, clock, log, env } = options;
  const url = options.scratchUrl ?? options.url;
  const scratch = { url, owner, major: server.major, locale: of.snapshot.locale, signal, clock, log };
  return withScratch(scratch, async (scratchUrl, at) => {
    const { pgRestore } = options.programs;
    const target = { pgRestore, url: scratchUrl, at, scratch: true };
    const dumped = await dump(options, { owner, ...of }, (content, stop) =>
      restoreWhileDumped(target, content, { env, signal: stop }),
    );
    return seal(options, dumped, async () => {
      const proof = await proveRestored(dumped, target, { ...options, major: server.major });
      const value = await rehearse?.(scratchUrl);
      return { proof, ...(value === undefined ? {} : { rehearsal: value }) };
    });
  });
}

type Unproven = Omit<BackupManifest, 'proof'>;

/** Writes the manifest of what is proven, and deletes what is not. */
async function seal<T>(
  options: BackupOptions,
  dumped: Unproven,
  prove: () => Promise<{ proof: BackupProof; rehearsal?: T }>,
): Promise<ProvenBackup<T>> {
  const { store, log } = options;
  const name = manifestName(dumped.file);
  try {
    const { proof, ...rehearsed } = await prove();
    const manifest = { ...dumped, proof };
    await writeText(store, name, encodeManifest(manifest));
    const pages = proof.amcheck ? `, pg_amcheck ${proof.amcheck}` : '';
    log.info(`proven by ${proof.kind} in ${formatDuration(proof.ms)}${pages}`);
    await deleteExpired(options, dumped.databaseId);
    const { sha256, bytes } = manifest;
    const backup = { file: store.locate(dumped.file), manifest: store.locate(name), sha256, bytes };
    return { backup, manifest, ...rehearsed };
  } catch (error) {
    await store.delete(dumped.file).catch(() => undefined);
    throw error;
  }
}

function describe(
  { facts, server, connectedTo, key }: BackupOptions,
  of: {
    name: string;
    owner: string;
    snapshot: Snapshot;
    sha256: string;
    bytes: number;
    counts: Record<string, number>;
  },
): Unproven {
  const { snapshot } = of;
  const { at, ...rest } = facts;
  return {
    schema: 2,
    file: of.name,
    sha256: of.sha256,
    bytes: of.bytes,
    cipher: key === null ? 'none' : cipherName,
    compression: compressionOf(server.major),
    database: connectedTo.database,
    databaseId: of.owner,
    databaseBytes: snapshot.bytes,
    createdAt: at.toISOString(),
    server: server.version,
    ...rest,
    lsn: snapshot.lsn,
    counts: of.counts,
    counted: snapshot.tables.length === snapshot.total ? 'all' : 'largest',
    changes: Object.fromEntries(snapshot.tables.map(({ name, changes }) => [name, changes])),
    statisticsSince: snapshot.statisticsSince,
    events: snapshot.events,
    locale: snapshot.locale,
  };
}
