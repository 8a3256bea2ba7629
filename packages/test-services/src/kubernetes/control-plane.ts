import { join } from 'node:path';
import type { Daemon } from '../daemon.ts';
import { findFreePort, onFreePort } from '../port.ts';
import { createAsk } from './api.ts';
import type { Certificates } from './certificates.ts';
import { answers, type Site, serversFolder, serviceRange, startServer } from './servers.ts';

/** Starts the cluster's database, which waits for no disk: nobody needs its data after the test. */
export async function startEtcd(bin: string, folder: string): Promise<{ url: string; daemon: Daemon }> {
  return onFreePort(async (port) => {
    const url = `http://127.0.0.1:${port}`;
    const peer = `http://127.0.0.1:${await findFreePort()}`;
    const data = join(folder, serversFolder, 'etcd', 'data');
    const clients = [`--listen-client-urls=${url}`, `--advertise-client-urls=${url}`];
    const peers = [`--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`];
    const flags = [...clients, ...peers, `--initial-cluster=default=${peer}`, `--data-dir=${data}`];
    const daemon = await startServer(folder, 'etcd', [join(bin, 'etcd'), '--unsafe-no-fsync', ...flags], () =>
      answers(`${url}/health`),
    );
    return { url, daemon };
  });
}

export interface ApiServerOptions {
  bin: string;
  folder: string;
  certificates: Certificates;
  etcd: string;
  /** Where it listens: an address of this machine that pods reach as well. */
  address: string;
  port: number;
  ready: () => Promise<boolean>;
}

/** Starts the API server with the default admission plugins. */
export function startApiServer(options: ApiServerOptions): Promise<Daemon> {
  const { certificates, address, port } = options;
  const flags = {
    'etcd-servers': options.etcd,
    'bind-address': address,
    'advertise-address': address,
    'secure-port': port,
    'cert-dir': join(options.folder, serversFolder, 'kube-apiserver'),
    'tls-cert-file': certificates.server.cert,
    'tls-private-key-file': certificates.server.key,
    'client-ca-file': certificates.ca,
    'kubelet-preferred-address-types': 'InternalIP',
    'kubelet-client-certificate': certificates.admin.cert,
    'kubelet-client-key': certificates.admin.key,
    'service-account-key-file': certificates.serviceAccountKey,
    'service-account-signing-key-file': certificates.serviceAccountKey,
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-cluster-ip-range': serviceRange,
    'authorization-mode': 'RBAC',
    'allow-privileged': true,
    'event-ttl': '1h',
  };
  const program = join(options.bin, 'kube-apiserver');
  return startServer(options.folder, 'kube-apiserver', [program, ...toArgs(flags)], options.ready);
}

/** Starts the controllers; they work once the default namespace has its service account. */
export function startControllers(site: Site): Promise<Daemon> {
  const flags = (port: number) => ({
    ...controllerFlags(site, port),
    'service-account-private-key-file': site.certificates.serviceAccountKey,
    'root-ca-file': site.certificates.ca,
  });
  const program = join(site.bin, 'kube-controller-manager');
  return onFreePort((port) =>
    startServer(site.folder, 'kube-controller-manager', [program, ...toArgs(flags(port))], async () => {
      await site.ask('/api/v1/namespaces/default/serviceaccounts/default');
      return true;
    }),
  );
}

export function startScheduler(site: Site): Promise<Daemon> {
  const program = join(site.bin, 'kube-scheduler');
  return onFreePort((port) =>
    startServer(
      site.folder,
      'kube-scheduler',
      [program, ...toArgs(controllerFlags(site, port))],
      async () => (await createAsk(`https://127.0.0.1:${port}`, site.certificates)('/healthz')) === 'ok',
    ),
  );
}

/** What the clients of the API server have in common, which work alone and serve nobody but this machine. */
function controllerFlags(site: Site, port: number): Record<string, string | number | boolean> {
  return {
    kubeconfig: site.kubeconfig,
    'leader-elect': false,
    'bind-address': '127.0.0.1',
    'secure-port': port,
    'tls-cert-file': site.certificates.server.cert,
    'tls-private-key-file': site.certificates.server.key,
  };
}

export function toArgs(flags: Record<string, string | number | boolean>): string[] {
  return Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
}
