import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Daemon } from '../daemon.ts';
import { findFreePort, onFreePort } from '../port.ts';
import { podRange } from './network.ts';
import { nodeName } from './node.ts';
import { answers, type Site, startServer } from './servers.ts';

/** Starts what makes Services answer, on their own address and on their node ports. */
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
    nodePortAddresses: ['primary'],
    clusterCIDR: podRange,
    healthzBindAddress: health,
    metricsBindAddress: `127.0.0.1:${metricsPort}`,
    // The machine's limits stay as they are.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    iptables: { minSyncPeriod: '100ms', syncPeriod: '30s' },
  };
}
