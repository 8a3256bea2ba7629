import type { Readable, Writable } from 'node:stream';
import { OutsideLines } from '../outside-lines.ts';
import { OutsideText } from '../outside-text.ts';
import type { Redactor } from '../redact.ts';
import { type Argv, type RunningChild, startChild } from './child.ts';
import type { CommandResult } from './result.ts';

export interface Command {
  argv: Argv;
  cwd?: string;
  /** Added to the environment of the step. */
  env?: Record<string, string>;
  /** Given to stdin; secrets may come this way. */
  input?: string;
  /** Past it the command and what it started are ended, and the result is `timedOut`. */
  timeoutMs?: number;
  /** Ends it too, besides the cancellation of the step. */
  signal?: AbortSignal;
}

interface ExecOptions {
  /** Called with each line of stdout and stderr as it comes. */
  onLine?: (line: OutsideText) => void;
}

/**
 * Runs a command and returns how it finished.
 * @throws UserError when the program or the working folder is not found; Fault when the system cannot start it; Cancelled
 * when the signal of the step or of the command aborts.
 */
export type Exec = (command: Command, options?: ExecOptions) => Promise<CommandResult>;

/** GitHub gives a cancelled step 7.5 s in all. */
const killGraceMs = 5000;
/** A command that prints more than this is ended: a runaway child must not take the step's memory with it. */
const maxOutputBytes = 64 * 1024 * 1024;

/** The executor of a step: bound to its environment, its cancellation and its secrets. */
export function createExec(bound: {
  env: Readonly<Record<string, string>>;
  signal: AbortSignal;
  redactor: Redactor;
}): Exec {
  return async (command, { onLine } = {}) => {
    const start = performance.now();
    const child = startChild({
      argv: command.argv,
      cwd: command.cwd,
      env: { ...bound.env, ...command.env },
      stdin: command.input === undefined ? 'ignore' : 'pipe',
      stdout: 'pipe',
      drains: true,
      signal: command.signal ? AbortSignal.any([bound.signal, command.signal]) : bound.signal,
      timeoutMs: command.timeoutMs,
      killGraceMs,
    });
    const { stdin, stdout, stderr } = child.process;
    const outputs = [stdout, stderr].map((stream) => capture(stream, child, bound.redactor, onLine));
    feed(stdin, command.input);
    const exit = await child.exit;
    const [out, err] = outputs.map((finish) => finish());
    return {
      ...exit,
      ok: exit.state === 'exited' && exit.code === 0,
      stdout: OutsideText.of(out ?? '', bound.redactor),
      stderr: OutsideText.of(err ?? '', bound.redactor),
      ms: performance.now() - start,
    };
  };
}

function capture(
  stream: Readable | null,
  child: RunningChild,
  redactor: Redactor,
  onLine: ExecOptions['onLine'],
): () => Buffer {
  const lines = onLine && new OutsideLines(redactor, onLine);
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream?.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxOutputBytes) return void child.stop();
    chunks.push(chunk);
    lines?.push(chunk);
  });
  return () => {
    lines?.end();
    return Buffer.concat(chunks);
  };
}

function feed(stdin: Writable | null, input: string | undefined): void {
  // A closed pipe is explained by how the program finished.
  stdin?.on('error', () => undefined);
  stdin?.end(input);
}
