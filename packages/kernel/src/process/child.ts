import { type ChildProcess, spawn } from 'node:child_process';
import { Cancelled, describeError, Fault, UserError } from '../errors.ts';
import { killAtExit, signalGroup } from './groups.ts';

/** A command line as a plain value. Secrets go into `env` or stdin, never into `argv`. */
export type Argv = readonly [program: string, ...args: string[]];

export interface ChildOptions {
  argv: Argv;
  cwd?: string | undefined;
  /** All of its environment. */
  env: Readonly<Record<string, string>>;
  stdin: 'ignore' | 'pipe';
  stdout: 'ignore' | 'pipe';
  signal: AbortSignal;
  timeoutMs?: number | undefined;
  /** Its output is read as it comes, so that a pipe that stays silent after its end may be given up on. */
  drains: boolean;
  /** Between SIGTERM and SIGKILL. */
  killGraceMs: number;
}

/** How a child process finished. */
export type ChildExit =
  | { state: 'exited'; code: number }
  | { state: 'signalled'; signal: NodeJS.Signals }
  | { state: 'timedOut' };

export interface RunningChild {
  process: ChildProcess;
  /** Settles when it has finished and its output is read. Rejects with UserError, Fault or Cancelled. */
  exit: Promise<ChildExit>;
  isRunning(): boolean;
  /** Stops it and all that it started, and waits for that. */
  stop(): Promise<void>;
}

/**
 * How long output may be silent after the end of a child before its pipe is given up on: something that it left running
 * in the background (a credential cache, a maintenance job) may hold the pipe for as long as it lives.
 */
const drainMs = 1000;

/**
 * Starts a program in its own process group. Cancellation, the deadline and `stop` end the whole group: SIGTERM
 * first, SIGKILL after `killGraceMs`. @throws Cancelled when the signal is aborted already.
 */
export function startChild(options: ChildOptions): RunningChild {
  const [program] = options.argv;
  if (options.signal.aborted) throw new Cancelled(program);
  const child = spawnGroup(options);
  const stopping = stopper(child, options.killGraceMs);
  let reason: 'cancelled' | 'timedOut' | undefined;
  const stopFor = (why: typeof reason) => (): void => {
    reason ??= why;
    stopping.begin();
  };
  const cancel = stopFor('cancelled');
  options.signal.addEventListener('abort', cancel, { once: true });
  const { timeoutMs } = options;
  const deadline = timeoutMs === undefined ? undefined : setTimeout(stopFor('timedOut'), timeoutMs);
  let running = true;
  const exit = finished(child, options)
    .then((result): ChildExit => {
      if (reason === 'cancelled') throw new Cancelled(program);
      return reason === 'timedOut' ? { state: 'timedOut' } : result;
    })
    .finally(() => {
      running = false;
      clearTimeout(deadline);
      options.signal.removeEventListener('abort', cancel);
      stopping.end();
    });
  exit.catch(() => undefined);
  return {
    process: child,
    exit,
    isRunning: () => running,
    async stop() {
      if (running) stopping.begin();
      child.stdout?.destroy();
      await exit.catch(() => undefined);
    },
  };
}

function spawnGroup({ argv, cwd, env, stdin, stdout }: ChildOptions): ChildProcess {
  const [program, ...args] = argv;
  try {
    return spawn(program, args, {
      cwd: cwd ?? process.cwd(),
      env: { ...env },
      detached: true,
      stdio: [stdin, stdout, 'pipe'],
    });
  } catch (cause) {
    throw notStarted(program, cwd, cause);
  }
}

function finished(child: ChildProcess, { argv, cwd, drains }: ChildOptions): Promise<ChildExit> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => {
      // Also reported when a signal could not be sent; the child itself is then still to finish.
      if (child.pid === undefined) reject(notStarted(argv[0], cwd, cause));
    });
    child.once('exit', (code, signal) => {
      const result: ChildExit =
        code === null ? { state: 'signalled', signal: signal ?? 'SIGKILL' } : { state: 'exited', code };
      const giveUp = drains ? onSilence(child, () => resolve(result)) : undefined;
      child.once('close', () => {
        clearTimeout(giveUp);
        resolve(result);
      });
    });
  });
}

/** Calls back when nothing was read from the child's output for a while. */
function onSilence(child: ChildProcess, callback: () => void): NodeJS.Timeout {
  const timer = setTimeout(callback, drainMs);
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', () => timer.refresh());
  return timer;
}

function stopper(child: ChildProcess, killGraceMs: number): { begin(): void; end(): void } {
  const forget = killAtExit(child);
  let kill: NodeJS.Timeout | undefined;
  return {
    begin() {
      if (kill) return;
      signalGroup(child, 'SIGTERM');
      kill = setTimeout(() => signalGroup(child, 'SIGKILL'), killGraceMs);
    },
    end() {
      forget();
      clearTimeout(kill);
      // What the child started and did not take with it.
      if (kill) signalGroup(child, 'SIGKILL');
    },
  };
}

function notStarted(program: string, cwd: string | undefined, cause: unknown): Error {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT') {
    return new UserError(`cannot run ${program}: not found${cwd ? ` (working folder ${cwd})` : ''}`, {
      hint: `Install ${program} on the runner, where its PATH finds it.`,
      cause,
    });
  }
  if (code === 'EACCES') return new UserError(`${program} is not executable`, { cause });
  return new Fault(`cannot run ${program}: ${code ?? describeError(cause)}`, { cause });
}
