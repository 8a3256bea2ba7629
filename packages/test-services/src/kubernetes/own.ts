import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatDuration } from '@slipway/kernel';
import type { Daemon } from '../daemon.ts';
import { type Engine, startEngine } from '../engine.ts';
import { onFreePort } from '../port.ts';
import { execOrThrow } from '../program.ts';
import { provision } from '../provision.ts';
import { createAsk } from './api.ts';
import { provideBinaries } from './binaries.ts';
import { createCertificates, writeKubeconfig } from './certificates.ts';
import { reserveMachine, ruleMark } from './cleanup.ts';
import type { Cluster } from './cluster.ts';
import { startApiServer, startControllers, startEtcd, startScheduler } from './control-plane.ts';
import { registerNode, startKubelet, startProxy } from './node.ts';
import { importPause } from './pause.ts';
import { examineEngine } from './runtime.ts';
import { apiServiceAddress, type Site } from './servers.ts';

/** What has been started, to be given up in the opposite order. */
type Undo = (() => Promise<void>)[];

/**
 * Starts a one-node Kubernetes on this machine, building it first where that has not been done, with the Docker
 * Engine as its runtime: images built by that engine are there for pods at once.
 * @throws UserError when this machine cannot have it.
 */
export async function startOwnCluster(say: (line: string) => void): Promise<Cluster> {
  const bin = await provideBinaries(say);
  await provision(['engine', 'kubernetes'], say);
  const undo: Undo = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const engine = await startEngine(say);
    undo.push(() => engine.stop());
    const started = performance.now();
    const { site, version } = await startCluster(bin, engine, undo, say);
    say(`Kubernetes ${version} is running (${formatDuration(performance.now() - started)})`);
    const { kubeconfig } = site;
    const addresses = { nodeAddress: '127.0.0.1', hostAddress: engine.gateway };
    return { kubeconfig, version, ...addresses, env: engine.env, origin: 'own', stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startCluster(
  bin: string,
  engine: Engine,
  undo: Undo,
  say: (line: string) => void,
): Promise<{ site: Site; version: string }> {
  const runtime = await examineEngine(engine);
  const folder = await mkdtemp(join(tmpdir(), 'slipway-kubernetes-'));
  undo.push(await reserveMachine(folder, engine.env, say));
  const servers: Daemon[] = [];
  undo.push(async () => {
    // Without its database the API server would not end in peace, nor the others without the API server.
    const [etcd, apiServer, ...rest] = servers;
    await Promise.all(rest.map((server) => server.stop()));
    await apiServer?.stop();
    await etcd?.stop();
  });
  const pauseImage = importPause(engine.env, bin);
  const site = await startControlPlane(bin, folder, engine.gateway, servers);
  await Promise.all([registerNode(site), letPodsThrough()]);
  const rest = await Promise.allSettled([
    startControllers(site),
    startScheduler(site),
    startKubelet(site, { ...runtime, pauseImage: await pauseImage }),
    startProxy(site),
  ]);
  for (const one of rest) if (one.status === 'fulfilled') servers.push(one.value);
  for (const one of rest) if (one.status === 'rejected') throw one.reason;
  const { gitVersion } = (await site.ask('/version')) as { gitVersion: string };
  return { site, version: gitVersion };
}

/**
 * The database and the API server. The latter listens on the gateway of the engine's bridge: from outside nobody
 * gets there, while pods do, which a loopback address would keep out.
 */
async function startControlPlane(
  bin: string,
  folder: string,
  address: string,
  servers: Daemon[],
): Promise<Site> {
  const pki = join(folder, 'pki');
  await mkdir(pki);
  const [certificates, etcd] = await Promise.all([
    createCertificates(pki, ['127.0.0.1', address, apiServiceAddress]),
    startEtcd(folder),
  ]);
  servers.push(etcd.daemon);
  return onFreePort(async (port) => {
    const server = `https://${address}:${port}`;
    const ask = createAsk(server, certificates);
    const ready = async () => (await ask('/readyz')) === 'ok';
    servers.push(await startApiServer({ bin, folder, certificates, etcd: etcd.url, address, port, ready }));
    const kubeconfig = join(folder, 'kubeconfig');
    await writeKubeconfig(kubeconfig, server, certificates);
    return { bin, folder, certificates, kubeconfig, ask };
  });
}

/** Docker closes this machine to traffic it does not know; what pods send and get goes through. */
async function letPodsThrough(): Promise<void> {
  const mark = ['-m', 'comment', '--comment', ruleMark, '-j', 'ACCEPT'];
  for (const direction of ['-i', '-o'])
    await execOrThrow('open the firewall for pods', [
      'iptables',
      '-w',
      '-I',
      'FORWARD',
      direction,
      'cbr0',
      ...mark,
    ]);
}
