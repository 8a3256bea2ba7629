import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execOrThrow, run } from '../program.ts';

/** The device that connects the pods with each other and with this machine. */
export const bridge = 'slipway-kube';
export const podRange = '10.244.0.0/16';
/** The bridge's address: that of the node, and of this machine for its pods. From outside nobody gets there. */
export const nodeAddress = '10.244.0.1';
/** How firewall rules of a cluster differ from all others. */
export const ruleMark = 'slipway-kubernetes';
/** Where Debian has the network plugins. */
export const pluginFolder = '/usr/lib/cni';

/** Puts up the bridge, and lets through what pods send and get; Docker closes a machine to traffic that it does not know. */
export async function createBridge(): Promise<void> {
  const ip = (...args: string[]) => execOrThrow('make the bridge for pods', ['ip', ...args]);
  await ip('link', 'add', bridge, 'type', 'bridge');
  await ip('address', 'add', `${nodeAddress}/16`, 'dev', bridge);
  await ip('link', 'set', bridge, 'up');
  // Only then does the firewall see what one pod sends to another by the address of a Service.
  const filter = '/proc/sys/net/bridge/bridge-nf-call-iptables';
  if (!existsSync(filter)) await run(['modprobe', 'br_netfilter']);
  for (const path of [filter, '/proc/sys/net/ipv4/ip_forward']) await writeFile(path, '1');
  const mark = ['-m', 'comment', '--comment', ruleMark, '-j'];
  const rule = (...args: string[]) => execOrThrow('open the firewall for pods', ['iptables', '-w', ...args]);
  await rule('-I', 'FORWARD', '-i', bridge, ...mark, 'ACCEPT');
  await rule('-I', 'FORWARD', '-o', bridge, ...mark, 'ACCEPT');
  const leaving = ['-s', podRange, '!', '-d', podRange];
  await rule('-t', 'nat', '-A', 'POSTROUTING', ...leaving, ...mark, 'MASQUERADE');
}

/** Writes how a pod is connected. @returns the folder that containerd reads. */
export async function writeNetwork(folder: string): Promise<string> {
  const configuration = join(folder, 'cni');
  await mkdir(configuration, { recursive: true });
  const plugin = {
    type: 'bridge',
    bridge,
    isGateway: true,
    hairpinMode: true,
    ipam: {
      type: 'host-local',
      ranges: [[{ subnet: podRange }]],
      routes: [{ dst: '0.0.0.0/0' }],
      dataDir: join(folder, 'addresses'),
    },
  };
  const list = { cniVersion: '1.0.0', name: 'slipway', plugins: [plugin] };
  await writeFile(join(configuration, '10-slipway.conflist'), JSON.stringify(list));
  return configuration;
}
