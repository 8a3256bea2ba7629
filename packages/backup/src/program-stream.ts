import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Cancelled, UserError } from '@slipway/kernel';

/** A program whose input or output is too large to be held. No secret is in `argv`. */
export interface StreamedCommand {
  argv: readonly [program: string, ...args: string[]];
  /** All of its environment. */
  env: Readonly<Record<string, string>>;
  signal: AbortSignal;
}

/** The program ran and did not succeed. */
export class ProgramFailure extends Error {
  override readonly name = 'ProgramFailure';
  /** Which one it was. */
  readonly argv: readonly string[];
  /** The end of what it wrote to stderr. */
  readonly said: string;

  constructor(argv: readonly [string, ...string[]], how: string, said: string) {
    super(`${argv[0].split('/').at(-1)} ${how}: ${said || 'without a word'}`);
    this.argv = argv;
    this.said = said;
  }
}

/** Milliseconds between the polite signal and the last one. */
const killAfter = 3000;
const mostWords = 4000;
const mostLines = 3;

/**
 * What a program writes to stdout, as it comes. Ends well only when the program did; whoever stops reading ends it.
 * @throws ProgramFailure; UserError when there is no such program; Cancelled.
 */
export async function* readFrom(command: StreamedCommand): AsyncGenerator<Buffer> {
  const running = start(command, ['ignore', 'pipe', 'pipe']);
  try {
    for await (const chunk of running.child.stdout ?? []) yield chunk as Buffer;
    await running.succeed();
  } finally {
    await running.end();
  }
}

/**
 * Gives a program its stdin and waits for it. A program that ends well before it has read everything (an archive may
 * have a tail that it needs not) has read enough; the rest of `content` is still taken in, so that it can be checked.
 * @throws what `content` throws, before anything that the program says about its input being cut; ProgramFailure …
 */
export async function writeTo(command: StreamedCommand, content: AsyncIterable<Buffer>): Promise<void> {
  const running = start(command, ['pipe', 'ignore', 'pipe']);
  const { child } = running;
  const stdin = child.stdin as NonNullable<typeof child.stdin>;
  // A closed pipe is explained by how the program ended.
  stdin.on('error', () => undefined);
  try {
    for await (const chunk of content) {
      if (running.ended()) {
        await running.succeed();
        continue;
      }
      if (!stdin.write(chunk))
        await Promise.race([once(stdin, 'drain').catch(() => undefined), running.over]);
    }
    stdin.end();
    await running.succeed();
  } finally {
    await running.end();
  }
}

interface Running {
  child: ChildProcess;
  /** Fulfilled when it has ended, in whatever way. */
  over: Promise<void>;
  ended(): boolean;
  /** @throws when it did not end well. */
  succeed(): Promise<void>;
  /** Ends it when it still runs, and waits for that. */
  end(): Promise<void>;
}

function start(command: StreamedCommand, stdio: ('ignore' | 'pipe')[]): Running {
  const [program, ...args] = command.argv;
  if (command.signal.aborted) throw new Cancelled(program);
  const child = spawn(program, args, { env: { ...command.env }, stdio });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-mostWords);
  });
  let failure: Error | null | undefined;
  const over = new Promise<void>((resolve) => {
    const settle = (how: Error | null): void => {
      failure ??= how;
      resolve();
    };
    child.once('error', (error) => settle(notStarted(program, error)));
    child.once('close', (code, signal) => {
      const lines = said.trim().split('\n').slice(-mostLines).join('\n');
      const how = code === null ? `was ended by ${signal}` : `exited ${code}`;
      settle(code === 0 ? null : new ProgramFailure(command.argv, how, lines));
    });
  });
  const kill = killer(child);
  command.signal.addEventListener('abort', kill, { once: true });
  return {
    child,
    over,
    ended: () => failure !== undefined,
    async succeed() {
      await over;
      if (command.signal.aborted) throw new Cancelled(program);
      if (failure) throw failure;
    },
    async end() {
      command.signal.removeEventListener('abort', kill);
      if (failure === undefined) kill();
      child.stdout?.destroy();
      await over;
    },
  };
}

function killer(child: ChildProcess): () => void {
  return () => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), killAfter);
    timer.unref();
    child.once('close', () => clearTimeout(timer));
  };
}

function notStarted(program: string, cause: Error): UserError {
  return new UserError(`cannot run ${program}: ${(cause as NodeJS.ErrnoException).code ?? cause.message}`, {
    cause,
    hint: `Install ${program.split('/').at(-1)} on the runner.`,
  });
}
