import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { root } from './build.ts';
import { noTally, type Tally } from './tally.ts';

interface JestReport {
  numPassedTests: number;
  numTotalTestSuites: number;
  testResults: {
    name: string;
    status: string;
    /** All failures of the file, or why it did not load. */
    message: string;
    assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
  }[];
}

const running = new Set<ChildProcess>();
/** Rounds that had to be ended, because a test did not stop what it had started. */
let unstopped = 0;

/** How often a test left something running. */
export function countUnstopped(): number {
  return unstopped;
}

/** Passes a signal on to every Jest that runs now. */
export function signalJest(signal: NodeJS.Signals): void {
  for (const child of running) child.kill(signal);
}

/** Runs test files with Jest, says its lines, and counts what came out. @throws Error when Jest ends without a report. */
export async function runJest(
  files: readonly string[],
  flags: readonly string[],
  env: Record<string, string>,
  say: (line: string) => void,
): Promise<Tally> {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-test-'));
  // Everything temporary goes in here and is removed with it. Servers that run as another user must get through.
  chmodSync(folder, 0o755);
  const file = path.join(folder, 'report.json');
  const argv = ['--json', '--outputFile', file, ...flags, '--runTestsByPath', ...files];
  const code = await jest(argv, { ...env, TMPDIR: folder }, say);
  const report = readReport(file);
  rmSync(folder, { recursive: true, force: true });
  if (!report) throw new Error(`Jest exited without a report (exit code ${code})`);
  return tally(report);
}

async function jest(
  args: readonly string[],
  env: Record<string, string>,
  say: (line: string) => void,
): Promise<number | null> {
  const program = path.join(root, 'node_modules/jest/bin/jest.js');
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...flags, program, ...args], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}),
      ...env,
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} ${flags.join(' ')}`.trim(),
    },
  });
  createInterface(child.stderr).on('line', (line) => jestSaid(child, line, say));
  running.add(child);
  try {
    return await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  } finally {
    running.delete(child);
  }
}

/** About packages of others that import JSON in the old way; nothing that anybody here could change. */
const noise = /^Jest: importing JSON without an import attribute is deprecated/;
/** For what tests did not stop to exit on its own. */
const exitGraceMs = 10_000;

function jestSaid(child: ChildProcess, line: string, say: (line: string) => void): void {
  if (noise.test(line)) return;
  say(line);
  if (!line.startsWith('Jest did not exit')) return;
  setTimeout(() => {
    if (child.kill('SIGTERM')) unstopped += 1;
  }, exitGraceMs).unref();
}

function readReport(file: string): JestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as JestReport;
  } catch {
    return undefined;
  }
}

/** A file that does not even load has no tests; it counts as one failure. */
function tally(report: JestReport): Tally {
  const total: Tally = { ...noTally(), passed: report.numPassedTests, files: report.numTotalTestSuites };
  for (const { name, status, message, assertionResults } of report.testResults) {
    const file = path.relative(root, name);
    for (const one of assertionResults) {
      const title = `${file}: ${one.fullName}`;
      if (one.status === 'failed')
        total.failed.push(`${title}\n${firstLines(one.failureMessages.join('\n'))}`);
      else if (one.status !== 'passed') total.skipped.push(`${title} (${one.status})`);
    }
    if (status === 'failed' && assertionResults.every((one) => one.status !== 'failed'))
      total.failed.push(`${file}\n${firstLines(message)}`);
  }
  return total;
}

const shownLines = 20;

function firstLines(message: string): string {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s+at /.test(line));
  return lines.slice(0, shownLines).join('\n');
}
