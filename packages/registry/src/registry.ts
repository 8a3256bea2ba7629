import { createHash } from 'node:crypto';
import { Cancelled, type Clock, Fault, type HttpReply } from '@slipway/kernel';
import type { Credentials } from './credentials.ts';
import { type RegistryAddress, registryAddress } from './registry-address.ts';
import { type AuthOptions, authorize, parseChallenge } from './registry-auth.ts';

/** A manifest or an index of manifests, as the registry keeps it. */
export interface Manifest {
  /** Computed from the bytes, not taken from what the registry says. */
  digest: string;
  mediaType: string;
  body: string;
}

export interface RegistryOptions extends AuthOptions {
  clock: Clock;
  /** The login for a registry, if there is one. */
  credentials(host: string): Promise<Credentials | undefined>;
}

type Reply = Extract<HttpReply, { ok: true }>;

const mediaTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
/** The specification asks registries to take manifests of this size at least. */
const mostManifest = 4 * 1024 * 1024;
/** Milliseconds before each further try of a request that met a 429, a 5xx or a broken connection. */
const pauses = [1000, 3000];

/**
 * Reads and tags manifests by the API of the OCI distribution specification. Tagging puts back the very bytes that
 * were read, so the digest stays the same for single images and for indexes alike. (`docker buildx imagetools create`
 * wraps a single image in a new index, with a new digest, unless it is new enough to be told not to.)
 */
export class Registry {
  readonly #options: RegistryOptions;
  /** Authorization by host, repository and actions. */
  readonly #known = new Map<string, string>();

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** What a tag or digest names; undefined when there is no such thing. @throws Fault when the registry cannot tell. */
  async manifest(repository: string, reference: string): Promise<Manifest | undefined> {
    const headers = { accept: mediaTypes.join(', ') };
    const reply = await this.#ask(repository, reference, { method: 'GET', headers }, 'pull');
    if (reply.status === 404) return undefined;
    if (reply.status !== 200) throw refused(repository, reference, reply, 'read');
    const digest = `sha256:${createHash('sha256').update(reply.body).digest('hex')}`;
    if (reference.startsWith('sha256:') && digest !== reference) {
      throw new Fault(`the registry answered ${digest} when asked for ${repository}@${reference}`);
    }
    return { digest, body: reply.body, mediaType: (reply.headers['content-type'] ?? '').split(';')[0] ?? '' };
  }

  /** Makes a tag name the manifest, which the repository has already. @throws Fault when the registry does not do it. */
  async tag(repository: string, tag: string, manifest: Manifest): Promise<void> {
    const headers = {
      'content-type': manifest.mediaType,
      'content-length': String(Buffer.byteLength(manifest.body)),
    };
    const reply = await this.#ask(
      repository,
      tag,
      { method: 'PUT', headers, body: manifest.body },
      'pull,push',
    );
    if (reply.status < 200 || reply.status > 299) throw refused(repository, tag, reply, 'write');
  }

  async #ask(
    repository: string,
    reference: string,
    request: { method: string; headers: Record<string, string>; body?: string },
    actions: 'pull' | 'pull,push',
  ): Promise<Reply> {
    const { clock, http, signal } = this.#options;
    const address = registryAddress(repository);
    const url = `${address.origin}/v2/${address.name}/manifests/${reference}`;
    const key = `${address.host} ${address.name} ${actions}`;
    for (let attempt = 0; ; attempt++) {
      const send = (): Promise<HttpReply> => {
        const authorization = this.#known.get(key);
        const headers = { ...request.headers, ...(authorization ? { authorization } : {}) };
        return http({ ...request, url, headers, timeout: 30_000, mostBody: mostManifest, signal });
      };
      let reply = await send();
      if (reply.ok && reply.status === 401 && (await this.#authorize(key, address, actions, reply)))
        reply = await send();
      if (signal.aborted) throw new Cancelled(`a request to ${address.host}`);
      const pause = pauses[attempt];
      if (reply.ok && (pause === undefined || !isPassing(reply.status))) return reply;
      if (!reply.ok && (pause === undefined || /refused|not found|could not be resolved/.test(reply.error))) {
        throw unreachable(address, reply.error);
      }
      await clock.sleep(pause ?? 0, signal);
    }
  }

  async #authorize(
    key: string,
    address: RegistryAddress,
    actions: 'pull' | 'pull,push',
    reply: Reply,
  ): Promise<boolean> {
    const challenge = parseChallenge(reply.headers['www-authenticate'] ?? '');
    if (!challenge) return false;
    const credentials = await this.#options.credentials(address.host);
    const header = await authorize(address, challenge, actions, credentials, this.#options);
    if (!header || header === this.#known.get(key)) return false;
    this.#known.set(key, header);
    return true;
  }
}

function isPassing(status: number): boolean {
  return status === 429 || status >= 500;
}

function unreachable(address: RegistryAddress, error: string): Fault {
  return new Fault(`registry ${address.host} cannot be reached: ${error}`, {
    hint: 'Check its name in services.*.image, that it runs, and that this machine may reach it.',
  });
}

function refused(repository: string, reference: string, reply: Reply, verb: 'read' | 'write'): Fault {
  const what = `${repository}${reference.startsWith('sha256:') ? '@' : ':'}${reference}`;
  const said = /"message"\s*:\s*"([^"]{1,200})"/.exec(reply.body)?.[1];
  const answer = `${reply.status}${said ? ` (${said})` : ''}`;
  if (reply.status === 401 || reply.status === 403) {
    return new Fault(`the registry does not let this login ${verb} ${what}: it answered ${answer}`, {
      hint: 'Set the inputs "username" and "password", or log in in a step before; on GitHub also grant permissions: packages: write.',
    });
  }
  return new Fault(`the registry cannot ${verb} ${what}: it answered ${answer}`, {
    hint: isPassing(reply.status)
      ? 'Look at the status of the registry, then run the job again.'
      : 'Check the name of the image.',
  });
}
