import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';

/** Registries that are forwarded to: those of this machine alone, so that nobody is led elsewhere. */
const loopback = /^(?:127\.0\.0\.1|localhost):\d+$/;

/** A door to the registries on this machine's loopback, for a node that has its own loopback. */
export interface Mirror {
  /** Where it listens. */
  url: string;
  stop(): Promise<void>;
}

/**
 * Forwards reading requests to the registry that the query `ns` names, which is how containerd asks a mirror
 * (containerd, `docs/hosts.md`).
 */
export async function startMirror(host: string): Promise<Mirror> {
  const server = createServer((asked, answer) => {
    const url = new URL(asked.url ?? '/', 'http://mirror');
    const registry = url.searchParams.get('ns') ?? '';
    if (!loopback.test(registry) || !['GET', 'HEAD'].includes(asked.method ?? '')) {
      answer.writeHead(403).end();
      return;
    }
    url.searchParams.delete('ns');
    const headers = { ...asked.headers, host: registry };
    const forwarded = request(`http://${registry}${url.pathname}${url.search}`, {
      method: asked.method,
      headers,
    });
    forwarded.on('response', (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      pipeline(reply, answer, () => {});
    });
    forwarded.on('error', () => answer.headersSent || answer.writeHead(502).end());
    forwarded.end();
  });
  await listen(server, host);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, host, resolve);
  });
}
