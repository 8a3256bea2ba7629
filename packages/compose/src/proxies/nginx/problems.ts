import type { ProxyConfig } from '@slipway/config';
import { lastLine, lastLines } from '@slipway/kernel';
import { type Container, isRunning } from '../../container.ts';
import type { ComposeModel } from '../../engine.ts';
import type { ProxyHost } from '../proxy.ts';
import { type ContainerFile, listContainerFolder } from './container-file.ts';
import { matchesPattern, type UpstreamBlock, upstreamBlocks } from './upstream-blocks.ts';

type Config = ProxyConfig<'nginx'>['config'];

/** What is wrong with `ports`, and services that nginx cannot reach according to the Compose files. */
export function portProblems(config: Config, services: readonly string[], model: ComposeModel): string[] {
  const unknown = Object.keys(config.ports).filter((name) => !services.includes(name));
  return [
    ...unknown.map(
      (name) =>
        `compose.proxy.nginx.ports: "${name}" is not a service; the services are ${services.join(', ')}`,
    ),
    ...Object.keys(config.ports)
      .filter((name) => isApart(model, config.service, name))
      .map(
        (name) =>
          `the services "${config.service}" and "${name}" have no network in common in the Compose files`,
      ),
  ];
}

function isApart({ services }: ComposeModel, proxy: string, name: string): boolean {
  const [one, other] = [services[proxy]?.networks, services[name]?.networks];
  return Boolean(one && other) && !Object.keys(one ?? {}).some((network) => network in (other ?? {}));
}

/**
 * What is wrong with the container and the configuration of nginx. One that is down cannot be asked; it is repaired and
 * started when the rollout begins.
 */
export async function configurationProblems(
  config: Config,
  services: readonly string[],
  nginx: Container,
  host: ProxyHost,
): Promise<string[]> {
  const folder = await folderProblems(config, nginx, host);
  if (!isRunning(nginx)) return folder;
  const tested = await host.engine.ask('exec', nginx.id, 'nginx', '-T');
  if (!tested.ok) {
    // One that goes down while it is asked is one that is down.
    const now = (await host.engine.containers(config.service)).find(({ id }) => id === nginx.id);
    if (!now || !isRunning(now) || now.startedAt !== nginx.startedAt) return folder;
    // Upstreams of ours that name what is gone are written again when the rollout begins.
    const own = lastLines(tested).some((line) => line.data.includes(`${config.upstreams}/`));
    return own ? folder : [...folder, `nginx cannot load its configuration: ${lastLine(tested)}`];
  }
  const blocks = upstreamBlocks(tested.stdout.data);
  return [...folder, ...missingIncludes(blocks, config, services), ...missingPorts(blocks, config, services)];
}

async function folderProblems(
  { service, upstreams }: Config,
  nginx: Container,
  host: ProxyHost,
): Promise<string[]> {
  const mount = [...nginx.mounts]
    .sort((a, b) => b.path.length - a.path.length)
    .find(({ path }) => upstreams === path || upstreams.startsWith(`${path}/`));
  const add = `mount a volume there in the service "${service}" and recreate its container`;
  if (!mount || mount.type === 'tmpfs') return [`${upstreams} is not on a volume of ${nginx.name}: ${add}`];
  if (!mount.writable)
    return [`${upstreams} is mounted read-only in ${nginx.name}: Slipway writes the upstreams there`];
  const file: ContainerFile = { path: `${nginx.id}:${upstreams}`, host };
  return (await listContainerFolder(file)) === null
    ? [`${nginx.name} has no folder ${upstreams}: create it on the volume`]
    : [];
}

/** Services whose file is in no `upstream` block: nginx would not read what Slipway writes. */
export function missingIncludes(
  blocks: readonly UpstreamBlock[],
  { ports, upstreams }: Config,
  services: readonly string[],
): string[] {
  return services
    .filter((service) => service in ports && !blockOf(blocks, upstreams, service))
    .map(
      (service) =>
        `no upstream of nginx includes ${upstreams}/${service}.conf: add "include ${upstreams}/${service}*.conf;" to the upstream of ${service}`,
    );
}

function missingPorts(
  blocks: readonly UpstreamBlock[],
  { ports, upstreams }: Config,
  services: readonly string[],
): string[] {
  return services
    .filter((service) => !(service in ports) && blockOf(blocks, upstreams, service))
    .map(
      (service) =>
        `nginx includes ${upstreams}/${service}.conf, but compose.proxy.nginx.ports has no port of "${service}"`,
    );
}

/** The upstream that reads the file of a service. */
export function blockOf(
  blocks: readonly UpstreamBlock[],
  upstreams: string,
  service: string,
): UpstreamBlock | undefined {
  const file = `${upstreams}/${service}.conf`;
  return blocks.find(({ includes }) => includes.some((pattern) => matchesPattern(pattern, file)));
}
