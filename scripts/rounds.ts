import { globSync } from 'node:fs';
import { constants } from 'node:os';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { formatDuration, UserError } from '@slipway/kernel';
import { root } from './build.ts';
import { countUnstopped, runJest, signalJest } from './jest.ts';
import { add, report, type Tally } from './tally.ts';

/** Test files that run together. */
export interface Round {
  title: string;
  /** Which test files belong to it, by their path from the root. */
  files: RegExp;
  /** How many of them run at once. */
  workers: number;
  /** Starts what they need. @throws UserError when this machine cannot have it: the files count as skipped then. */
  start?: (say: (line: string) => void) => Promise<Parts>;
}

export interface Parts {
  /** What tests find it by. */
  env: Record<string, string>;
  stop(): Promise<void>;
}

let interrupted: NodeJS.Signals | undefined;

/**
 * Runs the rounds' files whose path matches one of the patterns in `args`, as Jest understands them, or all, and sets
 * the exit code. `-t` picks tests by name.
 */
export async function runRounds(rounds: readonly Round[], args: readonly string[]): Promise<void> {
  interruptible();
  try {
    const bad = await runAll(rounds, args);
    process.exitCode = bad ? 1 : 0;
  } catch (error) {
    if (!interrupted) console.error(`test: ${(error as Error).message}`);
    process.exitCode = 1;
  }
  if (interrupted) process.exitCode = 128 + constants.signals[interrupted];
}

async function runAll(rounds: readonly Round[], args: readonly string[]): Promise<boolean> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { testNamePattern: { type: 'string', short: 't' } },
  });
  const named = values.testNamePattern === undefined ? [] : ['--testNamePattern', values.testNamePattern];
  const total: Tally = { passed: 0, failed: 0, skipped: [], files: 0 };
  for (const round of rounds) {
    const files = testFiles(round, positionals);
    if (files.length > 0 && !interrupted) add(total, await runRound(round, files, named));
  }
  return report(total, countUnstopped());
}

function testFiles(round: Round, patterns: readonly string[]): string[] {
  const wanted = patterns.map((pattern) => new RegExp(pattern, 'i'));
  return globSync('test/**/*.test.ts', { cwd: root })
    .filter((file) => round.files.test(file))
    .filter((file) => wanted.length === 0 || wanted.some((pattern) => pattern.test(path.join(root, file))))
    .sort();
}

async function runRound(round: Round, files: readonly string[], named: readonly string[]): Promise<Tally> {
  console.log(`\n--- ${round.title} (${files.length} files)`);
  const start = performance.now();
  const flags = ['--maxWorkers', String(round.workers), ...named];
  try {
    if (!round.start) return await runJest(files, flags, {});
    const parts = await round.start((line) => console.log(`    ${line}`));
    try {
      if (interrupted) return { passed: 0, failed: 0, files: files.length, skipped: [] };
      return await runJest(files, flags, parts.env);
    } finally {
      await parts.stop();
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const why = [error.message, error.hint].filter(Boolean).join(' ');
    return { passed: 0, failed: 0, files: files.length, skipped: files.map((file) => `${file}: ${why}`) };
  } finally {
    console.log(`--- ${round.title}: ${formatDuration(performance.now() - start)}`);
  }
}

/** Jest hears Ctrl-C from the terminal as well; a signal sent to this process alone is handed on once. */
function interruptible(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (!interrupted && !(signal === 'SIGINT' && process.stdin.isTTY)) signalJest(signal);
      interrupted = signal;
    });
  }
}
