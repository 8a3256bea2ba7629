import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault, lastLines } from '@slipway/kernel';
import { inTemporaryFolder, startDaemon } from '../daemon.ts';
import { engineAnswers } from '../engine-probe.ts';
import { demand, findProgram, run } from '../program.ts';
import { provision } from '../provision.ts';
import type { Cluster } from './cluster.ts';
import { askVersion } from './given.ts';

/**
 * A cluster made by kind; undefined, after saying why, when kind is not installed or cannot make one. Its node has an
 * image store of its own: images get there through a registry that it reaches, or with `kind load docker-image`.
 */
export async function startKindCluster(say: (line: string) => void): Promise<Cluster | undefined> {
  if (!findProgram('kind')) return undefined;
  if (!(await engineAnswers())) {
    say('kind is installed, but no Docker Engine is running for it');
    return undefined;
  }
  await provision(['kubectl'], say);
  return inTemporaryFolder('kind', (folder) => create(folder, say)).catch((error) => {
    if (!(error instanceof Fault)) throw error;
    say(`kind cannot start a cluster: ${error.message}`);
    return undefined;
  });
}

async function create(folder: string, say: (line: string) => void): Promise<Cluster> {
  const name = `slipway-${process.pid}`;
  const kubeconfig = join(folder, 'kubeconfig');
  say(`starting a cluster ${name} with kind`);
  await chmod(folder, 0o700);
  const remover = await startRemover(folder, name);
  try {
    const made = await run([
      'kind',
      'create',
      'cluster',
      '--name',
      name,
      '--kubeconfig',
      kubeconfig,
      '--wait',
      '3m',
    ]);
    if (made.code !== 0) throw new Fault(lastLines(made, 3));
    const { version, said } = await askVersion(kubeconfig);
    if (!version) throw new Fault(said);
    const [nodeAddress, hostAddress] = await addresses(`${name}-control-plane`);
    say(`Kubernetes ${version} is running`);
    return { kubeconfig, version, nodeAddress, hostAddress, env: {}, origin: 'kind', stop: remover.stop };
  } catch (error) {
    await remover.stop();
    throw error;
  }
}

/** Deletes the cluster when it is stopped, which its guard does as well when this process is gone. */
function startRemover(folder: string, name: string): ReturnType<typeof startDaemon> {
  const script = 'trap "kind delete cluster --name $1; exit" TERM; while :; do sleep 1; done';
  return startDaemon({
    name: 'kind',
    argv: ['sh', '-c', script, 'sh', name],
    folder,
    ready: async () => true,
  });
}

async function addresses(node: string): Promise<[node: string, host: string]> {
  const found = await demand('ask for the address of the node', ['docker', 'inspect', node]);
  const [{ NetworkSettings }] = JSON.parse(found) as [
    { NetworkSettings: { Networks: Record<string, { IPAddress: string; Gateway: string }> } },
  ];
  const [network] = Object.values(NetworkSettings.Networks);
  if (!network) throw new Fault(`${node} has no network`);
  return [network.IPAddress, network.Gateway];
}
