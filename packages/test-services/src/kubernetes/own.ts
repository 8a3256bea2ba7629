import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { formatDuration, UserError } from '@slipway/kernel';
import type { Daemon } from '../daemon.ts';
import { type Engine, startEngine } from '../engine.ts';
import { onFreePort } from '../port.ts';
import { execOrThrow } from '../program.ts';
import { provision } from '../provision.ts';
import { createAsk } from './api.ts';
import { type Programs, providePrograms } from './binaries.ts';
import { createCertificates, writeKubeconfig } from './certificates.ts';
import type { Cluster } from './cluster.ts';
import { startContainerd } from './containerd.ts';
import { startApiServer, startControllers, startEtcd, startScheduler } from './control-plane.ts';
import { createBridge, nodeAddress } from './network.ts';
import { registerNode, startKubelet } from './node.ts';
import { startProxy } from './proxy.ts';
import { reserveMachine } from './reservation.ts';
import { apiServiceAddress, type Site } from './servers.ts';

/** Everything a cluster writes, in one place as there is one at a time: what is killed is found again. */
const folder = '/var/lib/slipway-kubernetes';

/** What has been started, to be given up in the opposite order. */
type Undo = (() => Promise<void>)[];

/**
 * Starts a one-node Kubernetes on this machine, building it first where that has not been done next to the Docker
 * Engine that builds images for it.
 * @throws UserError when this machine cannot have it.
 */
export async function startOwnCluster(say: (line: string) => void, signal: AbortSignal): Promise<Cluster> {
  const programs = await providePrograms(say);
  await provision(['engine', 'kubernetes'], say);
  const undo: Undo = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const engine = await startEngine(say);
    undo.push(() => engine.stop());
    await checkEngine(engine);
    undo.push(await reserveMachine(folder, say, signal));
    const started = performance.now();
    const { kubeconfig, version } = await startCluster(programs, undo);
    say(`Kubernetes ${version} is running (${formatDuration(performance.now() - started)})`);
    const env = { ...engine.env, PATH: `${programs.client}:${process.env.PATH}` };
    return { kubeconfig, version, nodeAddress, hostAddress: nodeAddress, env, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * The node pulls what the engine pushes to registries on the loopback, which must be that of this machine.
 * @throws UserError when the engine is elsewhere: a remote one, or a virtual machine's.
 */
async function checkEngine({ env }: Engine): Promise<void> {
  const info = await execOrThrow(
    'ask the engine about itself',
    ['docker', 'info', '--format', '{{json .}}'],
    {
      env,
    },
  );
  const { Name, OSType } = JSON.parse(info) as { Name: string; OSType: string };
  if (Name === hostname() && OSType === 'linux') return;
  throw new UserError(`the Docker Engine on ${Name} cannot build for a Kubernetes on ${hostname()}`, {
    hint: 'Unset DOCKER_HOST or choose the context of an engine on this machine, or name a cluster with SLIPWAY_TEST_KUBECONFIG.',
  });
}

async function startCluster(
  programs: Programs,
  undo: Undo,
): Promise<{ kubeconfig: string; version: string }> {
  const [control, node]: [Daemon[], Daemon[]] = [[], []];
  undo.push(async () => {
    await Promise.all(node.map((server) => server.stop()));
    // Without its database the API server would not end in peace, nor the others without the API server.
    for (const server of control.reverse()) await server.stop();
  });
  await createBridge();
  const add = async (server: Promise<Daemon>) => node.push(await server);
  const [site, endpoint] = await all([
    startControlPlane(programs.bin, folder, control),
    startContainerd(programs, folder, node),
  ]);
  await registerNode(site);
  await all([
    add(startControllers(site)),
    add(startScheduler(site)),
    add(startKubelet(site, endpoint)),
    add(startProxy(site)),
  ]);
  const { gitVersion } = (await site.ask('/version')) as { gitVersion: string };
  return { kubeconfig: site.kubeconfig, version: gitVersion };
}

/** The database and the API server. The latter listens where pods reach it, which a loopback address would keep out. */
async function startControlPlane(bin: string, folder: string, servers: Daemon[]): Promise<Site> {
  const pki = join(folder, 'pki');
  await mkdir(pki);
  const [certificates, etcd] = await Promise.all([
    createCertificates(pki, ['127.0.0.1', nodeAddress, apiServiceAddress]),
    startEtcd(bin, folder),
  ]);
  servers.push(etcd.daemon);
  return onFreePort(async (port) => {
    const server = `https://${nodeAddress}:${port}`;
    const ask = createAsk(server, certificates);
    const ready = async () => (await ask('/readyz')) === 'ok';
    servers.push(
      await startApiServer({ bin, folder, certificates, etcd: etcd.url, address: nodeAddress, port, ready }),
    );
    const kubeconfig = join(folder, 'kubeconfig');
    await writeKubeconfig(kubeconfig, server, certificates);
    return { bin, folder, certificates, kubeconfig, ask };
  });
}

/** Waits for the end of each, so that nothing starts any more when one has failed. @throws what that one threw. */
async function all<T extends readonly unknown[] | []>(
  starting: T,
): Promise<{ -readonly [Index in keyof T]: Awaited<T[Index]> }> {
  await Promise.allSettled(starting);
  return Promise.all(starting);
}
