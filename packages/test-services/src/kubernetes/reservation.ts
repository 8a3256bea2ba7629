import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Fault, UserError } from '@slipway/kernel';
import { cacheFolder } from '../cache.ts';
import { clearAway, isOfEarlierBoot, isUncleared, recordMachine } from './clear.ts';
import { findOtherKubernetes } from './other-kubernetes.ts';

/** One cluster for the machine: two would quarrel over the bridge and the firewall. */
const lock = '/run/slipway-kubernetes.lock';

/**
 * Holds the lock until its input ends, which comes when the cluster is given up or when the process that started it is
 * gone for whatever reason, and then clears the cluster away. The lock's file names the cluster's folder for that
 * time, so that the next holder makes up for one that was killed itself. It changes nothing before it reads
 * "begin". Arguments: folder, programs, lock.
 */
const script = `
  trap '' PIPE # of a process that was killed while this one waited for the lock
  clear_away() { exec >/dev/null 2>&1; ${clearAway}; }
  is_uncleared() { ${isUncleared}; }
  is_of_earlier_boot() { ${isOfEarlierBoot}; }
  record_machine() { ${recordMachine}; }
  exec 9<>"$3"
  flock -n 9 || { echo waiting; flock 9; }
  echo alone
  read -r word && [ "$word" = begin ] || exit 0
  left=$(cat "$3")
  [ -z "$left" ] && is_uncleared "$1" && left=$1
  if [ -n "$left" ] && is_of_earlier_boot "$left"; then rm -rf -- "$left"
  elif [ -n "$left" ]; then (clear_away "$left" "$2"); fi
  : >"$3"
  if iptables -w -t nat -S KUBE-SERVICES >/dev/null 2>&1; then echo taken; exit; fi
  echo "$1" >"$3"
  mkdir -m 700 "$1" || exit 1
  record_machine "$1"
  echo locked
  cat >/dev/null
  clear_away "$1" "$2"
  : >"$3"`;

/**
 * Reserves the machine for one cluster, waits while another has it, and makes the cluster's folder. What comes back
 * releases the machine and removes everything a cluster left, once its servers have been stopped; the folder as well.
 * @throws UserError when a Kubernetes of somebody else runs here; what `signal` says when it ends the waiting.
 */
export async function reserveMachine(
  folder: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  signal.throwIfAborted();
  const programs = cacheFolder();
  const keeper = spawn('sh', ['-c', script, 'slipway-kubernetes-keeper', folder, programs, lock], {
    cwd: '/',
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true, // survives the interrupt that ends the process it stands for
  });
  const exited = once(keeper, 'exit');
  keeper.stdin.on('error', () => {});
  const leave = async () => {
    keeper.ref();
    keeper.stdin.end();
    await exited;
  };
  const stopWaiting = () => endGroup(keeper);
  signal.addEventListener('abort', stopWaiting);
  let locked = false;
  for await (const line of createInterface(keeper.stdout)) {
    if (line === 'waiting') say('waiting for the end of another cluster on this machine');
    if (line === 'taken') throw taken('kube-proxy has rules in iptables');
    if (line === 'alone') {
      signal.removeEventListener('abort', stopWaiting);
      const sign = await findOtherKubernetes(programs);
      if (sign) await leave();
      if (sign) throw taken(sign);
      keeper.stdin.write('begin\n');
    }
    locked = line === 'locked';
    if (locked) break;
  }
  if (signal.aborted) await leave();
  signal.throwIfAborted();
  if (!locked) throw new Fault(`cannot lock ${lock}`);
  keeper.stdout.destroy();
  keeper.unref();
  (keeper.stdin as unknown as { unref(): void }).unref();
  return leave;
}

/** The shell and what it waits for, which the end of the shell alone would not end. */
function endGroup({ pid }: ChildProcess): void {
  if (pid) process.kill(-pid, 'SIGTERM');
}

function taken(sign: string): UserError {
  return new UserError(`this machine is the node of another Kubernetes: ${sign}`, {
    hint: 'Name that cluster, or another one, with SLIPWAY_TEST_KUBECONFIG.',
  });
}
