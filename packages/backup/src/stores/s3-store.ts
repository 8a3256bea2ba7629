import { Cancelled, describeTransport, Fault, UserError } from '@slipway/kernel';
import type { BackupStore } from '../store.ts';
import { type S3Client, type S3Target, s3Client } from './s3-client.ts';
import { partsOf } from './s3-parts.ts';
import { completion, elementsOf, textOf } from './s3-xml.ts';

export interface S3StoreOptions extends S3Target {
  /** Of all keys, without a slash at its ends; may be empty. */
  prefix: string;
  /** Bytes of the first parts; S3 requires at least 5 MiB. Two parts are in memory. */
  partSize?: number;
}

const megabyte = 1024 * 1024;
/** For the cleanup after a failure or a cancellation. */
const cleanupTimeoutMs = 3000;

/** A bucket of AWS S3 or of a compatible service. A backup that exceeds one part is uploaded in several. */
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
      // The next part waits for it; until then a failure must not count as unhandled.
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
  if (!upload) throw new Fault('the S3 service did not start the upload: its response has no UploadId');
  return upload;
}

async function sendPart(
  client: S3Client,
  part: { key: string; upload: string; number: number; bytes: Buffer; etags: string[] },
): Promise<void> {
  const query = { partNumber: String(part.number), uploadId: part.upload };
  // Reserves the number at once; the tag follows when the part is stored.
  part.etags.push('');
  const { headers } = await client.send({ method: 'PUT', key: part.key, query, body: part.bytes });
  part.etags[part.number - 1] = headers.etag ?? '';
}

/** The service may answer 200 and report a failure in the body. */
async function finish(client: S3Client, key: string, upload: string, etags: string[]): Promise<void> {
  const query = { uploadId: upload };
  const { body: answer } = await client.send({ method: 'POST', key, query, body: completion(etags) });
  const text = answer.data;
  if (/<Error>/.test(text) || !/<CompleteMultipartUploadResult/.test(text)) {
    throw new Fault(
      `the S3 service did not complete the upload: ${answer.part(textOf(text, 'Message') ?? 'no reason given')}`,
    );
  }
}

/** Parts of an upload that is neither completed nor aborted are stored and billed without being listed. */
async function abort(client: S3Client, key: string, upload: string): Promise<void> {
  const signal = AbortSignal.timeout(cleanupTimeoutMs);
  await client.send({ method: 'DELETE', key, query: { uploadId: upload }, signal }).catch(() => undefined);
}

/** Aborts uploads of killed runs of this database. A service or a policy that does not list them is not an error. */
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
    throw new Fault(`the download of the backup ${key} stopped early: ${describeTransport(cause).error}`, {
      cause,
      hint: 'The connection to the S3 service was lost. Re-run this job.',
    });
  }
}
