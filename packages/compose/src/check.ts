import { type CommandResult, lastLine, lastLines, UserError } from '@slipway/kernel';
import type { Purpose } from '@slipway/platform';
import { serviceProblems } from './service-problems.ts';
import type { ComposeTarget } from './target.ts';

/**
 * Asks the engine and Compose, and before a deploy also checks the Compose files and the proxy. Before a restore the
 * files are those of the new release, which may have any fault.
 * @throws UserError with every problem at once.
 */
export async function checkTarget(
  target: Pick<ComposeTarget, 'exec' | 'commands' | 'engine' | 'proxy'>,
  services: readonly string[],
  purpose: Purpose,
): Promise<{ evidence: string }> {
  const evidence = await checkPrograms(target);
  if (purpose === 'restore') return { evidence };
  const { engine, proxy } = target;
  const model = await engine.model(null);
  const inFiles = services.flatMap((service) => serviceProblems(model, service));
  const ofProxy = await proxy.problems(services, model);
  const problems = [...inFiles, ...ofProxy];
  if (problems.length > 0) {
    const hint =
      inFiles.length > 0 ? 'Correct the Compose files.' : 'Prepare the proxy, and re-run this job.';
    throw new UserError(problems.join('\n'), { hint: `${hint} Nothing was changed on the target.` });
  }
  const count = services.length === 1 ? '1 service' : `${services.length} services`;
  return { evidence: `${evidence}, ${count} can be rolled out` };
}

/** The versions of engine and Compose. */
async function checkPrograms({ exec, commands }: Pick<ComposeTarget, 'exec' | 'commands'>): Promise<string> {
  const server = await exec(commands.docker('version', '--format', '{{.Server.Version}}'));
  if (!server.ok) throw unreachable(server);
  const compose = await exec(commands.compose(null, 'version', '--short'));
  if (compose.ok) return `Docker Engine ${server.stdout.excerpt(40)}, Compose ${compose.stdout.excerpt(40)}`;
  throw new UserError(`docker compose does not work on the runner: ${lastLine(compose)}`, {
    hint: 'Install the Compose v2 plugin (docker-compose-v2 or docker-compose-plugin).',
  });
}

function unreachable(server: CommandResult): UserError {
  return new UserError(`the Docker Engine does not answer: ${lastLines(server, 2).join(' ')}`, {
    hint: "Start the engine, or set compose.host or DOCKER_HOST to the right one. The runner's user needs access to its socket.",
  });
}
