/**
 * Where backups are stored. Names are those of `backupName`: letters, digits, `.`, `_` and `-`. Contents are streams, so
 * that only a few pieces of a backup are in memory at any time.
 */
export interface BackupStore {
  /** The folder or the address, for messages; without credentials. */
  readonly address: string;
  /** Where people find an object: an absolute path or a URL. */
  locate(name: string): string;
  /**
   * Checks that the store can be used, and deletes partial objects of killed runs of this database.
   * @param owner The database, from `databaseId`; it is part of the names. @throws UserError, Fault, Cancelled
   */
  prepare(owner: string): Promise<void>;
  /** Stores an object, whole or not at all; its name is never used twice. @throws whatever `content` throws; Fault, UserError */
  put(name: string, content: AsyncIterable<Buffer>): Promise<void>;
  /** The content as it is stored. Succeeds only when it is complete. */
  get(name: string): AsyncIterable<Buffer>;
  /** Names of all objects, of other databases too; null where the store cannot list them. */
  list(): Promise<string[] | null>;
  /** Whether anything can be deleted here. */
  readonly deletes: boolean;
  /** Does nothing when the object does not exist, or nothing can be deleted. */
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
