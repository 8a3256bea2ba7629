import { Fault, failureClass, type Http, type HttpReply, type Redactor } from '@slipway/kernel';
import type { Credentials } from './credentials.ts';
import { isLoopback, type RegistryAddress } from './registry-address.ts';

export interface Challenge {
  scheme: 'basic' | 'bearer';
  realm: string;
  service: string;
}

/** Reads a WWW-Authenticate header (RFC 9110, 11.6.1). Undefined for a scheme that registries do not use. */
export function parseChallenge(header: string): Challenge | undefined {
  const scheme = /^\s*(basic|bearer)\b/i.exec(header)?.[1]?.toLowerCase();
  if (scheme !== 'basic' && scheme !== 'bearer') return undefined;
  const parameter = (name: string): string => new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(header)?.[1] ?? '';
  return { scheme, realm: parameter('realm'), service: parameter('service') };
}

/** The token server did not answer, or is in trouble. */
export class TokenServerFault extends Fault {
  readonly reply: HttpReply;

  constructor(message: string, reply: HttpReply) {
    super(message, { hint: 'Check the status of the registry, then re-run this job.' });
    this.reply = reply;
  }
}

export interface AuthOptions {
  http: Http;
  signal: AbortSignal;
  redactor: Redactor;
}

/**
 * The Authorization header that answers a challenge; undefined when no credentials do.
 * Protocol: distribution.github.io/distribution/spec/auth/token and …/oauth.
 * @throws TokenServerFault when the token server does not answer; Fault when it is not safe to ask.
 */
export async function authorize(
  address: RegistryAddress,
  challenge: Challenge,
  actions: 'pull' | 'pull,push',
  credentials: Credentials | undefined,
  options: AuthOptions,
): Promise<string | undefined> {
  const basic = credentials?.kind === 'password' ? basicHeader(credentials, options.redactor) : undefined;
  if (challenge.scheme === 'basic') return basic;
  const realm = URL.parse(challenge.realm);
  // Credentials are sent there: over plain HTTP only where the registry is on this machine, too.
  if (realm?.protocol !== 'https:' && !(realm && isLoopback(realm.host) && isLoopback(address.host))) {
    throw new Fault(`registry ${address.host} asks for logins at "${challenge.realm}", which is not https`);
  }
  const scope = `repository:${address.name}:${actions}`;
  const reply =
    credentials?.kind === 'identity-token'
      ? await exchange(realm, challenge.service, scope, credentials.token, options)
      : await request(realm, challenge.service, scope, basic, options);
  const server = `the token server ${realm.host} of registry ${address.host}`;
  if (!reply.ok) throw new TokenServerFault(`cannot reach ${server}: ${reply.error}`, reply);
  if (failureClass(reply) !== 'permanent')
    throw new TokenServerFault(`${server} answered ${reply.status}`, reply);
  const token = reply.status === 200 ? readToken(reply.body.data) : undefined;
  if (token) options.redactor.add(token);
  return token && `Bearer ${token}`;
}

function basicHeader(credentials: Credentials & { kind: 'password' }, redactor: Redactor): string {
  const encoded = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
  redactor.add(credentials.password);
  redactor.add(encoded);
  return `Basic ${encoded}`;
}

function request(
  realm: URL,
  service: string,
  scope: string,
  authorization: string | undefined,
  { http, signal }: AuthOptions,
): Promise<HttpReply> {
  const url = new URL(realm);
  if (service) url.searchParams.set('service', service);
  url.searchParams.set('scope', scope);
  return http.send({
    url: url.href,
    headers: authorization ? { authorization } : {},
    timeoutMs: 20_000,
    connection: 'shared',
    signal,
  });
}

function exchange(
  realm: URL,
  service: string,
  scope: string,
  token: string,
  { http, signal }: AuthOptions,
): Promise<HttpReply> {
  const form = { grant_type: 'refresh_token', client_id: 'slipway', service, scope, refresh_token: token };
  return http.send({
    url: realm.href,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
    timeoutMs: 20_000,
    connection: 'shared',
    signal,
  });
}

function readToken(body: string): string | undefined {
  try {
    const reply = JSON.parse(body) as { token?: string; access_token?: string };
    return reply.token || reply.access_token || undefined;
  } catch {
    return undefined;
  }
}
