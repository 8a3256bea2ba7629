import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface ForwardProxy {
  /** For HTTP_PROXY and HTTPS_PROXY. */
  url: string;
  /** What was requested of it, such as `CONNECT example.test:443` and `GET http://example.test/`. */
  requests: string[];
  close(): Promise<void>;
}

export interface ForwardProxyOptions {
  /** Host names that only this proxy can resolve, and the local port to which each leads. */
  hosts?: Record<string, number>;
  /** `user:password` that it requires. */
  login?: string;
}

/** A real forward proxy on a free port: tunnels for CONNECT, forwards requests in absolute form. */
export async function startForwardProxy({
  hosts = {},
  login,
}: ForwardProxyOptions = {}): Promise<ForwardProxy> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const required = login && `Basic ${Buffer.from(login).toString('base64')}`;
  const isAllowed = ({ headers }: IncomingMessage): boolean =>
    !required || headers['proxy-authorization'] === required;
  const addressOf = (host: string, port: string): { host: string; port: number } => {
    const local = hosts[host];
    return local === undefined ? { host, port: Number(port) } : { host: '127.0.0.1', port: local };
  };
  const server = createServer((incoming, response) => {
    requests.push(`${incoming.method} ${incoming.url}`);
    if (!isAllowed(incoming)) return void response.writeHead(407).end();
    const url = new URL(incoming.url ?? '');
    const headers = { ...incoming.headers };
    delete headers['proxy-authorization'];
    const onward = request(
      {
        ...addressOf(url.hostname, url.port || '80'),
        method: incoming.method,
        path: `${url.pathname}${url.search}`,
        headers,
        agent: false,
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.writeHead(502).end());
    incoming.pipe(onward);
  });
  server.on('connect', (incoming: IncomingMessage, client: Socket) => {
    requests.push(`CONNECT ${incoming.url}`);
    if (!isAllowed(incoming)) return void client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const [host = '', port = ''] = (incoming.url ?? '').split(':');
    const onward = connect(addressOf(host, port), () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(onward).pipe(client);
    });
    onward.on('error', () => client.destroy());
    client.on('error', () => onward.destroy());
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://${login ? `${login}@` : ''}127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
