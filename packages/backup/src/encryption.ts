import { ReadableStream } from 'node:stream/web';
import { Fault, UserError } from '@slipway/kernel';

/** Named in the manifest: the format of age-encryption.org/v1, which `age -d` reads. */
export const encryptionName = 'age';

/** The keys of one backup. */
export interface BackupKeys {
  /** Public keys (`age1…`). The backup can be decrypted by the identity of any of them. */
  recipients: readonly string[];
  /** Secret key (`AGE-SECRET-KEY-1…`). Null where backups are written and cannot be decrypted. */
  identity: string | null;
}

// Takes 40 ms to load, and most runs encrypt nothing.
const loadAge = () => import('age-encryption');

/**
 * Checks the keys of the configuration. An identity is one of the recipients as well: what is written with these keys
 * can be read with them.
 * @throws UserError that names the malformed key, without an identity.
 */
export async function readKeys(from: {
  recipients?: readonly string[] | undefined;
  identity?: string | undefined;
}): Promise<BackupKeys> {
  const { Encrypter } = await loadAge();
  const recipients = [...(from.recipients ?? [])];
  for (const recipient of recipients) {
    try {
      new Encrypter().addRecipient(recipient);
    } catch (cause) {
      throw malformed(`database.backup.encrypt.recipients: "${recipient}" is not an age public key`, cause);
    }
  }
  if (from.identity === undefined) return { recipients, identity: null };
  const own = await recipientOf(from.identity);
  return { recipients: [...new Set([...recipients, own])], identity: from.identity };
}

async function recipientOf(identity: string): Promise<string> {
  const { identityToRecipient } = await loadAge();
  try {
    return await identityToRecipient(identity);
  } catch {
    // The library's own error may repeat the key.
    throw malformed('database.backup.encrypt.identity is not an age secret key');
  }
}

function malformed(problem: string, cause?: unknown): UserError {
  return new UserError(problem, {
    cause,
    hint: 'Create a key pair with `age-keygen`, and store the secret key apart from the backups.',
  });
}

/**
 * Keys that prove a backup by decrypting what was stored. Without an identity, one more recipient is made whose identity
 * is in the memory of this run only: the proof needs no secret, and nobody can decrypt with it afterwards.
 */
export async function withRunKey(keys: BackupKeys): Promise<BackupKeys & { identity: string }> {
  if (keys.identity !== null) return { ...keys, identity: keys.identity };
  const { generateX25519Identity } = await loadAge();
  const identity = await generateX25519Identity();
  return { recipients: [...keys.recipients, await recipientOf(identity)], identity };
}

/** The content as one age file. @throws whatever `content` throws. */
export async function* encrypted(
  content: AsyncIterable<Buffer>,
  recipients: readonly string[],
): AsyncGenerator<Buffer> {
  const { Encrypter } = await loadAge();
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  yield* through(content, (stream) => encrypter.encrypt(stream));
}

/**
 * The reverse. Every piece is authenticated before it is passed on, and a missing end is noticed.
 * @throws Fault when the identity is not a recipient, or the content was changed or cut off; whatever `content` throws.
 */
export async function* decrypted(content: AsyncIterable<Buffer>, identity: string): AsyncGenerator<Buffer> {
  const { Decrypter } = await loadAge();
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  let contentError: unknown;
  async function* watched(): AsyncGenerator<Buffer> {
    try {
      yield* content;
    } catch (error) {
      contentError = error;
      throw error;
    }
  }
  try {
    yield* through(watched(), (stream) => decrypter.decrypt(stream));
  } catch (cause) {
    throw contentError ?? unreadable(cause);
  }
}

/** Passes the content through a web stream, and returns only when the content is closed. */
async function* through(
  content: AsyncIterable<Buffer>,
  transform: (stream: ReadableStream<Uint8Array>) => Promise<ReadableStream<Uint8Array>>,
): AsyncGenerator<Buffer> {
  const chunks = content[Symbol.asyncIterator]();
  const source = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await chunks.next();
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      },
    },
    { highWaterMark: 0 },
  );
  try {
    for await (const chunk of await transform(source)) {
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    }
  } finally {
    await chunks.return?.();
  }
}

function unreadable(cause: unknown): Fault {
  const stranger = cause instanceof Error && cause.message.startsWith('no identity matched');
  const why = stranger
    ? 'the identity is not one of its recipients'
    : 'it was changed or cut off after it was written';
  return new Fault(`cannot decrypt the backup: ${why}`, {
    cause,
    hint: 'Compare its sha256 with the manifest. If they match, set database.backup.encrypt.identity to the identity of one of its recipients.',
  });
}
