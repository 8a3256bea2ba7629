import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from '@slipway/test-services';

/** A registry in front of a real one, which may answer in its place. */
export interface RegistryProxy extends Registry {
  /**
   * What happens to a request instead of passing it on: a status, or `hang` for no answer at all; undefined passes it
   * on.
   */
  interfere: (request: IncomingMessage) => number | 'hang' | undefined;
}

/** Starts it; stopping it stops the registry as well. */
export async function proxyRegistry(registry: Registry): Promise<RegistryProxy> {
  const [hostname = '', port = ''] = registry.address.split(':');
  const server = createServer((incoming, answer) => {
    const instead = proxy.interfere(incoming);
    if (instead === 'hang') return void incoming.resume();
    if (instead !== undefined) {
      incoming.resume();
      return void answer.writeHead(instead).end();
    }
    const { method, url: path, headers } = incoming;
    // The registry names its own address as the client has called it.
    const passed = request({ hostname, port, method, path, headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    });
    passed.on('error', () => answer.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: RegistryProxy = {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    interfere: () => undefined,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await registry.stop();
    },
  };
  return proxy;
}
