import { bridge, ruleMark } from './network.ts';
import { nodeFolder, serversFolder } from './servers.ts';

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

/** Writes into the folder $1 how the machine was before the cluster. */
export const recordMachine = `
  cat /proc/sys/kernel/random/boot_id >"$1/boot"
  for name in ${kernelSettings.join(' ')}; do
    [ -r /proc/sys/$name ] && echo "$name $(cat /proc/sys/$name)"; done >"$1/kernel"
  for path in ${uninvitedPaths.join(' ')}; do [ -e $path ] || echo $path; done >"$1/paths"`;

/** Whether the machine was started again since the folder $1 was made: nothing of a cluster but the folder is left then. */
export const isOfEarlierBoot = `
  [ -e "$1/boot" ] && [ "$(cat "$1/boot")" != "$(cat /proc/sys/kernel/random/boot_id)" ]`;

/** Whether something of a cluster is there that no process clears away any more. Argument: its folder. */
export const isUncleared = `
  [ -e "$1" ] || ip link show ${bridge} >/dev/null 2>&1 ||
    iptables -w -S FORWARD 2>/dev/null | grep -q ${ruleMark}`;

/**
 * Ends what the cluster's own programs in $2 and its runc still run with a path in its folder $1, and its containers:
 * those that its containerd has a folder of, by their control groups. Any other process stays, one that reads a log of
 * the cluster and the containers of another containerd included.
 */
const endProcesses = `
  ours() {
    find /proc/[0-9]*/exe -maxdepth 0 '(' -lname "$2/*" -o -lname '*/runc' -o -lname '*runc_cloned*' ')' -printf '%h\\n' |
      while read -r process; do grep -qaF "$1/" "$process/cmdline" && echo "\${process#/proc/}"; done
  }
  for process in $(ours "$1" "$2"); do kill -KILL "$process"; done
  groups=$(find "$1/${nodeFolder}/runc/k8s.io" "$1/${nodeFolder}/state/io.containerd.runtime.v2.task/k8s.io" \\
    -mindepth 1 -maxdepth 1 -printf '%f\\n' | sort -u |
    while read -r id; do ls -d "/sys/fs/cgroup/k8s.io/$id" /sys/fs/cgroup/*/k8s.io/"$id"; done)
  n=0; while [ -n "$groups" ] && members=$(find $groups -name cgroup.procs -exec cat {} + | sort -u) &&
    [ -n "$members" ] && [ $n -lt 200 ]; do kill -KILL $members; sleep 0.05; n=$((n+1)); done
  [ -n "$groups" ] && find $groups -depth -type d -exec rmdir {} + &&
    rmdir /sys/fs/cgroup/k8s.io /sys/fs/cgroup/*/k8s.io`;

/** Removes the firewall rules of a cluster. */
const closeFirewall = `
  for tables in iptables ip6tables; do
    for table in nat filter mangle; do
      $tables -w -t $table -S | sed -n '/^-A KUBE-/!s/^-A \\(.*\\(KUBE-\\|${ruleMark}\\).*\\)/-D \\1/p' |
        while read -r rule; do echo "$rule" | xargs $tables -w -t $table; done
      chains=$($tables -w -t $table -S | sed -n 's/^-N \\(KUBE-.*\\)/\\1/p')
      for chain in $chains; do $tables -w -t $table -F $chain; done
      for chain in $chains; do $tables -w -t $table -X $chain; done
    done
  done`;

/**
 * Removes all that a cluster left, when its servers have ended (each has its own guard): a kubelet that still runs
 * would start its pods again. Arguments: its folder, the folder below which the programs of all clusters are.
 */
export const clearAway = `
  n=0; while [ -n "$(ls "$1/${serversFolder}")" ] && [ $n -lt 400 ]; do sleep 0.05; n=$((n+1)); done
  ${endProcesses}
  grep -rhao '${shimSockets}/[0-9a-f]*' "$1/${nodeFolder}/state" | sort -u | xargs -r rm -f
  rmdir ${shimSockets} /run/containerd
  grep -o " $1/${nodeFolder}/[^ ]*" /proc/self/mounts | sort -r | while read -r mount; do umount -l "$mount"; done
  ip link delete ${bridge}
  ${closeFirewall}
  find /var/log/containers -mindepth 1 -maxdepth 1 -lname "$1/*" -delete
  rmdir /var/log/containers
  while read -r path; do rm -rf "$path"; done <"$1/paths"
  while read -r name value; do echo "$value" >"/proc/sys/$name"; done <"$1/kernel"
  rm -rf -- "$1"`;
