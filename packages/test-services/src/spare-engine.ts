import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault, poll, systemClock } from '@slipway/kernel';
import { type Daemon, inTemporaryFolder, startDaemon } from './daemon.ts';
import { engineAnswers } from './engine-probe.ts';
import { findProgram, isRoot } from './program.ts';

/** An engine that a test may prune and break: it shares nothing with the one that other tests use. */
export interface SpareEngine {
  /** What commands that talk to it need in their environment. */
  env: Record<string, string>;
  /** Ends it without a warning, and starts it again on what it had written. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

/** Whether this machine can start one, which takes root and the programs `dockerd` and `unshare`. */
export function canStartSpareEngine(): boolean {
  return isRoot() && findProgram('dockerd') !== undefined && findProgram('unshare') !== undefined;
}

/**
 * Starts one in separate namespaces, without networks: its containers have `network_mode: none`.
 * @throws Fault with its last words when it ends at start.
 */
export function startSpareEngine(): Promise<SpareEngine> {
  return inTemporaryFolder('spare', async (folder) => {
    const env = { DOCKER_HOST: `unix://${folder}/docker.sock` };
    const pidFile = join(folder, 'docker.pid');
    const folders = [`--data-root=${folder}/data`, `--exec-root=${folder}/exec`, `--pidfile=${pidFile}`];
    const alone = ['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false'];
    // An engine without a bridge deletes the one that others made; and engines mount their folder once more.
    const apart = ['unshare', '--net', '--mount'] as const;
    const argv = [...apart, 'dockerd', `--host=${env.DOCKER_HOST}`, ...folders, ...alone] as const;
    const start = (own: string): Promise<Daemon> =>
      startDaemon({
        name: 'dockerd',
        argv,
        folder: own,
        ready: () => engineAnswers(env),
        timeoutMs: 60_000,
      });
    const started = [await start(folder)];
    return {
      env,
      async crash() {
        const pid = Number(await readFile(pidFile, 'utf8'));
        // 0 is the process group of the caller.
        if (!(pid > 0)) throw new Fault(`the engine has written no process id to ${pidFile}`);
        process.kill(pid, 'SIGKILL');
        await exited(pid);
        // Its containerd dies with it; while nobody has waited for them, the next engine would take both for alive.
        await rm(join(folder, 'exec/containerd/containerd.pid'), { force: true });
        await rm(pidFile, { force: true });
        const own = join(folder, `start-${started.length}`);
        await mkdir(own);
        started.unshift(await start(own));
      },
      async stop() {
        for (const daemon of started) await daemon.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  });
}

/** Waits until a process holds nothing any more: it is gone, or nobody but its parent knows it. */
async function exited(pid: number): Promise<void> {
  const wait = { clock: systemClock, signal: new AbortController().signal, during: 'the end of dockerd' };
  const polled = await poll({ ...wait, intervalMs: 10, timeoutMs: 10_000 }, async () => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
    const state = stat?.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
    return stat === null || state === 'Z' ? { done: true, value: true } : { done: false, seen: state ?? '' };
  });
  if (!polled.ok) throw new Fault(`the engine with process id ${pid} did not exit`);
}
