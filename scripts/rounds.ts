import { globSync } from 'node:fs';
import { constants } from 'node:os';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { formatDuration, UserError } from '@slipway/kernel';
import { root } from './build.ts';
import { countUnstopped, runJest, signalJest } from './jest.ts';
import { add, noTally, report, type Tally } from './tally.ts';
import { type Turn, takeTurns } from './turns.ts';

/** Test files that run together. */
export interface Round {
  title: string;
  /** Which test files belong to it, by their path from the root. */
  files: RegExp;
  /** How many of them run at once. */
  workers: number;
  /**
   * Starts what they need; `signal` says that nobody needs it any more.
   * @throws UserError when this machine cannot have it: the files count as skipped then.
   */
  start?: (say: (line: string) => void, signal: AbortSignal) => Promise<Parts>;
}

export interface Parts {
  /** What tests find it by. */
  env: Record<string, string>;
  stop(): Promise<void>;
}

/** Rounds one after the other. */
type Lane = readonly Round[];

let interrupted: NodeJS.Signals | undefined;
const interruption = new AbortController();

/** The pattern of names that `-t` gives, as flags for Jest, and the patterns of files. */
interface Choice {
  named: string[];
  patterns: string[];
}

/**
 * Runs the rounds' files whose path matches one of the patterns in `args`, as Jest understands them, or all, and sets
 * the exit code. `-t` picks tests by name. One step comes after the other; the lanes of a step run at once.
 */
export async function runRounds(steps: readonly (readonly Lane[])[], args: readonly string[]): Promise<void> {
  interruptible();
  try {
    const bad = await runAll(steps, choose(args));
    process.exitCode = bad ? 1 : 0;
  } catch (error) {
    if (!interrupted) console.error(`test: ${(error as Error).message}`);
    process.exitCode = 1;
  }
  if (interrupted) process.exitCode = 128 + constants.signals[interrupted];
}

function choose(args: readonly string[]): Choice {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { testNamePattern: { type: 'string', short: 't' } },
  });
  const named = values.testNamePattern === undefined ? [] : ['--testNamePattern', values.testNamePattern];
  return { named, patterns: positionals };
}

async function runAll(steps: readonly (readonly Lane[])[], choice: Choice): Promise<boolean> {
  const total = noTally();
  for (const lanes of steps) {
    const running = takeTurns(lanes.length).map((turn, index) => runLane(lanes[index] ?? [], choice, turn));
    await Promise.allSettled(running);
    for (const tally of await Promise.all(running)) add(total, tally);
  }
  return report(total, countUnstopped());
}

async function runLane(rounds: Lane, choice: Choice, turn: Turn): Promise<Tally> {
  const total = noTally();
  try {
    for (const round of rounds) {
      const files = testFiles(round, choice.patterns);
      if (files.length > 0 && !interrupted) add(total, await runRound(round, files, choice.named, turn.say));
    }
    return total;
  } finally {
    turn.end();
  }
}

function testFiles(round: Round, patterns: readonly string[]): string[] {
  const wanted = patterns.map((pattern) => new RegExp(pattern, 'i'));
  return globSync('test/**/*.test.ts', { cwd: root })
    .filter((file) => round.files.test(file))
    .filter((file) => wanted.length === 0 || wanted.some((pattern) => pattern.test(path.join(root, file))))
    .sort();
}

async function runRound(
  round: Round,
  files: readonly string[],
  named: readonly string[],
  say: Turn['say'],
): Promise<Tally> {
  say(`\n--- ${round.title} (${files.length} files)`);
  const start = performance.now();
  const flags = ['--maxWorkers', String(round.workers), ...named];
  try {
    if (!round.start) return await runJest(files, flags, {}, say);
    const parts = await round.start((line) => say(`    ${line}`), interruption.signal);
    try {
      if (interrupted) return { ...noTally(), files: files.length };
      return await runJest(files, flags, parts.env, say);
    } finally {
      await parts.stop();
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const why = [error.message, error.hint].filter(Boolean).join(' ');
    return { ...noTally(), files: files.length, skipped: files.map((file) => `${file}: ${why}`) };
  } finally {
    say(`--- ${round.title}: ${formatDuration(performance.now() - start)}`);
  }
}

/** Jest hears Ctrl-C from the terminal as well; a signal sent to this process alone is handed on once. */
function interruptible(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (!interrupted && !(signal === 'SIGINT' && process.stdin.isTTY)) signalJest(signal);
      interrupted = signal;
      interruption.abort();
    });
  }
}
