import { createHash } from 'node:crypto';
import { Fault, failureClass, type HttpAnswer } from '@slipway/kernel';
import { registryAddress } from './registry-address.ts';
import { type Access, type RegistryOptions, RegistryRequests } from './registry-requests.ts';

/** A manifest or an index of manifests, as the registry stores it. */
export interface Manifest {
  /** Computed from the bytes, not taken from a header. */
  digest: string;
  mediaType: string;
  /** As the registry sent them. */
  bytes: Buffer;
}

const mediaTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/**
 * Reads and tags manifests by the API of the OCI distribution specification. Tagging puts back the very bytes that
 * were read, so the digest stays the same for single images and for indexes alike. (`docker buildx imagetools create`
 * wraps a single image in a new index with a new digest; only new versions have an option against that.)
 */
export class Registry {
  readonly #requests: RegistryRequests;

  constructor(options: RegistryOptions) {
    this.#requests = new RegistryRequests(options);
  }

  /** What a tag or digest names; undefined when it names nothing. @throws Fault when the registry does not answer. */
  async manifest(repository: string, reference: string): Promise<Manifest | undefined> {
    const what = nameOf(repository, reference);
    const headers = { accept: mediaTypes.join(', ') };
    const reply = await this.#ask(repository, `manifests/${reference}`, { method: 'GET', headers });
    if (reply.status === 404) return undefined;
    if (reply.status !== 200) throw refused(`read ${what}`, reply);
    const digest = digestOf(reply.bytes);
    if (reference.startsWith('sha256:') && digest !== reference) {
      throw new Fault(`the registry answered ${digest} when asked for ${repository}@${reference}`);
    }
    return {
      digest,
      bytes: reply.bytes,
      mediaType: (reply.headers['content-type'] ?? '').split(';')[0] ?? '',
    };
  }

  /** A small blob, such as the configuration of an image. @throws Fault when the registry does not have it. */
  async blob(repository: string, digest: string): Promise<Buffer> {
    let reply = await this.#ask(repository, `blobs/${digest}`, { method: 'GET', headers: {} });
    const location = reply.headers.location;
    // Many registries keep blobs in an object store: its address carries the permission, the login stays here.
    if (reply.status >= 300 && reply.status < 400 && location) {
      const { origin } = registryAddress(repository);
      reply = await this.#requests.fetch(new URL(location, origin).href);
    }
    if (reply.status !== 200) throw refused(`read ${nameOf(repository, digest)}`, reply);
    const found = digestOf(reply.bytes);
    if (found === digest) return reply.bytes;
    throw new Fault(`the registry answered ${found} when asked for ${nameOf(repository, digest)}`);
  }

  /** Makes a tag name the manifest, which the repository has already. @throws Fault when the registry refuses. */
  async tag(repository: string, tag: string, manifest: Manifest): Promise<void> {
    const headers = {
      'content-type': manifest.mediaType,
      'content-length': String(manifest.bytes.length),
    };
    const request = { method: 'PUT', headers, body: manifest.bytes };
    const reply = await this.#ask(repository, `manifests/${tag}`, request, 'pull,push');
    if (reply.status < 200 || reply.status > 299) throw refused(`write ${nameOf(repository, tag)}`, reply);
  }

  #ask(
    repository: string,
    path: string,
    request: { method: string; headers: Record<string, string>; body?: Buffer },
    access: Access = 'pull',
  ): Promise<HttpAnswer> {
    return this.#requests.send(registryAddress(repository), { ...request, path }, access);
  }
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function nameOf(repository: string, reference: string): string {
  return `${repository}${reference.startsWith('sha256:') ? '@' : ':'}${reference}`;
}

/** The registry does not allow the login to do this. Some answer the same for a repository that does not exist yet. */
export class RegistryDenied extends Fault {}

/** @param doing Such as `read registry.example.com/web:1`. */
function refused(doing: string, reply: HttpAnswer): Fault {
  const said = /"message"\s*:\s*"([^"]{1,200})"/.exec(reply.body.data)?.[1];
  const answer = `${reply.status}${said ? ` (${reply.body.part(said)})` : ''}`;
  if (reply.status === 401 || reply.status === 403) {
    return new RegistryDenied(
      `cannot ${doing}: the registry does not allow this login to (it answered ${answer})`,
      {
        hint: 'Set the inputs "username" and "password", or log in in an earlier step. On GitHub also grant permissions: packages: write.',
      },
    );
  }
  return new Fault(`cannot ${doing}: the registry answered ${answer}`, {
    hint:
      failureClass(reply) !== 'permanent'
        ? 'Check the status of the registry, then re-run this job.'
        : 'Check the name of the image in services.*.image.',
  });
}
