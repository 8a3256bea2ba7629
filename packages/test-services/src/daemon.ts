import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault, formatDuration, poll, systemClock } from '@slipway/kernel';
import { PortTaken } from './port.ts';

export interface DaemonSpec {
  /** Named in errors. */
  name: string;
  argv: readonly [program: string, ...args: string[]];
  /** Holds everything the server writes; removed when it ends. */
  folder: string;
  /** Ends the server without waiting for its clients. */
  stopSignal?: 'TERM' | 'INT';
  /** Asked until true; a server that never says so in time did not start. */
  ready: () => Promise<boolean>;
  /** Milliseconds until it must be ready; default 30 s. */
  timeoutMs?: number;
}

export interface Daemon {
  /** Ends the server, waits for it and removes its folder. May be called more than once. */
  stop(): Promise<void>;
}

/**
 * Waits for the end of its input, which comes when stop() closes it or when the process that started the server
 * is gone for whatever reason, a SIGKILL included. So one piece of code cleans up in both cases, and the library
 * needs no signal handlers, which would change how the process it is part of reacts to signals.
 * Arguments: pid, signal, folder. A line "gone" says that the server exited on its own and its pid may be another's.
 */
const guardScript = `
  while read -r word; do state=$word; done
  if [ "$state" != gone ]; then
    kill -"$2" "$1"
    n=0; while kill -0 "$1" && [ $n -lt 200 ]; do sleep 0.05; n=$((n+1)); done
    kill -KILL -- "-$1"
  fi
  rm -rf -- "$3"`;

/** Starts something in its own temporary folder, which is removed again when it does not start. */
export async function inTemporaryFolder<T>(about: string, start: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), `slipway-${about}-`));
  return start(folder).catch(async (error) => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
}

/**
 * Starts a server in its own session and waits until it says that it is ready.
 * @throws PortTaken when its port is in use; Fault with its last words when it ends or is not ready in time.
 */
export async function startDaemon(spec: DaemonSpec): Promise<Daemon> {
  const [program, ...args] = spec.argv;
  const logFile = join(spec.folder, 'server.log');
  const log = openSync(logFile, 'a');
  const child = spawn(program, args, { cwd: spec.folder, stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  await once(child, 'spawn');
  child.unref();
  const stop = guard(child, spec);
  const { timeoutMs = 30_000 } = spec;
  const polled = await poll(
    {
      clock: systemClock,
      signal: new AbortController().signal,
      intervalMs: 30,
      timeoutMs,
      during: spec.name,
    },
    async () => {
      if (hasExited(child)) return { done: true, value: false };
      const ready = await spec.ready().catch(() => false);
      return ready ? { done: true, value: !hasExited(child) } : { done: false, seen: 'not ready' };
    },
  );
  if (polled.ok && polled.value) return { stop };
  const words = await readFile(logFile, 'utf8').catch(() => '');
  await stop();
  const late = `was not ready in ${formatDuration(timeoutMs)}`;
  throw whyNot(spec.name, polled.ok ? `exited at start (${describeExit(child)})` : late, words);
}

function guard(child: ChildProcess, spec: DaemonSpec): () => Promise<void> {
  const args = [String(child.pid), spec.stopSignal ?? 'TERM', spec.folder];
  const watcher = spawn('sh', ['-c', guardScript, `slipway-guard-${spec.name}`, ...args], {
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true, // survives the interrupt that ends the process it watches
  });
  const exited = once(watcher, 'exit');
  watcher.unref();
  watcher.stdin?.on('error', () => {}); // somebody stopped the guard: there is nothing to write to it
  (watcher.stdin as unknown as { unref(): void }).unref();
  child.once('exit', () => watcher.stdin?.writable && watcher.stdin.write('gone\n'));
  return async () => {
    watcher.ref();
    watcher.stdin?.end();
    await exited;
  };
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function describeExit(child: ChildProcess): string {
  return child.signalCode ?? `exit code ${child.exitCode}`;
}

function whyNot(name: string, what: string, log: string): Error {
  const lines = log.trim().split('\n');
  // Kubernetes' servers say why they end in a line that begins with F, and then print the stack of every goroutine.
  const fatal = lines.find((line) => /^F\d{4} /.test(line));
  const words = fatal ?? lines.slice(-8).join('\n');
  if (/address already in use|could not bind/i.test(log)) return new PortTaken(`${name}: ${words}`);
  return new Fault(`${name} ${what}; its last words:\n${words || '(none)'}`);
}
