import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PageServer {
  /** Without a slash at the end. */
  url: string;
  /** Connections that were opened so far. */
  connections(): number;
  /** Resolves with the next request. */
  requested(): Promise<unknown>;
  close(): Promise<void>;
}

/** A real HTTP server on a free port; `nth` counts the requests from 0. */
export async function servePages(
  answer: (request: IncomingMessage, response: ServerResponse, nth: number) => void,
): Promise<PageServer> {
  let requests = 0;
  let connections = 0;
  const server = createServer((request, response) => answer(request, response, requests++));
  server.on('connection', () => connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    requested: () => once(server, 'request'),
    async close() {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
