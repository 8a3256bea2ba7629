import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Fault } from '@slipway/kernel';
import { nodeFolder } from './node.ts';
import { serversFolder } from './servers.ts';

/** One cluster for the machine: two would quarrel over the bridge and the firewall. */
const lock = '/run/slipway-kubernetes.lock';

/** What the kubelet and the proxy change for the whole machine. */
const kernelSettings = [
  'net/ipv4/conf/all/route_localnet',
  'net/bridge/bridge-nf-call-iptables',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
  'vm/overcommit_memory',
  'vm/panic_on_oom',
];

/** Where the kubelet and its network plugin write in spite of all flags. */
const kubeletPaths = ['/var/lib/kubelet', '/var/lib/cni', '/var/run/dockershim.sock'];

/** How firewall rules of a cluster differ from all others. */
export const ruleMark = 'slipway-kubernetes';

/**
 * Holds the lock until its input ends, which comes when stop() closes it or when the process that started the cluster
 * is gone for whatever reason, and then removes what a cluster leaves on the machine. It waits for the servers first
 * (each has its own guard): a kubelet that still runs would start its pods again.
 * Arguments: folder, lock. The engine is in the environment.
 */
const script = `
  exec 9>"$2"
  flock -n 9 || { echo waiting; flock 9; }
  cd /proc/sys && saved=$(for name in ${kernelSettings.join(' ')}; do
    [ -r $name ] && echo "$name $(cat $name)"; done); cd /
  new=; for path in ${kubeletPaths.join(' ')}; do [ -e $path ] || new="$new $path"; done
  touch "$1/born"
  echo locked
  cat >/dev/null
  exec >/dev/null 2>&1
  n=0; while [ -n "$(ls "$1/${serversFolder}")" ] && [ $n -lt 400 ]; do sleep 0.05; n=$((n+1)); done
  docker ps -aq --filter label=io.kubernetes.docker.type | xargs -r docker rm -fv
  grep -o " $1/${nodeFolder}/[^ ]*" /proc/self/mounts | sort -r | while read -r mount; do umount -l "$mount"; done
  ip link delete cbr0
  for tables in iptables ip6tables; do
    for table in nat filter mangle; do
      $tables -w -t $table -S | sed -n '/^-A KUBE-/!s/^-A \\(.*\\(KUBE-\\|kubenet\\|${ruleMark}\\).*\\)/-D \\1/p' |
        while read -r rule; do echo "$rule" | xargs $tables -w -t $table; done
      chains=$($tables -w -t $table -S | sed -n 's/^-N \\(KUBE-.*\\)/\\1/p')
      for chain in $chains; do $tables -w -t $table -F $chain; done
      for chain in $chains; do $tables -w -t $table -X $chain; done
    done
  done
  for logs in /var/log/pods /var/log/containers; do
    find $logs -mindepth 1 -maxdepth 1 -newer "$1/born" -exec rm -rf -- {} +
    rmdir $logs
  done
  rm -rf /var/lib/cni/networks/kubenet
  rm -rf $new
  echo "$saved" | while read -r name value; do echo "$value" >"/proc/sys/$name"; done
  rm -rf -- "$1"`;

/**
 * Reserves the machine for one cluster, and waits while another has it. What comes back releases it and removes
 * everything a cluster left, once its servers have been stopped; `folder` as well.
 */
export async function reserveMachine(
  folder: string,
  env: Record<string, string>,
  say: (line: string) => void,
): Promise<() => Promise<void>> {
  const cleanup = spawn('sh', ['-c', script, 'slipway-kubernetes-cleanup', folder, lock], {
    cwd: '/',
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true, // survives the interrupt that ends the process it stands for
  });
  const exited = once(cleanup, 'exit');
  for await (const line of createInterface(cleanup.stdout)) {
    if (line === 'locked') break;
    say('waiting for the end of another cluster on this machine');
  }
  if (cleanup.exitCode !== null) throw new Fault(`cannot lock ${lock}`);
  cleanup.stdout.destroy();
  cleanup.stdin.on('error', () => {});
  cleanup.unref();
  (cleanup.stdin as unknown as { unref(): void }).unref();
  return async () => {
    cleanup.ref();
    cleanup.stdin.end();
    await exited;
  };
}
