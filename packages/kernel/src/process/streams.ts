import { once } from 'node:events';
import { OutsideText } from '../outside-text.ts';
import type { Redactor } from '../redact.ts';
import { type Argv, type RunningChild, startChild } from './child.ts';
import { describeExit } from './result.ts';

/** A program whose input or output is too large to be held. No secret is in `argv`. */
export interface StreamedCommand {
  argv: Argv;
  /** All of its environment. */
  env: Readonly<Record<string, string>>;
  signal: AbortSignal;
  redactor: Redactor;
}

/** The program ran and did not succeed. */
export class ProgramFailure extends Error {
  override readonly name = 'ProgramFailure';
  readonly argv: readonly string[];
  /** The end of what it wrote to stderr. */
  readonly stderr: OutsideText;
  /** The last lines of it. */
  readonly details: readonly OutsideText[];

  constructor(argv: Argv, how: string, stderr: OutsideText) {
    const lines = stderr.tail(maxLines);
    super(`${argv[0].split('/').at(-1)} ${how}: ${lines.join('\n') || '(no output)'}`);
    this.argv = argv;
    this.stderr = stderr;
    this.details = lines;
  }
}

const killGraceMs = 3000;
const maxStderrBytes = 64 * 1024;
const maxLines = 3;

/**
 * What a program writes to stdout, as it comes. Completes only when the program succeeded; whoever stops reading ends it.
 * @throws ProgramFailure; UserError when the program is not found; Cancelled.
 */
export async function* readFrom(command: StreamedCommand): AsyncGenerator<Buffer> {
  const child = startStreamed(command, { stdin: 'ignore', stdout: 'pipe' });
  try {
    for await (const chunk of child.process.stdout ?? []) yield chunk as Buffer;
    await child.succeed();
  } finally {
    await child.stop();
  }
}

/**
 * Gives a program its stdin and waits for it. A program that succeeds before it has read everything (an archive may have
 * a tail that it does not need) has read enough; the rest of `content` is still taken in, so that it can be checked.
 * @throws what `content` throws, before anything that the program says about its input being cut; ProgramFailure …
 */
export async function writeTo(command: StreamedCommand, content: AsyncIterable<Buffer>): Promise<void> {
  const child = startStreamed(command, { stdin: 'pipe', stdout: 'ignore' });
  const { stdin } = child.process;
  // A closed pipe is explained by how the program finished.
  stdin?.on('error', () => undefined);
  const over = child.exit.catch(() => undefined);
  try {
    for await (const chunk of content) {
      if (!child.isRunning()) {
        await child.succeed();
        continue;
      }
      if (stdin && !stdin.write(chunk))
        await Promise.race([once(stdin, 'drain').catch(() => undefined), over]);
    }
    stdin?.end();
    await child.succeed();
  } finally {
    await child.stop();
  }
}

interface StreamedChild extends RunningChild {
  /** @throws when it did not exit 0. */
  succeed(): Promise<void>;
}

function startStreamed(
  { argv, env, signal, redactor }: StreamedCommand,
  stdio: { stdin: 'ignore' | 'pipe'; stdout: 'ignore' | 'pipe' },
): StreamedChild {
  const child = startChild({ argv, env, signal, ...stdio, drains: stdio.stdout === 'ignore', killGraceMs });
  let stderr = Buffer.alloc(0);
  child.process.stderr?.on('data', (chunk: Buffer) => {
    stderr = Buffer.concat([stderr, chunk]).subarray(-maxStderrBytes);
  });
  return {
    ...child,
    async succeed() {
      const exit = await child.exit;
      if (exit.state === 'exited' && exit.code === 0) return;
      throw new ProgramFailure(argv, describeExit(exit), OutsideText.of(wholeLines(stderr), redactor));
    },
  };
}

/** Without the part of a line, perhaps of a secret, at which the beginning was cut off. */
function wholeLines(stderr: Buffer): Buffer {
  if (stderr.length < maxStderrBytes) return stderr;
  const end = stderr.indexOf('\n');
  return end < 0 ? Buffer.alloc(0) : stderr.subarray(end + 1);
}
