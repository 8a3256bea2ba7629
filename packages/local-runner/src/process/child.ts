import { spawn } from 'node:child_process';
import type { Timing } from '../options.ts';

export interface Child {
  argv: readonly [string, ...string[]];
  cwd: string;
  env: Record<string, string>;
  /** Called for every line of stdout and stderr. */
  onLine: (line: string) => void;
  /** Ends it as the runner does: SIGINT, then SIGTERM, then SIGKILL for its whole group. */
  cancel: AbortSignal;
  /** Ends it and its group at once. */
  kill: AbortSignal;
  timing: Pick<Timing, 'interrupt' | 'terminate'>;
}

export interface ChildEnd {
  /** Null when a signal ended it. */
  code: number | null;
  /** Id of its process group when something of it still runs: a server started with `&`. */
  left: number | null;
}

/** How long the output of a process that has ended is waited for, when something it left running holds the pipe. */
const drain = 1000;

/** Runs a process in its own group. @throws when it cannot be started. */
export function runChild(options: Child): Promise<ChildEnd> {
  const [program, ...args] = options.argv;
  const { cwd, env, timing } = options;
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const timers: NodeJS.Timeout[] = [];
  const after = (wait: number, act: () => void): void => void timers.push(setTimeout(act, wait));
  const kill = (): void => killGroup(child.pid);
  const cancel = (): void => {
    child.kill('SIGINT');
    after(timing.interrupt, () => child.kill('SIGTERM'));
    after(timing.interrupt + timing.terminate, kill);
  };
  const flush = [child.stdout, child.stderr].map((stream) => byLine(stream, options.onLine));
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      for (const timer of timers) clearTimeout(timer);
      options.cancel.removeEventListener('abort', cancel);
      options.kill.removeEventListener('abort', kill);
    };
    const end = (code: number | null): void => {
      stop();
      for (const rest of flush) rest();
      resolve({ code, left: isAlive(child.pid) ? (child.pid ?? null) : null });
    };
    child.on('error', (error) => {
      stop();
      reject(error);
    });
    child.on('close', end);
    child.on('exit', (code) => after(drain, () => end(code)));
    onAbort(options.cancel, cancel);
    onAbort(options.kill, kill);
  });
}

function onAbort(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener('abort', act, { once: true });
}

export function killGroup(group: number | undefined | null): void {
  try {
    if (group) process.kill(-group, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}

function isAlive(group: number | undefined): boolean {
  try {
    return group !== undefined && process.kill(-group, 0);
  } catch {
    return false;
  }
}

/** @returns what passes on the last line, when it has no end. */
function byLine(stream: NodeJS.ReadableStream, onLine: (line: string) => void): () => void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split(/\r?\n/);
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  });
  return () => {
    if (rest !== '') onLine(rest);
    rest = '';
  };
}
