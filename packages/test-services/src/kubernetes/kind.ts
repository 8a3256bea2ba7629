import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '@slipway/kernel';
import { inTemporaryFolder, startDaemon } from '../daemon.ts';
import { engineAnswers } from '../engine-probe.ts';
import { importImage } from '../image.ts';
import { execOrThrow, findProgram, run } from '../program.ts';
import { provision } from '../provision.ts';
import { startRegistry } from '../registry.ts';
import type { Cluster } from './cluster.ts';
import { askVersion } from './external-cluster.ts';
import { startMirror } from './mirror.ts';

/**
 * A cluster made by kind; undefined, after saying why, when kind is not installed or cannot make one that pulls from
 * the registries of this machine, which all that runs on it comes from.
 */
export async function startKindCluster(say: (line: string) => void): Promise<Cluster | undefined> {
  if (!findProgram('kind')) return undefined;
  if (!(await engineAnswers())) {
    say('kind is installed, but no Docker Engine is running for it');
    return undefined;
  }
  await provision(['kubectl', 'registry'], say);
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
  const stops = [(await startRemover(folder, name)).stop];
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0)) await one();
  };
  try {
    const flags = ['--name', name, '--kubeconfig', kubeconfig, '--wait', '3m'];
    const made = await run(['kind', 'create', 'cluster', ...flags]);
    if (made.code !== 0) throw new Fault(made.stderr.trim().split('\n').slice(-3).join('\n'));
    const { version, said } = await askVersion(kubeconfig);
    if (!version) throw new Fault(said);
    const node = `${name}-control-plane`;
    const [nodeAddress, hostAddress] = await addresses(node);
    const mirror = await startMirror(hostAddress);
    stops.unshift(mirror.stop);
    await openRegistries(node, mirror.url);
    await tryRegistry(node);
    say(`Kubernetes ${version} is running`);
    return { kubeconfig, version, nodeAddress, hostAddress, env: {}, stop };
  } catch (error) {
    await stop();
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
  const found = await execOrThrow('ask for the address of the node', ['docker', 'inspect', node]);
  const [{ NetworkSettings }] = JSON.parse(found) as [
    { NetworkSettings: { Networks: Record<string, { IPAddress: string; Gateway: string }> } },
  ];
  const [network] = Object.values(NetworkSettings.Networks);
  if (!network) throw new Fault(`${node} has no network`);
  return [network.IPAddress, network.Gateway];
}

/** Has the node ask the mirror for every image that it pulls; the nodes of kind 0.27 and newer read this folder. */
async function openRegistries(node: string, mirror: string): Promise<void> {
  const folder = '/etc/containerd/certs.d/_default';
  const script = `mkdir -p ${folder} && cat > ${folder}/hosts.toml`;
  const input = `[host."${mirror}"]\n  capabilities = ["pull", "resolve"]\n`;
  await execOrThrow('open the registries to the node', ['docker', 'exec', '-i', node, 'sh', '-c', script], {
    input,
  });
}

/** Sees that the node pulls an image from a registry of this machine. */
async function tryRegistry(node: string): Promise<void> {
  const registry = await startRegistry();
  try {
    const image = `${registry.address}/probe:1`;
    await importImage({ env: {} }, image, { files: { '/probe': { text: '' } } });
    await execOrThrow('push an image', ['docker', 'push', '--quiet', image]);
    await execOrThrow('pull an image on the node', ['docker', 'exec', node, 'crictl', 'pull', image]);
    await execOrThrow('forget the image', ['docker', 'rmi', image]);
  } finally {
    await registry.stop();
  }
}
