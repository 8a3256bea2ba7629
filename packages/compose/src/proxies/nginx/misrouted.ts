import type { Container } from '../../container.ts';
import { loadedPeers, type Peer } from './upstream-file.ts';

/**
 * Why nginx does not send the requests for a service to its containers, as a clause; null when it does, or resolves their
 * names itself. Pure.
 * @param text The upstream file; null when there is none.
 * @param running The containers of the service that run.
 */
export function misrouted(
  text: string | null,
  nginx: Pick<Container, 'id' | 'startedAt'>,
  service: string,
  running: readonly Pick<Peer, 'address'>[],
): string | null {
  if (text === null) return `nginx has no upstream file of ${service}`;
  const loaded = loadedPeers(text, nginx);
  if (loaded === null) return null;
  if (loaded.length === 0) return `nginx routes ${service} to no container`;
  // nginx passes a request on to the next address when one does not answer.
  if (loaded.some(({ address }) => running.some((one) => one.address === address))) return null;
  const lost = loaded.map(({ name, address }) => `${address} (${name})`).join(', ');
  return `nginx routes ${service} to ${lost}, where no container of it runs`;
}
