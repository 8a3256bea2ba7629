import { createHash } from 'node:crypto';
import { Cancelled, type Clock, describeError, Fault, UserError } from '@slipway/kernel';
import { AwsV4Signer } from 'aws4fetch';
import { type S3Credentials, s3Credentials } from './s3-credentials.ts';
import { textOf } from './s3-xml.ts';

export interface S3Target {
  bucket: string;
  /** Of an S3-compatible service, e.g. https://minio.example.com; AWS itself without one. */
  endpoint?: string;
  region: string;
  env: Readonly<Record<string, string>>;
  clock: Clock;
  signal: AbortSignal;
}

export interface S3Request {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Of the object; empty for the bucket. */
  key?: string;
  query?: Record<string, string>;
  body?: Buffer | string;
  /** Overrides the step's own, for clearing up after a cancellation. */
  signal?: AbortSignal;
}

/** Sends one signed request. @throws UserError, Fault, Cancelled for every answer that is not a success. */
export type S3Client = (request: S3Request) => Promise<Response>;

/** One request of at most a part's size. */
const within = 5 * 60_000;
const tries = 4;

/** Requests that fail for a moment (network, 429, 5xx) are sent again: each may be. */
export function s3Client(target: S3Target): S3Client {
  const credentials = s3Credentials(target);
  return async (request) => {
    const known = await credentials();
    for (let attempt = 1; ; attempt++) {
      const signal = request.signal ?? target.signal;
      const answer = await send(target, request, known, signal).catch((error: unknown) => error);
      if (answer instanceof Response && answer.ok) return answer;
      if (signal.aborted) throw new Cancelled('the transfer of the backup');
      const passing = !(answer instanceof Response) || answer.status === 429 || answer.status >= 500;
      if (!passing || attempt === tries) throw await explain(answer, target);
      await target.clock.sleep(250 * 4 ** (attempt - 1), signal);
    }
  };
}

async function send(
  target: S3Target,
  request: S3Request,
  known: S3Credentials,
  signal: AbortSignal,
): Promise<Response> {
  const body = request.body ?? '';
  const signed = await new AwsV4Signer({
    ...known,
    service: 's3',
    region: target.region,
    method: request.method,
    url: urlOf(target, request),
    // The service compares it with what arrives.
    headers: { 'x-amz-content-sha256': createHash('sha256').update(body).digest('hex') },
  }).sign();
  return fetch(signed.url, {
    method: request.method,
    headers: signed.headers,
    ...(request.body === undefined ? {} : { body: request.body as NonNullable<RequestInit['body']> }),
    redirect: 'manual',
    // A download of any size is bounded by its reader; everything else by time.
    signal: request.method === 'GET' ? signal : AbortSignal.any([signal, AbortSignal.timeout(within)]),
  });
}

/** Path style for other services and for buckets that TLS names cannot hold. */
function urlOf({ endpoint, bucket, region }: S3Target, { key = '', query = {} }: S3Request): string {
  const dotted = bucket.includes('.');
  const base =
    endpoint === undefined && !dotted
      ? `https://${bucket}.s3.${region}.amazonaws.com`
      : `${(endpoint ?? `https://s3.${region}.amazonaws.com`).replace(/\/+$/, '')}/${bucket}`;
  const search = new URLSearchParams(query).toString().replaceAll('+', '%20');
  const path = key === '' && endpoint === undefined && !dotted ? '/' : key && `/${encodeKey(key)}`;
  return `${base}${path}${search && `?${search}`}`;
}

function encodeKey(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/');
}

const elsewhere: [reason: string, hint: string] = [
  'the bucket is in another region',
  'Set database.backup.region to the region of the bucket.',
];

/** Codes of docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and what to do about them. */
const known: Record<string, [reason: string, hint: string]> = {
  NoSuchBucket: ['the bucket does not exist', 'Create it, or correct database.backup.to.'],
  InvalidAccessKeyId: ['the access key is not known there', 'Check AWS_ACCESS_KEY_ID of this step.'],
  SignatureDoesNotMatch: [
    'the secret key is wrong',
    'Check AWS_SECRET_ACCESS_KEY and database.backup.region.',
  ],
  AccessDenied: [
    'the credentials may not do this',
    'Allow s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload and s3:ListBucketMultipartUploads.',
  ],
  ExpiredToken: ['the credentials have expired', 'Get them in a step right before this one, or for longer.'],
  RequestTimeTooSkewed: ['the clock of this machine is wrong', 'Set it by NTP.'],
  AuthorizationHeaderMalformed: elsewhere,
  PermanentRedirect: elsewhere,
  NoSuchKey: ['there is no such object', 'Somebody deleted it, or the prefix is another one.'],
};

async function explain(answer: unknown, { bucket }: S3Target): Promise<Error> {
  const at = `the S3 bucket ${bucket} cannot be used`;
  if (!(answer instanceof Response)) {
    return new Fault(`${at}: ${describeError(answer)}`, {
      cause: answer,
      hint: 'Check database.backup.endpoint, and that the runner may reach it.',
    });
  }
  const text = await answer.text().catch(() => '');
  const code =
    textOf(text, 'Code') ?? (answer.status === 301 ? 'PermanentRedirect' : `status ${answer.status}`);
  const region = textOf(text, 'Region') ?? answer.headers.get('x-amz-bucket-region');
  const [reason, advice] = known[code] ?? [
    `${textOf(text, 'Message') ?? 'it answered without a reason'} (${code})`,
    'See the log of the service.',
  ];
  const hint = known[code] === elsewhere && region ? `Set database.backup.region to ${region}.` : advice;
  return answer.status < 500
    ? new UserError(`${at}: ${reason}`, { hint })
    : new Fault(`${at}: ${reason}`, { hint });
}
