import { Fault, UserError } from '@slipway/kernel';
import { engineVersion } from './engine-probe.ts';
import { joinPrivateEngine } from './private-engine.ts';
import { execOrThrow, findProgram, isRoot } from './program.ts';

export interface Engine {
  /** What commands that talk to the engine need in their environment. */
  env: Record<string, string>;
  /** Address of the default bridge: through it containers reach servers of the host that listen on it. */
  gateway: string;
  /** Whether it was started here and goes, with all it holds, when the last process that uses it stops. */
  owned: boolean;
  stop(): Promise<void>;
}

/**
 * The Docker Engine that answers already, or, as root, our own that every process here shares.
 * @throws UserError when none runs and none can be started; Fault with the server's last words when it ends at start.
 */
export async function startEngine(say: (line: string) => void): Promise<Engine> {
  const host = process.env.DOCKER_HOST;
  const env: Record<string, string> = host ? { DOCKER_HOST: host } : {};
  const version = await engineVersion(env);
  if (version) {
    say(`Docker Engine ${version} is running`);
    return { env, gateway: await findGateway(env), owned: false, stop: async () => {} };
  }
  if (host)
    throw new UserError(`no Docker Engine answers at DOCKER_HOST=${host}`, {
      hint: 'Unset it, or start that engine.',
    });
  if (!isRoot() || !findProgram('dockerd'))
    throw new UserError('no Docker Engine is running', {
      hint: "Start it, or run as root after provision(['engine']) to have one started.",
    });
  const own = await joinPrivateEngine(say);
  return { env: own.env, gateway: await findGateway(own.env), owned: true, stop: own.stop };
}

/**
 * Older engines do not name the gateway of their default bridge; it is the first address of the subnet then. (Node
 * leaves a bridge without containers out of its list of interfaces, so that one cannot be asked.)
 */
async function findGateway(env: Record<string, string>): Promise<string> {
  const inspect = ['docker', 'network', 'inspect', 'bridge'] as const;
  const [bridge] = JSON.parse(
    await execOrThrow("inspect the engine's default bridge", [...inspect], { env }),
  );
  const range = bridge?.IPAM?.Config?.[0] ?? {};
  if (range.Gateway) return range.Gateway;
  const subnet = /^(\d+\.\d+\.\d+)\.(\d+)\//.exec(range.Subnet ?? '');
  if (!subnet) throw new Fault("the engine's default bridge has no IPv4 subnet");
  return `${subnet[1]}.${Number(subnet[2]) + 1}`;
}
