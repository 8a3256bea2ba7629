import { hostname } from 'node:os';
import { UserError } from '@slipway/kernel';
import type { Engine } from '../engine.ts';
import { execOrThrow } from '../program.ts';

export interface ContainerRuntime {
  /** Socket of the engine on this machine. */
  endpoint: string;
  cgroupDriver: string;
}

/**
 * Whether a kubelet on this machine can run its pods in the engine, and how.
 * @throws UserError when the engine is elsewhere (a remote one, or a virtual machine's) or another kubelet's.
 */
export async function examineEngine(engine: Engine): Promise<ContainerRuntime> {
  const { env } = engine;
  const ask = (doing: string, ...args: string[]) => execOrThrow(doing, ['docker', ...args], { env });
  const info = JSON.parse(await ask('ask the engine about itself', 'info', '--format', '{{json .}}'));
  const endpoint = env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
  const unusable = (why: string) =>
    new UserError(`the Docker Engine at ${endpoint} cannot run our own Kubernetes: ${why}`, {
      hint: 'Install kind, name a cluster with SLIPWAY_TEST_KUBECONFIG, or stop that engine to have another started.',
    });
  if (!endpoint.startsWith('unix://')) throw unusable('it has no socket on this machine');
  if (info.Name !== hostname() || info.OSType !== 'linux') throw unusable(`it runs on ${info.Name}`);
  const label = 'label=io.kubernetes.docker.type';
  const pods = engine.owned ? '' : await ask('look for pods', 'ps', '-aq', '--filter', label);
  if (pods !== '') throw unusable('another kubelet uses it');
  return { endpoint, cgroupDriver: info.CgroupDriver };
}
