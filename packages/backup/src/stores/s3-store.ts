import { Cancelled, describeTransport, Fault, UserError } from '@slipway/kernel';
import type { BackupStore } from '../store.ts';
import { type S3Client, type S3Target, s3Client } from './s3-client.ts';
import { partsOf } from './s3-parts.ts';
import { completion, elementsOf, textOf } from './s3-xml.ts';

export interface S3StoreOptions extends S3Target {
  /** Of all keys, without a slash at its ends; may be empty. */
  prefix: string;
  /** Bytes of a part at first; S3 wants 5 MiB at least. Two parts are in memory. */
  partSize?: number;
}

const megabyte = 1024 * 1024;
/** Milliseconds for clearing up after a failure or a cancellation. */
const clearWithin = 3000;

/** A bucket of AWS S3 or of any service that speaks its protocol. What does not fit into one part goes in several. */
export function s3Store(options: S3StoreOptions): BackupStore {
  const client = s3Client(options);
  const folder = options.prefix === '' ? '' : `${options.prefix}/`;
  const address = `s3://${options.bucket}/${folder}`.replace(/\/$/, '');
  return {
    address,
    locate: (name) => `${address}/${name}`,
    async prepare(owner) {
      await listKeys(client, folder);
      await abortUploads(client, folder, owner);
    },
    put: (name, content) => put(client, `${folder}${name}`, content, options.partSize ?? 8 * megabyte),
    get: (name) => get(client, `${folder}${name}`, options.signal),
    list: async () => (await listKeys(client, folder)).map((key) => key.slice(folder.length)),
    deletes: true,
    async delete(name) {
      await client.send({ method: 'DELETE', key: `${folder}${name}` });
    },
  };
}

async function put(
  client: S3Client,
  key: string,
  content: AsyncIterable<Buffer>,
  partSize: number,
): Promise<void> {
  let upload: string | undefined;
  const etags: string[] = [];
  let underway: Promise<void> = Promise.resolve();
  try {
    for await (const { bytes, last } of partsOf(content, partSize)) {
      if (last && upload === undefined) {
        await client.send({ method: 'PUT', key, body: bytes });
        return;
      }
      upload ??= await begin(client, key);
      await underway;
      underway = sendPart(client, { key, upload, number: etags.length + 1, bytes, etags });
      // It is waited for by the next part; until then its failure is nobody's unhandled one.
      underway.catch(() => undefined);
    }
    await underway;
    await finish(client, key, upload as string, etags);
  } catch (error) {
    await underway.catch(() => undefined);
    if (upload !== undefined) await abort(client, key, upload);
    throw error;
  }
}

async function begin(client: S3Client, key: string): Promise<string> {
  const { body } = await client.send({ method: 'POST', key, query: { uploads: '' } });
  const upload = textOf(body.data, 'UploadId');
  if (!upload) throw new Fault('the S3 service began no upload: it answered without an UploadId');
  return upload;
}

async function sendPart(
  client: S3Client,
  part: { key: string; upload: string; number: number; bytes: Buffer; etags: string[] },
): Promise<void> {
  const query = { partNumber: String(part.number), uploadId: part.upload };
  // Its number is taken at once; the tag is filled in when the part is there.
  part.etags.push('');
  const { headers } = await client.send({ method: 'PUT', key: part.key, query, body: part.bytes });
  part.etags[part.number - 1] = headers.etag ?? '';
}

/** The service may answer 200 and tell of a failure in the body. */
async function finish(client: S3Client, key: string, upload: string, etags: string[]): Promise<void> {
  const query = { uploadId: upload };
  const { body: answer } = await client.send({ method: 'POST', key, query, body: completion(etags) });
  const text = answer.data;
  if (/<Error>/.test(text) || !/<CompleteMultipartUploadResult/.test(text)) {
    throw new Fault(
      `the S3 service did not put the backup together: ${answer.part(textOf(text, 'Message') ?? 'no reason given')}`,
    );
  }
}

/** Parts of an upload that was neither finished nor aborted are stored, and paid for, without being seen. */
async function abort(client: S3Client, key: string, upload: string): Promise<void> {
  const signal = AbortSignal.timeout(clearWithin);
  await client.send({ method: 'DELETE', key, query: { uploadId: upload }, signal }).catch(() => undefined);
}

/** Ends uploads of this database that killed runs left. A service or a policy that does not list them is no reason to stop. */
async function abortUploads(client: S3Client, folder: string, owner: string): Promise<void> {
  try {
    const query = { uploads: '', prefix: folder, 'encoding-type': 'url' };
    const text = (await client.send({ method: 'GET', query })).body.data;
    for (const upload of elementsOf(text, 'Upload')) {
      const key = decodeURIComponent(textOf(upload, 'Key') ?? '');
      if (key.includes(`.${owner}.`)) await abort(client, key, textOf(upload, 'UploadId') ?? '');
    }
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    if (!(error instanceof UserError)) throw error;
  }
}

async function listKeys(client: S3Client, folder: string): Promise<string[]> {
  const keys: string[] = [];
  const query: Record<string, string> = { 'list-type': '2', prefix: folder, 'encoding-type': 'url' };
  for (;;) {
    const text = (await client.send({ method: 'GET', query })).body.data;
    for (const one of elementsOf(text, 'Contents')) keys.push(decodeURIComponent(textOf(one, 'Key') ?? ''));
    const next = textOf(text, 'NextContinuationToken');
    if (textOf(text, 'IsTruncated') !== 'true' || !next)
      return keys.filter((key) => !key.slice(folder.length).includes('/'));
    query['continuation-token'] = next;
  }
}

async function* get(client: S3Client, key: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  const body = await client.download(key);
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) yield chunk;
  } catch (cause) {
    if (signal.aborted) throw new Cancelled('the transfer of the backup');
    throw new Fault(`the backup ${key} came only in part: ${describeTransport(cause).error}`, {
      cause,
      hint: 'The connection to the S3 service was cut. Run this again.',
    });
  }
}
