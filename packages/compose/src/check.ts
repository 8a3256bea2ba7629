import { type CommandResult, type Exec, lastLine, lastLines, UserError } from '@slipway/kernel';
import type { Purpose } from '@slipway/platform';
import type { ComposeCommands } from './argv.ts';
import type { ComposeModel, Engine } from './engine.ts';
import type { ReverseProxy } from './proxies/proxy.ts';

/** A key of a Compose service that lets only one of its containers run at a time. */
export interface ExclusiveKey {
  /** Where it is, below the service. */
  path: readonly string[];
  /** What is wrong with it, after the name of the service. */
  problem: string;
}

/** Keys of a service that keep a second container from starting next to the first. */
export function exclusiveKeys(service: ComposeModel['services'][string]): ExclusiveKey[] {
  const published = (service.ports ?? []).flatMap(({ published: port }) =>
    port && !port.includes('-') ? [port] : [],
  );
  const fixed = Object.entries(service.networks ?? {}).filter(([, network]) => network?.ipv4_address);
  return [
    ...(service.container_name
      ? [{ path: ['container_name'], problem: `has container_name "${service.container_name}"` }]
      : []),
    ...(published.length > 0
      ? [{ path: ['ports'], problem: `publishes host port ${published.join(', ')}` }]
      : []),
    ...(service.network_mode === 'host'
      ? [{ path: ['network_mode'], problem: 'uses network_mode host' }]
      : []),
    ...fixed.map(([name]) => ({
      path: ['networks', name, 'ipv4_address'],
      problem: `has a fixed IP address in network ${name}`,
    })),
  ];
}

/** Why a service cannot be replaced without an outage, one sentence each. */
export function obstacles(model: ComposeModel, service: string): string[] {
  const found = model.services[service];
  if (!found)
    return [
      `the Compose files have no service "${service}"; they have ${Object.keys(model.services).join(', ')}`,
    ];
  return exclusiveKeys(found).map(
    ({ problem }) => `service "${service}" ${problem}: a second container cannot start next to the first`,
  );
}

/**
 * Asks engine and Compose, and before a deploy also the Compose files and the proxy. Before a restore the files are
 * those of the new release, which may be as broken as they like.
 * @throws UserError with everything that is wrong at once.
 */
export async function checkTarget(
  target: { exec: Exec; commands: ComposeCommands; engine: Engine; proxy: ReverseProxy },
  services: readonly string[],
  purpose: Purpose,
): Promise<{ evidence: string }> {
  const { exec, commands, engine, proxy } = target;
  const server = await exec(commands.docker('version', '--format', '{{.Server.Version}}'));
  if (!server.ok) throw unreachable(server);
  const compose = await exec(commands.compose(null, 'version', '--short'));
  if (!compose.ok) {
    throw new UserError(`docker compose does not work on the runner: ${lastLine(compose)}`, {
      hint: 'Install the Compose v2 plugin (docker-compose-v2 or docker-compose-plugin).',
    });
  }
  const evidence = `Docker Engine ${server.stdout.excerpt(40)}, Compose ${compose.stdout.excerpt(40)}`;
  if (purpose === 'restore') return { evidence };
  const model = await engine.model();
  const problems = [...services.flatMap((service) => obstacles(model, service)), ...(await proxy.problems())];
  if (problems.length > 0)
    throw new UserError(problems.join('\n'), { hint: 'Change the Compose files; nothing was touched.' });
  return { evidence: `${evidence}, ${services.length} services can be rolled` };
}

function unreachable(server: CommandResult): UserError {
  return new UserError(`the Docker Engine does not answer: ${lastLines(server, 2).join(' ')}`, {
    hint: 'Start the engine, or set compose.host or DOCKER_HOST to the one that is meant; the user needs access to its socket.',
  });
}
