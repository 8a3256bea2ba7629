import { readFile } from 'node:fs/promises';
import {
  type Clock,
  Fault,
  failureClass,
  type Http,
  type OutsideText,
  parseRetryAfter,
  type RetryPolicy,
  retry,
  UserError,
} from '@slipway/kernel';
import { textOf } from './s3-xml.ts';

export interface S3Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  /** Of those of a role. */
  expires?: Date;
}

/** Where credentials come from. */
export interface S3Login {
  env: Readonly<Record<string, string>>;
  region: string;
  http: Http;
  clock: Clock;
  signal: AbortSignal;
}

/** An exchange of tokens takes less than a second. */
const timeoutMs = 20_000;
const policy: RetryPolicy = { maxAttempts: 3, firstDelayMs: 250, factor: 4 };
const renewBeforeMs = 5 * 60_000;

/**
 * Credentials of the step's environment, as AWS' own tools find them: the keys themselves (which
 * aws-actions/configure-aws-credentials sets as well), or a role and a file with the token of a web identity. Those of
 * a role are renewed before they expire, since a backup may take longer. When that fails, they are used while they last.
 * @throws UserError when there are none or the role is not given; Fault when the token service cannot be asked; Cancelled.
 */
export function s3Credentials(login: S3Login): () => Promise<S3Credentials> {
  let held: S3Credentials | undefined;
  const left = (): number =>
    held?.expires ? held.expires.getTime() - login.clock.now().getTime() : Number.POSITIVE_INFINITY;
  return async () => {
    if (held === undefined) held = await find(login);
    else if (left() < renewBeforeMs) {
      held = await find(login).catch((error: unknown) => {
        if (left() > 0 && held) return held;
        throw error;
      });
    }
    return held;
  };
}

async function find(login: S3Login): Promise<S3Credentials> {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = login.env;
  if (id && secret)
    return { accessKeyId: id, secretAccessKey: secret, ...(token ? { sessionToken: token } : {}) };
  const { AWS_ROLE_ARN: role, AWS_WEB_IDENTITY_TOKEN_FILE: file } = login.env;
  if (role && file) return assumeRole(role, file, login);
  throw new UserError('no credentials for the S3 backup store', {
    hint: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for this step, or run aws-actions/configure-aws-credentials in an earlier step.',
  });
}

/** docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html: the token is all that signs it. */
async function assumeRole(role: string, file: string, login: S3Login): Promise<S3Credentials> {
  const token = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UserError(`cannot read the file that AWS_WEB_IDENTITY_TOKEN_FILE names: ${file}`, {
      cause,
      hint: 'Run the step that gives this machine its identity before this one.',
    });
  });
  const body = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: role,
    RoleSessionName: login.env.AWS_ROLE_SESSION_NAME ?? 'slipway',
    WebIdentityToken: token.trim(),
  });
  const text = await ask(body, role, login);
  const [id, secret, session, until] = ['AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration'].map(
    (tag) => textOf(text, tag),
  );
  if (!id || !secret || !session)
    throw new Fault(`AWS did not grant the role ${role} to this run: its answer has no credentials`);
  return {
    accessKeyId: id,
    secretAccessKey: secret,
    sessionToken: session,
    ...(until ? { expires: new Date(until) } : {}),
  };
}

/** The answer of the token service. Passing failures are retried. */
async function ask(
  body: URLSearchParams,
  role: string,
  { env, region, http, clock, signal }: S3Login,
): Promise<string> {
  const endpoint = env.AWS_ENDPOINT_URL_STS ?? `https://sts.${region}.amazonaws.com/`;
  const about = `AWS did not grant the role ${role} to this run`;
  const during = 'the login to the S3 store';
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const request = { url: endpoint, method: 'POST', headers: form, body: body.toString(), timeoutMs, signal };
  const result = await retry<string, Refusal>({ ...policy, clock, signal, during }, async () => {
    const reply = await http.send(request);
    if (reply.ok && reply.status >= 200 && reply.status < 300)
      return { state: 'done', value: reply.body.data };
    const failure = reply.ok ? refusalOf(reply.status, reply.body) : undefined;
    const retryAfterMs = reply.ok ? parseRetryAfter(reply.headers['retry-after'], clock.now()) : undefined;
    return {
      state: 'failed',
      class: failure?.passing ? 'server' : failureClass(reply),
      error: { why: failure?.why ?? (reply.ok ? '' : reply.error), answered: reply.ok },
      retryAfterMs,
    };
  });
  if (result.ok) return result.value;
  const { why, answered } = result.error;
  if (answered && result.class === 'permanent')
    throw new UserError(`${about}: ${why}`, {
      hint: 'Check the trust policy of the role: issuer, audience and subject of the token.',
    });
  throw new Fault(`${about}: cannot reach ${endpoint}: ${why}`, {
    hint: 'Check database.backup.region, and the network between the runner and the AWS token service.',
  });
}

interface Refusal {
  why: string;
  /** Whether the service answered at all. */
  answered: boolean;
}

/** Why the service refuses, and whether that is a 400 which may pass all the same. Pure. */
function refusalOf(status: number, body: OutsideText): { why: string; passing: boolean } {
  const code = textOf(body.data, 'Code') ?? `status ${status}`;
  const message = textOf(body.data, 'Message');
  return {
    why: message ? `${body.part(message)} (${code})` : code,
    passing: code === 'IDPCommunicationError' || code === 'Throttling',
  };
}
