import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { type Exec, UserError } from '@slipway/kernel';

export type Credentials =
  | { kind: 'password'; username: string; password: string }
  /** What `docker login` to some registries leaves instead of a password: exchanged for a token at each use. */
  | { kind: 'identity-token'; token: string };

interface DockerConfig {
  auths?: Record<string, { auth?: string; username?: string; password?: string; identitytoken?: string }>;
  credHelpers?: Record<string, string>;
  credsStore?: string;
}

/** Folder of the Docker CLI's configuration. */
export function dockerConfigFolder(env: Readonly<Record<string, string>>): string {
  return env.DOCKER_CONFIG || path.join(env.HOME ?? '/root', '.docker');
}

export function readDockerConfig(folder: string): DockerConfig {
  try {
    return JSON.parse(readFileSync(path.join(folder, 'config.json'), 'utf8')) as DockerConfig;
  } catch {
    return {}; // There is none, or it is malformed and the Docker CLI reports that.
  }
}

/** The login that the Docker CLI would use for a registry; undefined when there is none. */
export async function findCredentials(
  host: string,
  folder: string,
  exec: Exec,
): Promise<Credentials | undefined> {
  const config = readDockerConfig(folder);
  for (const key of keysOf(host)) {
    const helper = config.credHelpers?.[key] ?? config.credsStore;
    const found = (helper && (await askHelper(helper, key, exec))) || fromFile(config.auths?.[key]);
    if (found) return found;
  }
  return undefined;
}

/** Names under which a login may be saved; Docker Hub has one from the time before images had hosts. */
function keysOf(host: string): string[] {
  const hub = ['https://index.docker.io/v1/', 'docker.io', 'index.docker.io', 'registry-1.docker.io'];
  return host === 'docker.io' ? hub : [host, `https://${host}`, `https://${host}/v1/`, `https://${host}/v2/`];
}

function fromFile(entry: NonNullable<DockerConfig['auths']>[string] | undefined): Credentials | undefined {
  if (entry?.identitytoken) return { kind: 'identity-token', token: entry.identitytoken };
  const decoded = Buffer.from(entry?.auth ?? '', 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  const username = colon < 0 ? entry?.username : decoded.slice(0, colon);
  const password = colon < 0 ? entry?.password : decoded.slice(colon + 1).replace(/\0+$/, '');
  return username && password ? { kind: 'password', username, password } : undefined;
}

/** Protocol: github.com/docker/docker-credential-helpers. Exit code 1 means that it has none. */
async function askHelper(helper: string, key: string, exec: Exec): Promise<Credentials | undefined> {
  try {
    const result = await exec({
      argv: [`docker-credential-${helper}`, 'get'],
      input: key,
      timeoutMs: 20_000,
    });
    if (!result.ok) return undefined;
    const { Username, Secret } = JSON.parse(result.stdout.data) as { Username?: string; Secret?: string };
    if (!Username || !Secret) return undefined;
    return Username === '<token>'
      ? { kind: 'identity-token', token: Secret }
      : { kind: 'password', username: Username, password: Secret };
  } catch (error) {
    if (error instanceof UserError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
