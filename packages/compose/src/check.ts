import { type Completed, type Exec, lastLines, UserError } from '@slipway/kernel';
import type { ComposeCommands } from './argv.ts';
import type { ComposeModel, Engine } from './engine.ts';
import type { ReverseProxy } from './proxy.ts';

/**
 * Why a service cannot be replaced without an outage, one sentence each: two of its containers could not run at the
 * same time.
 */
export function obstacles(model: ComposeModel, service: string): string[] {
  const found = model.services[service];
  if (!found)
    return [
      `the Compose files have no service "${service}"; they have ${Object.keys(model.services).join(', ')}`,
    ];
  const say = (what: string): string =>
    `service "${service}" ${what}: a second container cannot start next to the first`;
  const published = (found.ports ?? []).filter((port) => port.published && !port.published.includes('-'));
  return [
    ...(found.container_name ? [say(`has container_name "${found.container_name}"`)] : []),
    ...(published.length > 0
      ? [say(`publishes host port ${published.map((port) => port.published).join(', ')}`)]
      : []),
    ...(found.network_mode === 'host' ? [say('uses network_mode host')] : []),
    ...(Object.values(found.networks ?? {}).some((network) => network?.ipv4_address)
      ? [say('has a fixed IP address')]
      : []),
  ];
}

/** Asks engine, Compose and proxy. @throws UserError with everything that is wrong at once. */
export async function checkTarget(
  target: { exec: Exec; commands: ComposeCommands; engine: Engine; proxy: ReverseProxy },
  services: readonly string[],
): Promise<{ evidence: string }> {
  const { exec, commands, engine, proxy } = target;
  const server = await exec(commands.docker('version', '--format', '{{.Server.Version}}'));
  if (server.code !== 0) throw unreachable(server);
  const compose = await exec(commands.compose(null, 'version', '--short'));
  if (compose.code !== 0) {
    throw new UserError(`docker compose does not work on the runner: ${lastLines(compose, 1)}`, {
      hint: 'Install the Compose v2 plugin (docker-compose-v2 or docker-compose-plugin).',
    });
  }
  const model = await engine.model();
  const problems = [...services.flatMap((service) => obstacles(model, service)), ...(await proxy.problems())];
  if (problems.length > 0)
    throw new UserError(problems.join('\n'), { hint: 'Change the Compose files; nothing was touched.' });
  return {
    evidence: `Docker Engine ${server.stdout.trim()}, Compose ${compose.stdout.trim()}, ${services.length} services can be rolled`,
  };
}

function unreachable(server: Completed): UserError {
  return new UserError(`the Docker Engine does not answer: ${lastLines(server, 2)}`, {
    hint: 'Start the engine, or set compose.host or DOCKER_HOST to the one that is meant; the user needs access to its socket.',
  });
}
