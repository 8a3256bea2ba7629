import { spawn } from 'node:child_process';

export interface ChildOptions {
  argv: readonly [string, ...string[]];
  cwd: string;
  env: Record<string, string>;
  onLine: (line: string) => void;
  /** Aborts when the run or the job is cancelled, or the step timed out. */
  cancel: AbortSignal;
  /** Aborts when the machine is lost: everything is killed at once. */
  lost: AbortSignal;
  /** GitHub waits 7.5 s after SIGINT and 2.5 s more after SIGTERM. */
  grace: { interrupt: number; terminate: number };
}

/** Runs a process in a group of its own and ends it as the GitHub runner does. @returns its exit code, null when killed. */
export function runChild(options: ChildOptions): Promise<number | null> {
  const [program, ...args] = options.argv;
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const timers: NodeJS.Timeout[] = [];
  const killGroup = (): void => {
    try {
      if (child.pid) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Gone already.
    }
  };
  const cancel = (): void => {
    child.kill('SIGINT');
    timers.push(setTimeout(() => child.kill('SIGTERM'), options.grace.interrupt));
    timers.push(setTimeout(killGroup, options.grace.interrupt + options.grace.terminate));
  };
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) byLine(stream, options.onLine);
    child.on('error', reject);
    child.on('close', (code) => {
      for (const timer of timers) clearTimeout(timer);
      options.cancel.removeEventListener('abort', cancel);
      options.lost.removeEventListener('abort', killGroup);
      resolve(code);
    });
    // After 'close' is armed: an abort before the start must end the child as well.
    if (options.cancel.aborted) cancel();
    else options.cancel.addEventListener('abort', cancel, { once: true });
    if (options.lost.aborted) killGroup();
    else options.lost.addEventListener('abort', killGroup, { once: true });
  });
}

function byLine(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split(/\r?\n/);
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  });
  stream.on('end', () => rest !== '' && onLine(rest));
}
