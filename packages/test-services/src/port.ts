import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** A TCP port that is free on every IPv4 address of this machine at this moment. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '0.0.0.0');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A server found its port taken between the finding and the binding. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken';
}

/** Starts something on a free port; another process may be quicker, so it is tried on three ports. */
export async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await findFreePort());
    } catch (error) {
      if (!(error instanceof PortTaken) || attempt === 3) throw error;
    }
  }
}
