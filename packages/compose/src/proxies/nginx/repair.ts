import type { ProxyConfig } from '@slipway/config';
import { type Container, isReady, isRunning } from '../../container.ts';
import type { ProxyHost } from '../proxy.ts';
import {
  type ContainerFile,
  listContainerFolder,
  readContainerFile,
  writeContainerFile,
} from './container-file.ts';
import { peersOf } from './peers.ts';
import { pinnedServers, readProof, upstreamFile, writtenPort } from './upstream-file.ts';

/**
 * Writes the upstreams of all services again, from the containers that run: what they name may be gone, and keeps nginx
 * from starting. Those of services that the configuration does not have any more are among them. nginx itself may be down.
 */
export async function rewriteUpstreams(
  { ports, upstreams }: ProxyConfig<'nginx'>['config'],
  nginx: Container,
  host: ProxyHost,
): Promise<void> {
  const folder: ContainerFile = { path: `${nginx.id}:${upstreams}`, host };
  const names = (await listContainerFolder(folder)) ?? [];
  const written = names.flatMap((name) => /^(.+)\.conf$/.exec(name)?.[1] ?? []);
  for (const service of new Set([...Object.keys(ports), ...written])) {
    const file: ContainerFile = { path: `${folder.path}/${service}.conf`, host };
    const text = await readContainerFile(file);
    const port = ports[service] ?? (text === null ? undefined : writtenPort(text));
    if (port === undefined) continue;
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
