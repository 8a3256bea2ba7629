import { readFile } from 'node:fs/promises';
import { Fault, UserError } from '@slipway/kernel';
import { textOf } from './s3-xml.ts';

export interface S3Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** An exchange of tokens takes less than a second. */
const within = 20_000;

/**
 * Credentials of the step's environment, as AWS' own tools find them: the keys themselves (which
 * aws-actions/configure-aws-credentials sets as well), or a role and a file with the token of a web identity.
 * @throws UserError when there are none; Fault when the role is not given.
 */
export async function s3Credentials(
  env: Readonly<Record<string, string>>,
  region: string,
): Promise<S3Credentials> {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = env;
  if (id && secret)
    return { accessKeyId: id, secretAccessKey: secret, ...(token ? { sessionToken: token } : {}) };
  const { AWS_ROLE_ARN: role, AWS_WEB_IDENTITY_TOKEN_FILE: file } = env;
  if (role && file) return assumeRole(role, file, env, region);
  throw new UserError('there are no credentials for the S3 store of the backup', {
    hint: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for this step, or let aws-actions/configure-aws-credentials do it.',
  });
}

/** docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html: the token is all that signs it. */
async function assumeRole(
  role: string,
  file: string,
  env: Readonly<Record<string, string>>,
  region: string,
): Promise<S3Credentials> {
  const endpoint = env.AWS_ENDPOINT_URL_STS ?? `https://sts.${region}.amazonaws.com/`;
  const token = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UserError(`the file that AWS_WEB_IDENTITY_TOKEN_FILE names cannot be read: ${file}`, { cause });
  });
  const body = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: role,
    RoleSessionName: env.AWS_ROLE_SESSION_NAME ?? 'slipway',
    WebIdentityToken: token.trim(),
  });
  const refused = (why: string, cause?: unknown): Fault =>
    new Fault(`AWS does not give the role ${role} to this run: ${why}`, {
      cause,
      hint: 'Check the trust policy of the role: issuer, audience and subject of the token.',
    });
  const reply = await fetch(endpoint, { method: 'POST', body, signal: AbortSignal.timeout(within) }).catch(
    (cause: unknown) => {
      throw refused('the token service cannot be reached', cause);
    },
  );
  const text = await reply.text();
  const [id, secret, session] = ['AccessKeyId', 'SecretAccessKey', 'SessionToken'].map((tag) =>
    textOf(text, tag),
  );
  if (!reply.ok || !id || !secret || !session)
    throw refused(textOf(text, 'Code') ?? `status ${reply.status}`);
  return { accessKeyId: id, secretAccessKey: secret, sessionToken: session };
}
