import { UserError } from '@slipway/kernel';
import type { Container } from '../../container.ts';
import type { Peer } from './upstream-file.ts';

/** The networks in which nginx reaches a container, also while one of them is down. */
function sharedNetworks(nginx: Container, container: Container): string[] {
  const names = Object.keys(container.networks);
  // On the network of the host it reaches every bridge.
  return nginx.networkMode === 'host' ? names : names.filter((name) => name in nginx.networks);
}

/** Whether Docker's DNS knows the container for nginx: not on the network of the host, nor on the default bridge. */
export function knowsNameOf(nginx: Container, container: Container): boolean {
  return nginx.networkMode !== 'host' && sharedNetworks(nginx, container).some((name) => name !== 'bridge');
}

/**
 * The containers as servers of an upstream. One that is down by now has no address and is left out.
 * @throws UserError when nginx cannot reach one of them.
 */
export function peersOf(nginx: Container, containers: readonly Container[], backup = false): Peer[] {
  return containers.flatMap((container) => {
    const shared = sharedNetworks(nginx, container);
    if (shared.length === 0) {
      throw new UserError(`${nginx.name} and ${container.name} have no network in common`, {
        hint: 'Put the proxy and the service into one network in the Compose files.',
      });
    }
    const address = shared.map((name) => container.networks[name]).find((one) => one);
    return address ? [{ name: container.name, address, backup }] : [];
  });
}
