import type { ProxyConfig } from '@slipway/config';
import { type Container, isReady, isRunning } from '../../container.ts';
import type { ProxyHost } from '../proxy.ts';
import { type ContainerFile, readContainerFile, writeContainerFile } from './container-file.ts';
import { peersOf } from './peers.ts';
import { pinnedServers, readProof, upstreamFile } from './upstream-file.ts';

/**
 * Writes the upstreams of all services again, from the containers that run: what they name may be gone, and keeps nginx
 * from starting. nginx itself may be down.
 */
export async function rewriteUpstreams(
  { ports, upstreams }: ProxyConfig<'nginx'>['config'],
  nginx: Container,
  host: ProxyHost,
): Promise<void> {
  for (const [service, port] of Object.entries(ports)) {
    const file: ContainerFile = { path: `${nginx.id}:${upstreams}/${service}.conf`, host };
    const text = await readContainerFile(file);
    const running = (await host.engine.containers(service)).filter(isRunning);
    const peers = peersOf(nginx, bestOf(running, text));
    await writeContainerFile(file, upstreamFile(null, pinnedServers(peers, port)));
  }
}

/** Those that had the traffic, else those that are healthy, else all. */
function bestOf(running: readonly Container[], text: string | null): readonly Container[] {
  const names = text === null ? [] : (readProof(text)?.names ?? []);
  const routed = running.filter(({ name }) => names.includes(name));
  return [routed, running.filter(isReady)].find((some) => some.length > 0) ?? running;
}
