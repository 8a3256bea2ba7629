import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import type { Daemon } from '../daemon.ts';
import { onFreePort } from '../port.ts';
import { toArgs } from './control-plane.ts';
import { nodeAddress, podRange } from './network.ts';
import { nodeFolder, type Site, startServer } from './servers.ts';

export const nodeName = 'slipway';

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
      addresses: [{ type: 'InternalIP', address: nodeAddress }],
      capacity: { pods: '110' },
      allocatable: { pods: '110' },
    },
  });
}

/** Starts the kubelet and waits until its node takes pods. */
export async function startKubelet(site: Site, endpoint: string): Promise<Daemon> {
  const at = (name: string) => join(site.folder, nodeFolder, name);
  await mkdir(at(''), { recursive: true });
  return onFreePort(async (port) => {
    const config = at('kubelet.json');
    await writeFile(config, JSON.stringify(await kubeletConfig(site, endpoint, port)));
    const flags = {
      config,
      kubeconfig: site.kubeconfig,
      'hostname-override': nodeName,
      'node-ip': nodeAddress,
      'root-dir': at('kubelet'),
      'cert-dir': at('pki'),
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

async function kubeletConfig(site: Site, endpoint: string, port: number): Promise<object> {
  const at = (name: string) => join(site.folder, nodeFolder, name);
  const resolvConf = findResolvConf();
  return {
    kind: 'KubeletConfiguration',
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    containerRuntimeEndpoint: endpoint,
    address: nodeAddress,
    port,
    healthzPort: 0,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: false },
      x509: { clientCAFile: site.certificates.ca },
    },
    authorization: { mode: 'AlwaysAllow' },
    podLogsDir: at('logs'),
    volumePluginDir: at('volume-plugins'),
    failCgroupV1: false,
    cgroupDriver: 'cgroupfs',
    // Pods stay in containerd's control groups, so that none of the kubelet's own remains.
    cgroupsPerQOS: false,
    enforceNodeAllocatable: [],
    failSwapOn: false,
    makeIPTablesUtilChains: false,
    // A full disk is not a reason to drop pods or images that cannot be pulled again.
    evictionHard: {},
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    serializeImagePulls: false,
    registryPullQPS: 0,
    eventRecordQPS: 0,
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
