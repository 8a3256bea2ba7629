import { type Clock, type DatabaseUrl, type Log, type Redactor, UserError } from '@slipway/kernel';
import type { BackupKeys } from '../encryption.ts';
import type { BackupStore } from '../store.ts';

export interface RestoreOptions {
  /** The database that is replaced. */
  url: DatabaseUrl;
  store: BackupStore;
  /** `latest`, the name or address of a dump, or the first one that a release made, by its id: before it migrated. */
  from: string | { madeBy: string };
  /** The exact name of the database; '' tries and reports everything, and changes nothing. */
  confirm: string;
  /** Asked right before the restored database takes over; `old` is the name of the old one then. @throws whatever keeps it from that. */
  assertMaySwap(old: string): Promise<void>;
  /** Null where backups are not encrypted. */
  keys: BackupKeys | null;
  /** Finds pg_restore of this major version. @throws UserError */
  findPgRestore(major: number): Promise<string>;
  /** The step's environment, for the programs. */
  env: Readonly<Record<string, string>>;
  clock: Clock;
  signal: AbortSignal;
  log: Log;
  redactor: Redactor;
}

/** The name of the database. @throws UserError when the URL has none, or when another one was confirmed. */
export function confirmDatabase({ url, confirm }: Pick<RestoreOptions, 'url' | 'confirm'>): string {
  const { database } = url;
  if (database === undefined) {
    throw new UserError('the database URL names no database', {
      hint: 'Set it to postgresql://user:password@host:port/database.',
    });
  }
  if (confirm === '' || confirm === database) return database;
  throw new UserError(`the restore is confirmed for "${confirm}", but the database is "${database}"`, {
    hint: 'Confirm it with the exact name of the database that will be replaced.',
  });
}
