import { createHash } from 'node:crypto';
import {
  type Clock,
  Fault,
  failureClass,
  type HttpAnswer,
  type HttpReply,
  type RetryPolicy,
  replyAttempt,
  retry,
} from '@slipway/kernel';
import type { Credentials } from './credentials.ts';
import { type RegistryAddress, registryAddress } from './registry-address.ts';
import { type AuthOptions, authorize, parseChallenge } from './registry-auth.ts';

/** A manifest or an index of manifests, as the registry stores it. */
export interface Manifest {
  /** Computed from the bytes, not taken from a header. */
  digest: string;
  mediaType: string;
  /** As the registry sent them. */
  bytes: Buffer;
}

export interface RegistryOptions extends AuthOptions {
  clock: Clock;
  /** The login for a registry, if there is one. */
  credentials(host: string): Promise<Credentials | undefined>;
}

const mediaTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
const limits = {
  timeoutMs: 30_000,
  /** The specification asks registries to accept manifests of this size at least. */
  maxBodyBytes: 4 * 1024 * 1024,
  connection: 'shared',
} as const;
const policy: RetryPolicy = { maxAttempts: 3, firstDelayMs: 1000, factor: 3 };

/**
 * Reads and tags manifests by the API of the OCI distribution specification. Tagging puts back the very bytes that
 * were read, so the digest stays the same for single images and for indexes alike. (`docker buildx imagetools create`
 * wraps a single image in a new index with a new digest; only new versions have an option against that.)
 */
export class Registry {
  readonly #options: RegistryOptions;
  /** Authorization by host, repository and actions. */
  readonly #known = new Map<string, string>();

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** What a tag or digest names; undefined when it names nothing. @throws Fault when the registry does not answer. */
  async manifest(repository: string, reference: string): Promise<Manifest | undefined> {
    const headers = { accept: mediaTypes.join(', ') };
    const reply = await this.#ask(repository, reference, { method: 'GET', headers }, 'pull');
    if (reply.status === 404) return undefined;
    if (reply.status !== 200) throw refused(repository, reference, reply, 'read');
    const digest = `sha256:${createHash('sha256').update(reply.bytes).digest('hex')}`;
    if (reference.startsWith('sha256:') && digest !== reference) {
      throw new Fault(`the registry answered ${digest} when asked for ${repository}@${reference}`);
    }
    return {
      digest,
      bytes: reply.bytes,
      mediaType: (reply.headers['content-type'] ?? '').split(';')[0] ?? '',
    };
  }

  /** Makes a tag name the manifest, which the repository has already. @throws Fault when the registry refuses. */
  async tag(repository: string, tag: string, manifest: Manifest): Promise<void> {
    const headers = {
      'content-type': manifest.mediaType,
      'content-length': String(manifest.bytes.length),
    };
    const reply = await this.#ask(
      repository,
      tag,
      { method: 'PUT', headers, body: manifest.bytes },
      'pull,push',
    );
    if (reply.status < 200 || reply.status > 299) throw refused(repository, tag, reply, 'write');
  }

  async #ask(
    repository: string,
    reference: string,
    request: { method: string; headers: Record<string, string>; body?: Buffer },
    actions: 'pull' | 'pull,push',
  ): Promise<HttpAnswer> {
    const { clock, http, signal } = this.#options;
    const address = registryAddress(repository);
    const url = `${address.origin}/v2/${address.name}/manifests/${reference}`;
    const key = `${address.host} ${address.name} ${actions}`;
    const send = (): Promise<HttpReply> => {
      const authorization = this.#known.get(key);
      const headers = { ...request.headers, ...(authorization ? { authorization } : {}) };
      return http.send({ ...request, url, headers, ...limits, signal });
    };
    const during = `a request to ${address.host}`;
    const result = await retry<HttpAnswer, HttpReply>({ ...policy, clock, signal, during }, async () => {
      let reply = await send();
      if (reply.ok && reply.status === 401 && (await this.#authorize(key, address, actions, reply)))
        reply = await send();
      // Nothing listens there: a wrong name is more likely than a registry that is starting.
      if (!reply.ok && reply.kind === 'refused') return { state: 'failed', class: 'permanent', error: reply };
      return replyAttempt(reply, clock.now());
    });
    const reply = result.ok ? result.value : result.error;
    if (reply.ok) return reply;
    throw unreachable(address, reply.error);
  }

  async #authorize(
    key: string,
    address: RegistryAddress,
    actions: 'pull' | 'pull,push',
    reply: HttpAnswer,
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

function unreachable(address: RegistryAddress, error: string): Fault {
  return new Fault(`cannot reach registry ${address.host}: ${error}`, {
    hint: 'Check its name in services.*.image, that it is up, and that this machine can reach it.',
  });
}

function refused(repository: string, reference: string, reply: HttpAnswer, verb: 'read' | 'write'): Fault {
  const what = `${repository}${reference.startsWith('sha256:') ? '@' : ':'}${reference}`;
  const said = /"message"\s*:\s*"([^"]{1,200})"/.exec(reply.body.data)?.[1];
  const answer = `${reply.status}${said ? ` (${reply.body.part(said)})` : ''}`;
  if (reply.status === 401 || reply.status === 403) {
    return new Fault(
      `cannot ${verb} ${what}: the registry does not allow this login to (it answered ${answer})`,
      {
        hint: 'Set the inputs "username" and "password", or log in in an earlier step. On GitHub also grant permissions: packages: write.',
      },
    );
  }
  return new Fault(`cannot ${verb} ${what}: the registry answered ${answer}`, {
    hint:
      failureClass(reply) !== 'permanent'
        ? 'Check the status of the registry, then re-run this job.'
        : 'Check the name of the image in services.*.image.',
  });
}
