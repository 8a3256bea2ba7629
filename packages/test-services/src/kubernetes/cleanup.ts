import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Fault, UserError } from '@slipway/kernel';
import { bridge, ruleMark } from './network.ts';
import { nodeFolder, serversFolder } from './servers.ts';

/** One cluster for the machine: two would quarrel over the bridge and the firewall. */
const lock = '/run/slipway-kubernetes.lock';

/** What the kubelet, the proxy and the bridge change for the whole machine. */
const kernelSettings = [
  'net/ipv4/ip_forward',
  'net/bridge/bridge-nf-call-iptables',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
  'vm/overcommit_memory',
  'vm/panic_on_oom',
];

/** Where the kubelet and the network plugins write in spite of all flags. */
const uninvitedPaths = ['/var/lib/kubelet', '/var/lib/cni'];

/** Where the shims of any containerd have their sockets. */
const shimSockets = '/run/containerd/s';

/**
 * Removes all that a cluster left whose folder is $1, when its servers have ended (each has its own guard): a kubelet that
 * still runs would start its pods again. Then it kills what else was started with a path in that folder, and the
 * containers, by the control groups that containerd has them in.
 */
const clear = `
  n=0; while [ -n "$(ls "$1/${serversFolder}")" ] && [ $n -lt 400 ]; do sleep 0.05; n=$((n+1)); done
  for process in /proc/[0-9]*; do grep -qaF "$1/" "$process/cmdline" && kill -KILL "\${process#/proc/}"; done
  n=0; while members=$(cat /sys/fs/cgroup/k8s.io/*/cgroup.procs /sys/fs/cgroup/*/k8s.io/*/cgroup.procs | sort -u) &&
    [ -n "$members" ] && [ $n -lt 200 ]; do kill -KILL $members; sleep 0.05; n=$((n+1)); done
  find /sys/fs/cgroup/k8s.io /sys/fs/cgroup/*/k8s.io -depth -type d -exec rmdir {} +
  grep -rhao '${shimSockets}/[0-9a-f]*' "$1/${nodeFolder}/state" | sort -u | xargs -r rm -f
  rmdir ${shimSockets} /run/containerd
  grep -o " $1/${nodeFolder}/[^ ]*" /proc/self/mounts | sort -r | while read -r mount; do umount -l "$mount"; done
  ip link delete ${bridge}
  for tables in iptables ip6tables; do
    for table in nat filter mangle; do
      $tables -w -t $table -S | sed -n '/^-A KUBE-/!s/^-A \\(.*\\(KUBE-\\|${ruleMark}\\).*\\)/-D \\1/p' |
        while read -r rule; do echo "$rule" | xargs $tables -w -t $table; done
      chains=$($tables -w -t $table -S | sed -n 's/^-N \\(KUBE-.*\\)/\\1/p')
      for chain in $chains; do $tables -w -t $table -F $chain; done
      for chain in $chains; do $tables -w -t $table -X $chain; done
    done
  done
  find /var/log/containers -mindepth 1 -maxdepth 1 -lname "$1/*" -delete
  rmdir /var/log/containers
  while read -r path; do rm -rf "$path"; done <"$1/paths"
  while read -r name value; do echo "$value" >"/proc/sys/$name"; done <"$1/kernel"
  rm -rf -- "$1"`;

/**
 * Holds the lock until its input ends, which comes when stop() closes it or when the process that started the cluster
 * is gone for whatever reason, and then clears the cluster away. The lock's file names the cluster, so that the next
 * holder makes up for one that was killed itself.
 * Arguments: folder, lock.
 */
const script = `
  trap '' PIPE # of a process that was killed while this one waited for the lock
  clear_away() { exec >/dev/null 2>&1; ${clear}; }
  exec 9<>"$2"
  flock -n 9 || { echo waiting; flock 9; }
  left=$(cat "$2") && [ -d "$left" ] && (clear_away "$left")
  if iptables -w -t nat -S KUBE-SERVICES >/dev/null 2>&1; then echo taken; rm -rf -- "$1"; exit; fi
  for name in ${kernelSettings.join(' ')}; do
    [ -r /proc/sys/$name ] && echo "$name $(cat /proc/sys/$name)"; done >"$1/kernel"
  for path in ${uninvitedPaths.join(' ')}; do [ -e $path ] || echo $path; done >"$1/paths"
  echo "$1" >"$2"
  echo locked
  cat >/dev/null
  clear_away "$1"
  : >"$2"`;

/**
 * Reserves the machine for one cluster, and waits while another has it. What comes back releases it and removes
 * everything a cluster left, once its servers have been stopped; `folder` as well.
 * @throws UserError when a Kubernetes of somebody else runs here.
 */
export async function reserveMachine(
  folder: string,
  say: (line: string) => void,
): Promise<() => Promise<void>> {
  const cleanup = spawn('sh', ['-c', script, 'slipway-kubernetes-cleanup', folder, lock], {
    cwd: '/',
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true, // survives the interrupt that ends the process it stands for
  });
  const exited = once(cleanup, 'exit');
  for await (const line of createInterface(cleanup.stdout)) {
    if (line === 'locked') break;
    if (line === 'taken') throw taken();
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

function taken(): UserError {
  return new UserError('this machine is the node of another Kubernetes', {
    hint: 'Name that cluster, or another one, with SLIPWAY_TEST_KUBECONFIG.',
  });
}
