import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import type { Daemon } from '../daemon.ts';
import { findFreePort, onFreePort } from '../port.ts';
import { toArgs } from './control-plane.ts';
import { answers, podRange, type Site, startServer } from './servers.ts';

/** The node's name resolves to itself, so that the API server finds its kubelet for logs and exec. */
const nodeName = '127.0.0.1';
/** What the kubelet mounts into pods is below this, apart from its server's folder: a mount cannot be removed. */
export const nodeFolder = 'node';

export interface Runtime {
  /** Endpoint of the Docker Engine, such as `unix:///var/run/docker.sock`. */
  endpoint: string;
  cgroupDriver: string;
  pauseImage: string;
}

/**
 * Registers its node with the cluster with a range for its pods, before there is a kubelet: the controller that gives ranges
 * out takes ten seconds to begin, and the proxy waits for its node in ever longer steps.
 */
export async function registerNode(site: Site): Promise<void> {
  await site.ask('/api/v1/nodes', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: nodeName,
      labels: { 'kubernetes.io/hostname': nodeName },
      // The kubelet sets it itself, as it does the capacity; it cannot take over a node that has none at all.
      annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
    },
    spec: { podCIDR: podRange, podCIDRs: [podRange] },
    status: {
      addresses: [{ type: 'InternalIP', address: nodeName }],
      capacity: { pods: '110' },
      allocatable: { pods: '110' },
    },
  });
}

/** Starts the kubelet and waits until its node takes pods. */
export async function startKubelet(site: Site, runtime: Runtime): Promise<Daemon> {
  const at = (name: string) => join(site.folder, nodeFolder, name);
  await mkdir(at(''), { recursive: true });
  return onFreePort(async (port) => {
    const config = at('kubelet.json');
    await writeFile(config, JSON.stringify(await kubeletConfig(site, runtime, port)));
    const flags = {
      config,
      kubeconfig: site.kubeconfig,
      'hostname-override': nodeName,
      'root-dir': at('kubelet'),
      'cert-dir': at('pki'),
      'volume-plugin-dir': at('volume-plugins'),
      'experimental-dockershim-root-directory': at('dockershim'),
      'container-runtime': 'docker',
      'docker-endpoint': runtime.endpoint,
      docker: runtime.endpoint,
      'pod-infra-container-image': runtime.pauseImage,
      'network-plugin': 'kubenet',
      'cni-bin-dir': '/usr/lib/cni',
      'cni-cache-dir': at('cni'),
    };
    return startServer(site.folder, 'kubelet', [join(site.bin, 'kubelet'), ...toArgs(flags)], async () =>
      isReady(await site.ask(`/api/v1/nodes/${nodeName}`)),
    );
  });
}

function isReady(node: unknown): boolean {
  const { status } = node as { status?: { conditions?: { type: string; status: string }[] } };
  return status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

async function kubeletConfig(site: Site, runtime: Runtime, port: number): Promise<object> {
  const resolvConf = findResolvConf();
  return {
    kind: 'KubeletConfiguration',
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    address: '127.0.0.1',
    port,
    healthzPort: 0,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: false },
      x509: { clientCAFile: site.certificates.ca },
    },
    authorization: { mode: 'AlwaysAllow' },
    cgroupDriver: runtime.cgroupDriver,
    // Pods stay in the engine's control groups, so that none of the kubelet's own remains.
    cgroupsPerQOS: false,
    enforceNodeAllocatable: [],
    failSwapOn: false,
    // A full disk is not a reason to drop pods or images that cannot be pulled again.
    evictionHard: {},
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    serializeImagePulls: false,
    registryPullQPS: 0,
    eventRecordQPS: 0,
    hairpinMode: 'hairpin-veth',
    resolvConf,
    // There is no DNS server of the cluster: pods ask those of this machine, without a warning about it in their events.
    clusterDNS: await nameServers(resolvConf),
  };
}

/** systemd's resolver listens on a loopback address, which in a pod is the pod; the real servers are in its own file. */
function findResolvConf(): string {
  const remaining = '/run/systemd/resolve/resolv.conf';
  return existsSync(remaining) ? remaining : '/etc/resolv.conf';
}

async function nameServers(resolvConf: string): Promise<string[]> {
  const text = await readFile(resolvConf, 'utf8').catch(() => '');
  return [...text.matchAll(/^nameserver\s+(\S+)/gm)].flatMap(([, server = '']) =>
    isIPv4(server) ? [server] : [],
  );
}

/** Starts what makes Services answer, on their own address and on every node port. */
export async function startProxy(site: Site): Promise<Daemon> {
  return onFreePort(async (port) => {
    const health = `127.0.0.1:${port}`;
    const config = join(site.folder, 'kube-proxy.json');
    await writeFile(config, JSON.stringify(proxyConfig(site, health, await findFreePort())));
    return startServer(site.folder, 'kube-proxy', [join(site.bin, 'kube-proxy'), `--config=${config}`], () =>
      answers(`http://${health}/healthz`),
    );
  });
}

function proxyConfig(site: Site, health: string, metricsPort: number): object {
  return {
    kind: 'KubeProxyConfiguration',
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    clientConnection: { kubeconfig: site.kubeconfig },
    hostnameOverride: nodeName,
    mode: 'iptables',
    clusterCIDR: podRange,
    healthzBindAddress: health,
    metricsBindAddress: `127.0.0.1:${metricsPort}`,
    // The machine's limits stay as they are.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    iptables: { minSyncPeriod: '100ms', syncPeriod: '30s' },
  };
}
