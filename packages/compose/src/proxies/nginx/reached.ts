import type { Container } from '../../container.ts';
import type { Engine } from '../../engine.ts';
import { readSockets } from '../../port-state.ts';
import { isLoopback, kernelAddress, type Socket } from '../../sockets.ts';

/**
 * Whether connections between nginx and any of the containers can be seen, open ones or those that were closed within the
 * last minute: the side that closed first keeps them for that long. null when neither side can be looked at.
 */
export async function connectsTo(
  engine: Engine,
  nginx: Container,
  containers: readonly Container[],
  port: number,
): Promise<boolean | null> {
  const own = await readSockets(engine, nginx, nginx.imageId);
  const served = containers.flatMap(({ networks }) => Object.values(networks));
  if (own?.some((socket) => socket.remotePort === port && comesFrom(socket, served))) return true;
  const theirs = await Promise.all(containers.map((one) => readSockets(engine, one, nginx.imageId)));
  // On the network of the host, nginx comes from the bridge's own address.
  const proxies = nginx.networkMode === 'host' ? null : Object.values(nginx.networks);
  const reached = theirs
    .flatMap((sockets) => sockets ?? [])
    .filter(({ localPort, listens, remote }) => localPort === port && !listens && !isLoopback(remote))
    .some((socket) => proxies === null || comesFrom(socket, proxies));
  if (reached) return true;
  return own === null || theirs.includes(null) ? null : false;
}

function comesFrom({ remote }: Socket, addresses: readonly string[]): boolean {
  return addresses.some((address) => {
    const kernel = kernelAddress(address);
    // An IPv6 address is not compared: a connection on the port counts.
    return kernel === null ? remote.length > 8 : remote.endsWith(kernel);
  });
}
