import type { Container } from '../../container.ts';
import type { Engine } from '../../engine.ts';
import { readSockets } from '../../port-state.ts';
import { isLoopback, kernelAddress, type Socket } from '../../sockets.ts';

/**
 * Whether connections between nginx and any of the containers can be seen, open ones or those that were closed within the
 * last minute: the side that closed first keeps them for that long. null when that cannot be known.
 */
export async function connectsTo(
  engine: Engine,
  nginx: Container,
  containers: readonly Container[],
  port: number,
): Promise<boolean | null> {
  const own = await readSockets(engine, nginx, nginx.imageId);
  if (own && sentTo(own, containers, port)) return true;
  const theirs = await Promise.all(containers.map((one) => readSockets(engine, one, nginx.imageId)));
  const received = receivedFrom(
    nginx,
    theirs.flatMap((sockets) => sockets ?? []),
    port,
  );
  return received === false && (own === null || theirs.includes(null)) ? null : received;
}

/** Whether nginx has connections to the containers. Pure. */
function sentTo(own: readonly Socket[], containers: readonly Container[], port: number): boolean {
  const served = containers.flatMap(({ networks }) => Object.values(networks));
  return own.some((socket) => socket.remotePort === port && comesFrom(socket, served));
}

/**
 * Whether the containers have connections from nginx; null when they have some from the host, which may be those of nginx:
 * a host that masquerades the traffic of containers gives them its own address. Pure.
 * @param theirs The sockets of the containers.
 */
export function receivedFrom(
  nginx: Pick<Container, 'networkMode' | 'networks' | 'gateways'>,
  theirs: readonly Socket[],
  port: number,
): boolean | null {
  const received = theirs.filter(
    ({ localPort, listens, remote }) => localPort === port && !listens && !isLoopback(remote),
  );
  // On the network of the host, nginx comes from the bridge's own address.
  if (nginx.networkMode === 'host') return received.length > 0;
  if (received.some((socket) => comesFrom(socket, Object.values(nginx.networks)))) return true;
  return received.some((socket) => comesFrom(socket, nginx.gateways)) ? null : false;
}

function comesFrom({ remote }: Socket, addresses: readonly string[]): boolean {
  return addresses.some((address) => {
    const kernel = kernelAddress(address);
    // An IPv6 address is not compared: a connection on the port counts.
    return kernel === null ? remote.length > 8 : remote.endsWith(kernel);
  });
}
