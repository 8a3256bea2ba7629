import { existsSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename, sep } from 'node:path';
import { findProgram, run } from '../program.ts';

/** Programs of which one is part of every node, whoever makes the distribution. */
const servers = new Set([
  ...['kubelet', 'kube-apiserver', 'kube-proxy', 'kube-controller-manager', 'kube-scheduler'],
  ...['kubelite', 'k3s', 'k0s', 'rke2'],
]);

/** Where a kubelet listens by default; those of our own clusters take free ports, and those of kind are not published. */
const kubeletPort = 10250;

/** The state of a listening socket in /proc/net/tcp. */
const listening = '0A';

/**
 * Says what shows that a Kubernetes of somebody else uses this machine's network, if anything does. The chains of
 * kube-proxy in iptables are not looked at: a cluster of our own leaves such as well when it is killed.
 * @param programs The folder below which our own programs are.
 */
export async function findOtherKubernetes(programs: string): Promise<string | undefined> {
  return (await findServer(programs)) ?? (await findPort()) ?? (await findProxy());
}

/** What runs in a separate network, as the nodes of kind do, is in nobody's way. */
async function findServer(programs: string): Promise<string | undefined> {
  const network = await readlink('/proc/self/ns/net');
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const link = (name: string) => readlink(`/proc/${pid}/${name}`).catch(() => '');
    const program = (await link('exe')).replace(/ \(deleted\)$/, '');
    if (!servers.has(basename(program)) || program.startsWith(programs + sep)) continue;
    if ((await link('ns/net')) === network) return `${program} runs (process ${pid})`;
  }
  return undefined;
}

async function findPort(): Promise<string | undefined> {
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const text = await readFile(table, 'utf8').catch(() => '');
    for (const line of text.split('\n').slice(1)) {
      const [, local = '', , state] = line.trim().split(/\s+/);
      const port = Number.parseInt(local.split(':')[1] ?? '', 16);
      if (port === kubeletPort && state === listening) return `port ${port}, that of a kubelet, is in use`;
    }
  }
  return undefined;
}

/** The proxies of other modes than iptables. */
async function findProxy(): Promise<string | undefined> {
  if (existsSync('/proc/sys/net/ipv4/conf/kube-ipvs0')) return 'kube-proxy has set up IPVS';
  if (!findProgram('nft')) return undefined;
  const { stdout } = await run(['nft', 'list', 'tables']);
  return / kube-proxy$/m.test(stdout) ? 'kube-proxy has tables in nftables' : undefined;
}
