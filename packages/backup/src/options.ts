import type { Clock, DatabaseAddress, DatabaseUrl, Exec, Log, Redactor } from '@slipway/kernel';
import type { ServerVersion } from '@slipway/postgres';
import type { BackupKeys } from './encryption.ts';
import type { Prove } from './estimate.ts';
import type { BackupManifest } from './manifest.ts';
import type { Retention } from './retention.ts';
import type { BackupStore } from './store.ts';

export interface BackupOptions {
  url: DatabaseUrl;
  connectedTo: DatabaseAddress;
  server: ServerVersion;
  /** Of the server's own major version. */
  programs: { pgDump: string; pgRestore: string; pgAmcheck: string | null };
  store: BackupStore;
  /** Null leaves the dump unencrypted. */
  keys: BackupKeys | null;
  prove: Prove;
  /** Another server to restore to for the proof. */
  scratchUrl?: DatabaseUrl | undefined;
  keep: Retention;
  /** Bytes of database above which no dump is made. */
  limit: number;
  /** Goes into the manifest. */
  facts: {
    /** Version of pg_dump. */
    client: string;
    schemaVersion: string | null;
    release: string;
    commit: string;
    /** URL of the run; empty where there is none. */
    run: string;
    at: Date;
  };
  /** The step's environment, for the programs. */
  env: Readonly<Record<string, string>>;
  exec: Exec;
  clock: Clock;
  signal: AbortSignal;
  log: Log;
  redactor: Redactor;
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

export interface ProvenBackup {
  backup: Backup;
  manifest: BackupManifest;
}
