import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { formatDuration, UserError } from '@slipway/kernel';
import { root } from './build.ts';

/**
 * Tests that start servers run one file after the other: several engines and databases at once on a small machine
 * make each other miss their deadlines. The rest runs side by side.
 */
const needsServers = /^test\/(live|workflow|cluster)\//;
const rounds = [
  { title: 'unit, contract, bundle', alone: false, workers: 2 },
  { title: 'live, workflow', alone: true, workers: 1 },
];
type Round = (typeof rounds)[number];

interface JestReport {
  numPassedTests: number;
  numFailedTests: number;
  numFailedTestSuites: number;
  numTotalTestSuites: number;
  testResults: {
    name: string;
    status: string;
    assertionResults: { status: string; fullName: string; ancestorTitles: string[]; title: string }[];
  }[];
}

interface Tally {
  passed: number;
  failed: number;
  skipped: string[];
  files: number;
}

let running: ChildProcess | undefined;
let interrupted: NodeJS.Signals | undefined;
/** Rounds that had to be ended, because a test did not stop what it had started. */
let leftovers = 0;

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { testNamePattern: { type: 'string', short: 't' } },
  });
  const named = values.testNamePattern === undefined ? [] : ['--testNamePattern', values.testNamePattern];
  const total: Tally = { passed: 0, failed: 0, skipped: [], files: 0 };
  for (const round of rounds) {
    const files = testFiles(round.alone, positionals);
    if (files.length > 0 && !interrupted) add(total, await runRound(round, files, named));
  }
  report(total);
}

/** Test files of a round whose path matches one of the patterns, as Jest understands them. */
function testFiles(alone: boolean, patterns: readonly string[]): string[] {
  const wanted = patterns.map((pattern) => new RegExp(pattern, 'i'));
  return globSync('test/**/*.test.ts', { cwd: root })
    .filter((file) => needsServers.test(file) === alone)
    .filter((file) => wanted.length === 0 || wanted.some((pattern) => pattern.test(path.join(root, file))))
    .sort();
}

async function runRound(round: Round, files: readonly string[], named: readonly string[]): Promise<Tally> {
  console.log(`\n--- ${round.title} (${files.length} files)`);
  const start = performance.now();
  try {
    if (!round.alone) return await runJest(round, files, named, {});
    const engine = await startParts();
    try {
      return await runJest(round, files, named, engine.env);
    } finally {
      await engine.stop();
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const why = [error.message, error.hint].filter(Boolean).join(' ');
    return { passed: 0, failed: 0, files: files.length, skipped: files.map((file) => `${file}: ${why}`) };
  } finally {
    console.log(`--- ${round.title}: ${formatDuration(performance.now() - start)}`);
  }
}

/** Installs what is missing, once for all, and sees to a container engine. @throws UserError when this machine cannot have it. */
async function startParts(): Promise<{ env: Record<string, string>; stop(): Promise<void> }> {
  const { provision, startEngine } = await import('@slipway/real-parts');
  const say = (line: string): void => console.log(`    ${line}`);
  await provision(
    ['engine', 'compose', 'buildx', 'registry', 'postgres', 'prometheus', 'nginx', 'chromium'],
    say,
  );
  return startEngine(say);
}

async function runJest(
  round: Round,
  files: readonly string[],
  named: readonly string[],
  env: Record<string, string>,
): Promise<Tally> {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-test-'));
  // Everything temporary goes in here and is removed with it. Servers that run as another user must get through.
  chmodSync(folder, 0o755);
  const file = path.join(folder, 'report.json');
  const code = await jest(
    [
      '--maxWorkers',
      String(round.workers),
      '--json',
      '--outputFile',
      file,
      ...named,
      '--runTestsByPath',
      ...files,
    ],
    { ...env, TMPDIR: folder },
  );
  const report = readReport(file);
  rmSync(folder, { recursive: true, force: true });
  if (!report) throw new Error(`Jest ended without a report (exit code ${code})`);
  return tally(report);
}

function jest(args: readonly string[], env: Record<string, string>): Promise<number | null> {
  const program = path.join(root, 'node_modules/jest/bin/jest.js');
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  running = spawn(process.execPath, [...flags, program, ...args], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      ...(process.stderr.isTTY ? { FORCE_COLOR: '1' } : {}),
      ...env,
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} ${flags.join(' ')}`.trim(),
    },
  });
  if (running.stderr) createInterface(running.stderr).on('line', jestSaid);
  return new Promise((resolve, reject) => {
    running?.on('error', reject);
    running?.on('close', (code) => resolve(code));
  });
}

/** About packages of others that import JSON in the old way; nothing that anybody here could change. */
const noise = /^Jest: importing JSON without an import attribute is deprecated/;
/** Milliseconds for what tests left behind to end by itself. */
const patience = 10_000;

function jestSaid(line: string): void {
  if (noise.test(line)) return;
  process.stderr.write(`${line}\n`);
  if (!line.startsWith('Jest did not exit')) return;
  const lingering = running;
  setTimeout(() => {
    if (lingering?.kill('SIGTERM')) leftovers += 1;
  }, patience).unref();
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
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((one) => one.status !== 'failed'),
  );
  const skipped = report.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status !== 'passed' && status !== 'failed')
      .map(({ fullName, status }) => `${path.relative(root, name)}: ${fullName} (${status})`),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded.length,
    skipped,
    files: report.numTotalTestSuites,
  };
}

function add(total: Tally, more: Tally): void {
  total.passed += more.passed;
  total.failed += more.failed;
  total.files += more.files;
  total.skipped.push(...more.skipped);
}

/** In CI a skipped test is a failure: what was not run has proven nothing. */
function report(total: Tally): void {
  const strict = process.env.CI === 'true';
  if (total.skipped.length > 0) {
    console.log(`\nSkipped${strict ? ' (a failure in CI)' : ''}:`);
    for (const line of total.skipped) console.log(`  ${line}`);
  }
  if (total.files === 0) console.log('\nNo test file matches.');
  if (leftovers > 0) console.log('\nA test left something running, which counts as a failure.');
  total.failed += leftovers;
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped.length} skipped`);
  const bad = total.failed > 0 || total.passed === 0 || (strict && total.skipped.length > 0);
  process.exitCode = interrupted ? 128 + constants.signals[interrupted] : bad ? 1 : 0;
}

/** Jest hears Ctrl-C from the terminal as well; a signal sent to this process alone is handed on once. */
function interruptible(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (!interrupted && !(signal === 'SIGINT' && process.stdin.isTTY)) running?.kill(signal);
      interrupted = signal;
    });
  }
}

interruptible();
await main(process.argv.slice(2)).catch((error: Error) => {
  if (!interrupted) console.error(`test: ${error.message}`);
  process.exitCode = interrupted ? 128 + constants.signals[interrupted] : 1;
});
