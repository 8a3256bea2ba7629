import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type BackupOptions, backUp, restoreDatabase } from '@slipway/backup';

import { type ObjectStore, type Postgres, startObjectStore } from '@slipway/test-services';
import { AwsClient } from 'aws4fetch';
import { backupKeys, backupOptions, fillEvents, restoreOptions, stepEnv } from '../support/backups.ts';
import { postgresForAll, withClient } from '../support/postgres.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

let postgres: Postgres;
let s3: ObjectStore;
let url: string;
let bucket = 0;
let env: Record<string, string>;

postgresForAll(
  (started) => {
    postgres = started;
  },
  { needs: ['object-store'] },
);
beforeAll(async () => {
  s3 = await startObjectStore();
  env = {
    ...stepEnv,
    AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
  };
  await postgres.createDatabase('app');
  url = postgres.url('app');
  // Incompressible: more than one part of the smallest size.
  await withClient(url, async (client) => {
    await fillEvents(client, 100);
    await client.query(
      `CREATE TABLE blobs AS SELECT i, string_agg(encode(sha512((i || ':' || j)::text::bytea), 'base64'), '') AS data
     FROM generate_series(1, 2500) i, generate_series(1, 100) j GROUP BY i`,
    );
  });
}, 120_000);
afterAll(() => s3?.stop());
beforeEach(async () => {
  await raw('PUT', '');
}, 10_000);

/** Asks the store itself, past our own client. */
async function raw(method: string, path: string, endpoint = s3.endpoint): Promise<string> {
  if (method === 'PUT') bucket++;
  const aws = new AwsClient({ ...s3.credentials, service: 's3', region: s3.region, retries: 0 });
  const reply = await aws.fetch(`${endpoint}/backups${bucket}${path}`, { method });
  if (!reply.ok) throw new Error(await reply.text());
  return reply.text();
}
const keys = async (): Promise<string[]> =>
  [...(await raw('GET', '?list-type=2')).matchAll(/<Key>([^<]*)/g)].map((match) => match[1] ?? '').sort();
const uploads = async (): Promise<number> => (await raw('GET', '?uploads')).match(/<UploadId>/g)?.length ?? 0;

function options(
  more: Partial<BackupOptions> & { endpoint?: string; env?: Record<string, string>; to?: string } = {},
) {
  const { endpoint = s3.endpoint, to = `s3://backups${bucket}/pro d/app/`, ...rest } = more;
  return backupOptions({ postgres, url, to }, { env, target: { endpoint }, ...rest });
}

test('goes up in parts, is proven from there, and restores from there', async () => {
  const { backup, manifest } = await backUp(options({ keys: backupKeys, prove: 'restore' }));
  expect(backup.bytes).toBeGreaterThan(2 * 8 * 1024 * 1024);
  expect(backup.file).toBe(`s3://backups${bucket}/pro d/app/${manifest.file}`);
  expect(await keys()).toEqual([`pro d/app/${manifest.file}`, `pro d/app/${manifest.file}.manifest.json`]);
  expect(await uploads()).toBe(0);
  const restored = await restoreDatabase(
    restoreOptions(options({ keys: backupKeys }), { from: backup.file }),
  );
  expect(restored).toMatchObject({ swapped: false, backup: { sha256: backup.sha256 } });
}, 60_000);

test.each([
  ['a wrong secret', { AWS_SECRET_ACCESS_KEY: 'wrong-secret-key' }, /the secret key is wrong\b/],
  ['no credentials', { AWS_ACCESS_KEY_ID: '' }, /^no credentials for the S3 backup store$/],
])('%s is reported before anything is dumped', async (_what, wrong, message) => {
  const refused = backUp(options({ env: { ...env, ...wrong } }));
  await expect(refused).rejects.toMatchObject({
    name: 'UserError',
    message: expect.stringMatching(message),
    hint: expect.stringContaining('AWS_'),
  });
});

test('so are a bucket that is not there and a service that is not there', async () => {
  await expect(backUp(options({ to: 's3://nobodys/app' }))).rejects.toMatchObject({
    name: 'UserError',
    message: 'cannot use the S3 bucket nobodys: the bucket does not exist',
  });
  await expect(backUp(options({ endpoint: 'http://127.0.0.1:1' }))).rejects.toMatchObject({
    name: 'Fault',
    message: expect.stringMatching(/^cannot use the S3 bucket .*: connection refused/),
  });
}, 60_000);

test('a network that is cut in the middle leaves no object and no upload', async () => {
  const { hostname: host, port } = new URL(s3.endpoint);
  const proxy = await startTcpProxy({ host, port: Number(port) });
  proxy.cut(12 * 1024 * 1024);
  try {
    await expect(backUp(options({ endpoint: `http://127.0.0.1:${proxy.port}` }))).rejects.toMatchObject({
      name: 'Fault',
      message: expect.stringMatching(
        /^the backup failed, and nothing was changed: cannot use the S3 bucket .*/,
      ),
    });
  } finally {
    await proxy.stop();
  }
  expect(await keys()).toEqual([]);
  // The next run clears away what could not be aborted over a dead network.
  await backUp(options());
  expect(await uploads()).toBe(0);
  expect(await keys()).toHaveLength(2);
}, 120_000);

test('a backup that is changed where it lies is found', async () => {
  const { store } = options();
  const damaging = { ...store, get: flipped(store.get) };
  for (const prove of ['checksum', 'decode', 'restore'] as const) {
    await expect(backUp(options({ store: damaging, prove }))).rejects.toMatchObject({
      name: 'Fault',
      message: expect.stringMatching(/the backup s3:.* is damaged: its sha256 is .* instead of/),
    });
    expect(await keys()).toEqual([]);
  }
}, 120_000);

/** One bit in the middle of what is read, as a bad disk would do. */
function flipped(get: (name: string) => AsyncIterable<Buffer>) {
  return async function* (name: string): AsyncGenerator<Buffer> {
    let at = 0;
    for await (const chunk of get(name)) {
      const copy = Buffer.from(chunk);
      const spot = 5_000_000 - at;
      if (spot >= 0 && spot < copy.length) copy[spot] = (copy[spot] ?? 0) ^ 1;
      at += chunk.length;
      yield copy;
    }
  };
}
