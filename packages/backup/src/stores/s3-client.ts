import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import {
  type Clock,
  Fault,
  failureClass,
  type Http,
  type HttpAnswer,
  type HttpDownload,
  type HttpReply,
  type HttpRequest,
  type RetryPolicy,
  replyAttempt,
  retry,
  UserError,
} from '@slipway/kernel';
import { AwsV4Signer } from 'aws4fetch';
import { type S3Credentials, s3Credentials } from './s3-credentials.ts';
import { textOf } from './s3-xml.ts';

export interface S3Target {
  bucket: string;
  /** Of an S3-compatible service, e.g. https://minio.example.com; AWS itself without one. */
  endpoint?: string;
  region: string;
  env: Readonly<Record<string, string>>;
  http: Http;
  clock: Clock;
  signal: AbortSignal;
}

interface S3Request {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Of the object; empty for the bucket. */
  key?: string;
  query?: Record<string, string>;
  body?: Buffer | string;
  /** Overrides the step's own, for clearing up after a cancellation. */
  signal?: AbortSignal;
}

/** Signed requests. Both methods throw a UserError, a Fault or Cancelled for every answer that is not a success. */
export interface S3Client {
  send(request: S3Request): Promise<HttpAnswer>;
  /** An object of any size, as it arrives. */
  download(key: string): Promise<Readable>;
}

/** One request of at most a part's size. Lists come in pages. */
const limits = { timeoutMs: 5 * 60_000, maxBodyBytes: 16 * 1024 * 1024, connection: 'shared' } as const;
/** Each request may be repeated. */
const policy: RetryPolicy = { maxAttempts: 4, firstDelayMs: 250, factor: 4 };

export function s3Client(target: S3Target): S3Client {
  const credentials = s3Credentials(target);
  const { http, clock } = target;
  const during = 'the transfer of the backup';
  return {
    async send(request) {
      const known = await credentials();
      const signal = request.signal ?? target.signal;
      const sent = await retry<HttpAnswer, HttpReply>({ ...policy, clock, signal, during }, async () =>
        replyAttempt(await http.send(await signed(target, request, known, signal)), clock.now()),
      );
      const reply = sent.ok ? sent.value : sent.error;
      if (reply.ok && isSuccess(reply.status)) return reply;
      throw explain(reply, target);
    },
    async download(key) {
      const known = await credentials();
      const { signal } = target;
      const opened = await retry<HttpDownload, HttpReply>({ ...policy, clock, signal, during }, async () => {
        const reply = await http.open(await signed(target, { method: 'GET', key }, known, signal));
        if (!reply.ok) return { state: 'failed', class: failureClass(reply), error: reply };
        if (isSuccess(reply.status)) return { state: 'done', value: reply };
        const attempt = replyAttempt(await reply.read(), clock.now());
        return attempt.state === 'failed'
          ? attempt
          : { state: 'failed', class: 'permanent', error: attempt.value };
      });
      if (opened.ok) return opened.value.body;
      throw explain(opened.error, target);
    },
  };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

async function signed(
  target: S3Target,
  request: S3Request,
  known: S3Credentials,
  signal: AbortSignal,
): Promise<HttpRequest> {
  const { method, body } = request;
  const { url, headers } = await new AwsV4Signer({
    ...known,
    service: 's3',
    region: target.region,
    method,
    url: urlOf(target, request),
    // The service compares it with what arrives.
    headers: {
      'x-amz-content-sha256': createHash('sha256')
        .update(body ?? '')
        .digest('hex'),
    },
  }).sign();
  return {
    url: url.href,
    method,
    headers: Object.fromEntries(headers),
    ...(body === undefined ? {} : { body }),
    ...limits,
    signal,
  };
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
  InvalidAccessKeyId: ['the access key is unknown to the service', 'Check AWS_ACCESS_KEY_ID of this step.'],
  SignatureDoesNotMatch: [
    'the secret key is wrong',
    'Check AWS_SECRET_ACCESS_KEY and database.backup.region.',
  ],
  AccessDenied: [
    'the credentials lack a permission',
    'Allow s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload and s3:ListBucketMultipartUploads.',
  ],
  ExpiredToken: [
    'the credentials have expired',
    'Request them in the step directly before this one, or with a longer lifetime.',
  ],
  RequestTimeTooSkewed: ["the runner's clock is wrong", 'Synchronise it with NTP.'],
  AuthorizationHeaderMalformed: elsewhere,
  PermanentRedirect: elsewhere,
  NoSuchKey: [
    'the object does not exist',
    'Check the prefix in database.backup.to; somebody may have deleted the object.',
  ],
};

function explain(answer: HttpReply, { bucket }: S3Target): Error {
  const at = `cannot use the S3 bucket ${bucket}`;
  if (!answer.ok)
    return new Fault(`${at}: ${answer.error}`, {
      hint: 'Check database.backup.endpoint, and the network between the runner and the service.',
    });
  const { status, body, headers } = answer;
  const code = textOf(body.data, 'Code') ?? (status === 301 ? 'PermanentRedirect' : `status ${status}`);
  const region = textOf(body.data, 'Region') ?? headers['x-amz-bucket-region'];
  const message = textOf(body.data, 'Message');
  const [reason, advice] = known[code] ?? [
    message === undefined ? `it answered without a reason (${code})` : `${body.part(message)} (${code})`,
    'Check the log of the service.',
  ];
  const hint = known[code] === elsewhere && region ? `Set database.backup.region to ${region}.` : advice;
  return status < 500 ? new UserError(`${at}: ${reason}`, { hint }) : new Fault(`${at}: ${reason}`, { hint });
}
