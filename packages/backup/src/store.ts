/**
 * Where backups are kept. Names are those that `backupName` makes: letters, digits, `.`, `_` and `-`. Contents are
 * streams, so that no more than a few pieces of a backup are in memory at any time.
 */
export interface BackupStore {
  /** The folder or the address, for messages; without credentials. */
  readonly address: string;
  /** How people find one object again: an absolute path or a URL. */
  locate(name: string): string;
  /**
   * Makes sure that the store can be used, and clears away what killed runs of this database left half-written.
   * @param owner The database, as `databaseId` tells it; it is part of the names. @throws UserError, Fault, Cancelled
   */
  prepare(owner: string): Promise<void>;
  /** Stores an object, whole or not at all; its name is never used twice. @throws whatever `content` throws; Fault, UserError */
  put(name: string, content: AsyncIterable<Buffer>): Promise<void>;
  /** The content as it is stored. Ends well only when all of it came. */
  get(name: string): AsyncIterable<Buffer>;
  /** Names of all objects here, of other databases too; null where that cannot be asked. */
  list(): Promise<string[] | null>;
  /** Whether anything can be deleted here. */
  readonly deletes: boolean;
  /** Does nothing when there is no such object, or nothing can be deleted. */
  delete(name: string): Promise<void>;
}

/** A small object as text. */
export async function readText(store: BackupStore, name: string): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of store.get(name)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

export async function writeText(store: BackupStore, name: string, text: string): Promise<void> {
  async function* content(): AsyncGenerator<Buffer> {
    yield Buffer.from(text, 'utf8');
  }
  await store.put(name, content());
}
