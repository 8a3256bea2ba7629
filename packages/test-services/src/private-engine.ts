import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { Fault, poll, systemClock } from '@slipway/kernel';
import { removeNetworks } from './engine-networks.ts';
import { engineAnswers, engineVersion } from './engine-probe.ts';
import { withLock } from './lock.ts';
import { run } from './program.ts';

/** One for the machine: two engines would quarrel over the default bridge and the firewall. */
const folder = '/var/lib/slipway-engine';
const env = { DOCKER_HOST: `unix://${folder}/docker.sock` };
const startLock = '/run/slipway-engine-start.lock';
const usersLock = '/run/slipway-engine-users.lock';

/** Ends the engine whose folder is $1, if it runs, and removes everything it left. */
const clear = `
  pid=$(cat "$1/docker.pid" 2>/dev/null) && grep -q "$1" "/proc/$pid/cmdline" && {
    kill -TERM "$pid"
    n=0; while kill -0 "$pid" && [ $n -lt 600 ]; do sleep 0.05; n=$((n+1)); done
    kill -KILL -- "-$pid"
  }
  ${removeNetworks}
  grep -o " $1/[^ ]*" /proc/self/mounts | sort -r | while read -r mount; do umount -l "$mount"; done
  rm -rf -- "$1"`;

/**
 * Holds a shared lock for as long as its process uses the engine: until its input ends, by stop() or by the end of
 * that process. Whoever then gets the lock exclusively was the last user and clears the engine away, while a process
 * that comes at the same time waits for its shared lock. Arguments: folder, lock.
 */
const useScript = `
  exec 9>"$2"
  flock -s 9 && echo joined
  cat >/dev/null
  flock -n -x 9 || exit 0
  ${clear}`;

/** Uses the private engine, starting it when no other process did yet. @throws Fault when it ends at start. */
export async function joinPrivateEngine(
  say: (line: string) => void,
): Promise<{ env: Record<string, string>; stop(): Promise<void> }> {
  const leave = await join();
  try {
    await withLock(startLock, async () => {
      if (await engineAnswers(env)) return;
      say(`starting its own Docker Engine in ${folder}`);
      await start();
    });
    say(`Docker Engine ${await engineVersion(env)} is running`);
    return { env: { ...env }, stop: leave };
  } catch (error) {
    await leave();
    throw error;
  }
}

async function join(): Promise<() => Promise<void>> {
  const user = spawn('sh', ['-c', useScript, 'slipway-engine-user', folder, usersLock], {
    cwd: '/',
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true, // survives the interrupt that ends the process it stands for
  });
  const exited = once(user, 'exit');
  await Promise.race([once(user.stdout, 'data'), exited]);
  if (user.exitCode !== null) throw new Fault(`cannot lock ${usersLock}`);
  user.stdout.destroy();
  user.stdin.on('error', () => {});
  user.unref();
  (user.stdin as unknown as { unref(): void }).unref();
  return async () => {
    user.ref();
    user.stdin.end();
    await exited;
  };
}

async function start(): Promise<void> {
  await run(['sh', '-c', clear, 'slipway-engine-clear', folder]); // what a crash of the machine left
  await mkdir(folder, { recursive: true, mode: 0o711 });
  const logFile = `${folder}/dockerd.log`;
  const locations = [`--host=${env.DOCKER_HOST}`, `--data-root=${folder}/data`, `--exec-root=${folder}/exec`];
  const log = openSync(logFile, 'w');
  const flags = [...locations, `--pidfile=${folder}/docker.pid`];
  const child = spawn('dockerd', flags, {
    cwd: '/',
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  await once(child, 'spawn');
  child.unref();
  const polled = await poll(
    {
      clock: systemClock,
      signal: new AbortController().signal,
      intervalMs: 100,
      timeoutMs: 60_000,
      during: 'dockerd',
    },
    async () => {
      if (child.exitCode !== null || child.signalCode !== null) return { done: true, value: false };
      return (await engineAnswers(env)) ? { done: true, value: true } : { done: false, seen: 'no answer' };
    },
  );
  if (polled.ok && polled.value) return;
  const words = (await readFile(logFile, 'utf8')).trim().split('\n').slice(-8).join('\n');
  const what = polled.ok ? `exited at start (exit code ${child.exitCode})` : 'did not answer in 60 s';
  throw new Fault(`the Docker Engine ${what}; its last words:\n${words || '(none)'}`);
}
