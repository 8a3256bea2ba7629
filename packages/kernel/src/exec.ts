import { Cancelled, Fault, UserError } from './errors.ts';

/** A command line as a plain value. Secrets go into `env` or `input`, never into `argv`. */
export interface Command {
  argv: readonly [program: string, ...args: string[]];
  cwd?: string;
  /** Added to the environment of the step. */
  env?: Record<string, string>;
  input?: string;
  /** Milliseconds; past it the child is ended and the command counts as failed (`timedOut`). */
  timeout?: number;
}

/** How a command ended. A code other than 0 is a value that the caller must look at, not an exception. */
export interface Completed {
  /** null when a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
  timedOut: boolean;
  ms: number;
}

export interface ExecOptions {
  /** Called with each line of stdout and stderr as it comes. */
  onLine?: (line: string) => void;
}

/**
 * Runs a command and returns how it ended.
 * @throws UserError when the program or the working folder is not there; Cancelled when the step's signal aborts.
 */
export type Exec = (command: Command, options?: ExecOptions) => Promise<Completed>;

/** After the polite signal a child gets this long before it is killed; GitHub gives the step 7.5 s in all. */
const killAfter = 5000;
/** More than this of output is cut: a runaway child must not take the step's memory with it. */
const mostOutput = 64 * 1024 * 1024;

/** The real thing, bound to a step's environment and its cancellation. What runs programs is loaded by the first of them. */
export function createExec(bound: { env: Record<string, string>; signal: AbortSignal }): Exec {
  return async (command, options = {}) => {
    const [program, ...args] = command.argv;
    if (bound.signal.aborted) throw new Cancelled(program);
    const { execa } = await import('execa');
    const child = execa(program, args, {
      cwd: command.cwd ?? process.cwd(),
      env: { ...bound.env, ...command.env },
      extendEnv: false,
      ...(command.input === undefined ? { stdin: 'ignore' as const } : { input: command.input }),
      ...(command.timeout === undefined ? {} : { timeout: command.timeout }),
      cancelSignal: bound.signal,
      forceKillAfterDelay: killAfter,
      maxBuffer: mostOutput,
      stripFinalNewline: false,
      reject: false,
    });
    if (options.onLine)
      for (const stream of [child.stdout, child.stderr]) forwardLines(stream, options.onLine);
    const result = await child;
    if (result.isCanceled) throw new Cancelled(program);
    if (result.code === 'ENOENT') throw notFound(program, command.cwd);
    if (result.code === 'EACCES')
      throw new UserError(`${program} is not executable`, { cause: result.cause });
    return {
      code: result.exitCode ?? null,
      stdout: result.stdout ?? '',
      stderr: result.stderr ?? '',
      timedOut: result.timedOut,
      ms: result.durationMs,
    };
  };
}

function forwardLines(stream: NodeJS.ReadableStream | null, onLine: (line: string) => void): void {
  let rest = '';
  stream?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split(/\r?\n/);
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  });
  stream?.on('end', () => rest !== '' && onLine(rest));
}

function notFound(program: string, cwd: string | undefined): UserError {
  return new UserError(`cannot run ${program}: not found${cwd ? ` (working folder ${cwd})` : ''}`, {
    hint: `Install ${program} on the runner, where its PATH finds it.`,
  });
}

/** The last lines of what a failed command said, for the message that explains it. */
export function lastLines(completed: Pick<Completed, 'stdout' | 'stderr'>, count = 8): string {
  const text = completed.stderr.trim() || completed.stdout.trim();
  return text.split(/\r?\n/).slice(-count).join('\n');
}

/** stdout of a command that must succeed. @throws Fault that says what was being done and how the command ended. */
export function expectSuccess(completed: Completed, doing: string, hint?: string): string {
  if (completed.code === 0) return completed.stdout;
  const how = completed.timedOut ? 'timed out' : `exited ${completed.code ?? 'by a signal'}`;
  const said = lastLines(completed);
  throw new Fault(`cannot ${doing}: the command ${how}${said ? `: ${said}` : ', without a word'}`, {
    ...(hint === undefined ? {} : { hint }),
  });
}
