import type { Client, Connection, Submittable } from 'pg';

/** Rows that a `COPY … FROM stdin` in the text waits for, one entry for each, in their order. */
export type CopyRows = readonly string[];

/** How far the server came with a text of several statements. */
export interface Progress {
  /** Statements that it reported as done, since the last COMMIT. */
  completed: number;
  /** Transactions that it reported as committed. */
  committed: number;
}

interface CopyConnection extends Connection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

/**
 * Sends a text of any number of statements as one simple query (protocol manual, 55.2.2): one round trip. Results are
 * thrown away as they come, so that a SELECT in a migration costs no memory.
 * @param progress Counts what the server completed: an error at run time carries no position.
 * @throws what the server or the connection says.
 */
export function sendScript(
  client: Client,
  text: string,
  copies: CopyRows = [],
  progress: Progress = { completed: 0, committed: 0 },
): Promise<void> {
  return new Promise((resolve, reject) => {
    client.query(new ScriptQuery(text, copies, progress, (error) => (error ? reject(error) : resolve())));
  });
}

/** What the driver calls while a query is the active one; the names are the driver's. */
class ScriptQuery implements Submittable {
  readonly text: string;
  readonly callback: (error?: unknown) => void;
  readonly #copies: string[];
  readonly #progress: Progress;

  constructor(text: string, copies: CopyRows, progress: Progress, callback: (error?: unknown) => void) {
    this.text = text;
    this.callback = callback;
    this.#copies = [...copies];
    this.#progress = progress;
  }

  submit(connection: Connection): void {
    (connection as CopyConnection).query(this.text);
  }

  handleCommandComplete({ text }: { text: string }): void {
    if (text === 'COMMIT') {
      this.#progress.committed++;
      this.#progress.completed = 0;
    } else this.#progress.completed++;
  }

  handleCopyInResponse(connection: CopyConnection): void {
    const rows = this.#copies.shift();
    if (rows === undefined) {
      connection.sendCopyFail('there are no rows for this COPY in the file');
      return;
    }
    const bytes = Buffer.from(rows, 'utf8');
    for (let at = 0; at < bytes.length; at += chunk) {
      connection.sendCopyFromChunk(bytes.subarray(at, at + chunk));
    }
    connection.endCopyFrom();
  }

  handleError(error: unknown): void {
    this.callback(error);
  }

  handleReadyForQuery(): void {
    this.callback();
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleCopyData(): void {}
}

/** Bytes of one CopyData message. */
const chunk = 64 * 1024;
