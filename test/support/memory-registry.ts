import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

function sha256(content: string | Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

/** An image registry in memory that can be made to answer as a real one never would when it is asked to. */
export interface MemoryRegistry {
  address: string;
  /** `METHOD /v2/…` of every request so far. */
  requests: string[];
  /** Digest of a tag or none. */
  digest(repository: string, tag: string): string | undefined;
  /** Pushes an image with these labels. @returns its digest. */
  push(repository: string, tag: string, labels?: Record<string, string>): string;
  /** What it answers instead of doing what a request asks for; undefined for most. */
  refuse: (request: IncomingMessage) => { status: number; headers?: Record<string, string> } | undefined;
  stop(): Promise<void>;
}

export async function startMemoryRegistry(): Promise<MemoryRegistry> {
  const contents = new Map<string, Buffer>();
  const tags = new Map<string, string>();
  const requests: string[] = [];
  const save = (content: string | Buffer): string => {
    const digest = sha256(content);
    contents.set(digest, Buffer.from(content));
    return digest;
  };
  const server = createServer(async (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const refusal = registry.refuse(request);
    if (refusal) return void response.writeHead(refusal.status, refusal.headers).end();
    const [, name, kind, reference = ''] =
      /^\/v2\/(.+)\/(manifests|blobs)\/(.+)$/.exec(request.url ?? '') ?? [];
    if (request.method === 'PUT') {
      tags.set(`${name}:${reference}`, save(Buffer.concat(chunks)));
      return void response.writeHead(201).end();
    }
    const digest = kind === 'blobs' ? reference : (tags.get(`${name}:${reference}`) ?? reference);
    const content = contents.get(digest);
    const type = 'application/vnd.oci.image.manifest.v1+json';
    response.writeHead(content ? 200 : 404, { 'content-type': type }).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const registry: MemoryRegistry = {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    digest: (repository, tag) => tags.get(`${repository}:${tag}`),
    push(repository, tag, labels = {}) {
      const config = save(JSON.stringify({ config: { Labels: labels } }));
      const digest = save(JSON.stringify({ schemaVersion: 2, config: { digest: config } }));
      tags.set(`${repository}:${tag}`, digest);
      return digest;
    },
    refuse: () => undefined,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return registry;
}
