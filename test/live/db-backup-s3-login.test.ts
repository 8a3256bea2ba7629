import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openStore } from '@slipway/backup';
import { createExec, directHttp, Redactor, systemClock } from '@slipway/kernel';
import { type ObjectStore, provision, startObjectStore } from '@slipway/test-services';
import { AwsClient } from 'aws4fetch';

let s3: ObjectStore;
let folder: string;
let sts: TokenService;

beforeAll(async () => {
  await provision(['object-store'], () => {});
  s3 = await startObjectStore();
  const aws = new AwsClient({ ...s3.credentials, service: 's3', region: s3.region, retries: 0 });
  expect((await aws.fetch(`${s3.endpoint}/backups`, { method: 'PUT' })).status).toBe(200);
}, 120_000);
afterAll(() => s3?.stop());
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-login-'));
  writeFileSync(path.join(folder, 'token'), 'header.payload.signature\n');
  sts = await startTokenService();
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await sts.stop();
});

interface TokenService {
  url: string;
  /** What it was asked, in order. */
  asked: URLSearchParams[];
  /** What it answers: the last for ever, those before it once. */
  answers: [status: number, body: string][];
  stop(): Promise<void>;
}

/** In the place of AWS' Security Token Service, whose answers these are. Its credentials open the object store. */
async function startTokenService(): Promise<TokenService> {
  const asked: URLSearchParams[] = [];
  const answers: [number, string][] = [[200, given(3_600_000)]];
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    asked.push(new URLSearchParams(Buffer.concat(chunks).toString()));
    const [status, body] = (answers.length > 1 ? answers.shift() : answers[0]) ?? [500, ''];
    response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked, answers, stop };
}

function given(milliseconds: number): string {
  const { accessKeyId, secretAccessKey } = s3.credentials;
  const expires = new Date(Date.now() + milliseconds).toISOString();
  return `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>${accessKeyId}</AccessKeyId>
    <SecretAccessKey>${secretAccessKey}</SecretAccessKey><SessionToken>session</SessionToken>
    <Expiration>${expires}</Expiration></Credentials></AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>`;
}
const refused = (code: string, message: string): string =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;

const role = 'arn:aws:iam::123456789012:role/backup';

function store(more: { env?: Record<string, string>; to?: string; region?: string } = {}) {
  const signal = new AbortController().signal;
  const env = {
    PATH: process.env.PATH ?? '',
    AWS_ROLE_ARN: role,
    AWS_WEB_IDENTITY_TOKEN_FILE: path.join(folder, 'token'),
    AWS_ENDPOINT_URL_STS: sts.url,
    ...more.env,
  };
  const { to = 's3://backups/pro d/a%b+c', region = s3.region } = more;
  const redactor = new Redactor();
  const exec = createExec({ env, signal, redactor });
  const step = { workspace: '/', env, exec, http: directHttp, clock: systemClock, signal, redactor };
  return openStore({ to, endpoint: s3.endpoint, region }, step);
}
async function* content(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

describe('a role by web identity', () => {
  test('is asked for once, with the token of the file, and opens the store', async () => {
    const opened = store({ env: { AWS_ROLE_SESSION_NAME: 'release' } });
    await opened.prepare('owner');
    await opened.put('x', content('1'));
    expect(await opened.list()).toEqual(['x']);
    await opened.delete('x');
    await opened.delete('x');
    expect(sts.asked.map((one) => Object.fromEntries(one))).toEqual([
      {
        Action: 'AssumeRoleWithWebIdentity',
        Version: '2011-06-15',
        RoleArn: role,
        RoleSessionName: 'release',
        WebIdentityToken: 'header.payload.signature',
      },
    ]);
  });

  test('is renewed before it expires; while that fails it serves on until then', async () => {
    sts.answers.unshift([200, given(60_000)], [200, given(60_000)]);
    const opened = store();
    await opened.list();
    writeFileSync(path.join(folder, 'token'), 'another');
    await opened.list();
    expect(sts.asked.map((one) => one.get('WebIdentityToken'))).toEqual([
      'header.payload.signature',
      'another',
    ]);
    sts.answers.splice(0, 9, [400, refused('ExpiredTokenException', 'Token expired')]);
    expect(await opened.list()).toEqual([]);
    expect(sts.asked).toHaveLength(3);

    sts.answers.unshift([200, given(-1)]);
    const late = store();
    await late.list();
    await expect(late.list()).rejects.toMatchObject({
      name: 'UserError',
      message: `AWS did not grant the role ${role} to this run: Token expired (ExpiredTokenException)`,
    });
  });

  test('that the token service cannot give for a moment is asked for again', async () => {
    sts.answers.unshift([503, ''], [400, refused('IDPCommunicationError', 'try again')]);
    expect(await store().list()).toEqual([]);
    expect(sts.asked).toHaveLength(3);
  });

  test('that is refused is requested once, and reported in the words of AWS', async () => {
    const why = 'Not authorized to perform sts:AssumeRoleWithWebIdentity';
    sts.answers.splice(0, 1, [403, refused('AccessDenied', why)]);
    await expect(store().prepare('owner')).rejects.toMatchObject({
      name: 'UserError',
      message: `AWS did not grant the role ${role} to this run: ${why} (AccessDenied)`,
      hint: expect.stringMatching(/^Check the trust policy of the role/),
    });
    expect(sts.asked).toHaveLength(1);
  });

  test('a missing token and a silent service are reported with what to fix', async () => {
    const nowhere = path.join(folder, 'none');
    await expect(
      store({ env: { AWS_WEB_IDENTITY_TOKEN_FILE: nowhere } }).prepare('owner'),
    ).rejects.toMatchObject({
      name: 'UserError',
      message: `cannot read the file that AWS_WEB_IDENTITY_TOKEN_FILE names: ${nowhere}`,
      hint: expect.any(String),
    });
    const alone = store({ env: { AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1/' } });
    await expect(alone.prepare('owner')).rejects.toMatchObject({
      name: 'Fault',
      message: expect.stringMatching(
        /^AWS did not grant the role .* to this run: cannot reach http:\/\/127\.0\.0\.1:1\/: connection refused/,
      ),
      hint: expect.stringContaining('database.backup.region'),
    });
  });
});

test("a region that is not the bucket's is reported with the right one", async () => {
  await expect(store({ region: 'eu-west-9' }).prepare('owner')).rejects.toMatchObject({
    name: 'UserError',
    message: 'cannot use the S3 bucket backups: the bucket is in another region',
    hint: 'Set database.backup.region to us-east-1.',
  });
});
