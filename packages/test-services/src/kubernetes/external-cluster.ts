import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { UserError } from '@slipway/kernel';
import { run } from '../program.ts';
import { provision } from '../provision.ts';
import type { Cluster } from './cluster.ts';

/**
 * The cluster that `SLIPWAY_TEST_KUBECONFIG` names; undefined when it is not set. `SLIPWAY_TEST_NODE_ADDRESS` and
 * `SLIPWAY_TEST_HOST_ADDRESS` say where its node ports answer and where its pods find this machine, both 127.0.0.1
 * unless set; its images come from the engine of this environment.
 * @throws UserError when it does not answer.
 */
export async function useExternalCluster(say: (line: string) => void): Promise<Cluster | undefined> {
  const named = process.env.SLIPWAY_TEST_KUBECONFIG;
  if (!named) return undefined;
  const kubeconfig = resolve(named);
  if (!existsSync(kubeconfig)) throw new UserError(`SLIPWAY_TEST_KUBECONFIG names no file: ${kubeconfig}`);
  await provision(['kubectl'], say);
  const asked = await askVersion(kubeconfig);
  if (!asked.version)
    throw new UserError(`the cluster of SLIPWAY_TEST_KUBECONFIG does not answer: ${asked.said}`);
  say(`Kubernetes ${asked.version} of SLIPWAY_TEST_KUBECONFIG answers`);
  return {
    kubeconfig,
    version: asked.version,
    nodeAddress: process.env.SLIPWAY_TEST_NODE_ADDRESS ?? '127.0.0.1',
    hostAddress: process.env.SLIPWAY_TEST_HOST_ADDRESS ?? '127.0.0.1',
    env: process.env.DOCKER_HOST ? { DOCKER_HOST: process.env.DOCKER_HOST } : {},
    stop: async () => {},
  };
}

/** The server's version, or what kubectl said instead. */
export async function askVersion(kubeconfig: string): Promise<{ version?: string; said: string }> {
  const flags = ['--kubeconfig', kubeconfig, '--request-timeout', '20s'];
  const { code, stdout, stderr } = await run(['kubectl', ...flags, 'get', '--raw', '/version']);
  if (code !== 0) return { said: stderr.trim() };
  return { version: (JSON.parse(stdout) as { gitVersion: string }).gitVersion, said: stdout };
}
