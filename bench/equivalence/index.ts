import { spawn } from 'node:child_process';
import { copyFileSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../scripts/build.ts';
import type { RecordedRun } from '../../test/support/recorded-runs.ts';
import { compareRuns } from './compare.ts';
import { intendedChanges } from './intended.ts';
import { printComparison } from './print.ts';
import { renames } from './renames.ts';

/**
 * Compares the bundles of an earlier commit with those in `dist/`: every test that runs a bundle is run by the tests of
 * that commit against its own bundles, and by the tests of today against today's; the scenarios of rollout and rollback
 * are played with both. Runs of the same title are compared by exit code, outcome, output keys, release record, and
 * what was true on the target.
 *
 *   node bench/equivalence/index.ts REF [--titles FILE] [--before FOLDER] [--after FOLDER] [TEST PATTERN…]
 *
 * `--before` and `--after` name folders of runs that were recorded already; `--titles` a list of `old -> new` titles.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    before: { type: 'string', multiple: true },
    after: { type: 'string', multiple: true },
    titles: { type: 'string', multiple: true, default: [] },
  },
});
const [ref = 'HEAD', ...patterns] = positionals;
const chosen = patterns.length > 0 ? patterns : ['test/bundle/', 'test/live/'];

const folder = mkdtempSync(path.join(tmpdir(), 'slipway-equivalence-'));
try {
  const before = values.before ?? [await recordAt(ref, path.join(folder, 'before'))];
  const after = values.after ?? [await recordIn(root, path.join(folder, 'after'))];
  const titles = readTitles(values.titles);
  const allowed = { renames, intended: intendedChanges, titles };
  const comparison = compareRuns(before.flatMap(readRuns), after.flatMap(readRuns), allowed);
  printComparison(comparison);
  if (comparison.compared === 0) throw new Error('no run was compared');
  process.exitCode = comparison.differences.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Checks the commit out next to this one, and lets its tests record what they see. */
async function recordAt(commit: string, out: string): Promise<string> {
  const checkout = path.join(folder, 'checkout');
  await run(['git', 'worktree', 'add', '--detach', checkout, commit], root);
  try {
    for (const file of ['action.ts', 'recorded-runs.ts'])
      copyFileSync(path.join(root, 'test/support', file), path.join(checkout, 'test/support', file));
    return await recordIn(checkout, out, ['--earlier']);
  } finally {
    await run(['git', 'worktree', 'remove', '--force', checkout], root);
  }
}

/** The scenarios are those of today, whatever the checkout. */
async function recordIn(checkout: string, out: string, flags: readonly string[] = []): Promise<string> {
  mkdirSync(out, { recursive: true });
  const code = await run(['npm', 'test', '--', ...chosen], checkout, { SLIPWAY_RECORD_RUNS: out });
  console.error(`tests in ${checkout}: exit code ${code}`);
  const script = path.join(root, 'bench/equivalence/record.ts');
  const played = await run([process.execPath, script, '--checkout', checkout, '--out', out, ...flags], root);
  console.error(`scenarios in ${checkout}: exit code ${played}`);
  return out;
}

function run(
  argv: readonly [string, ...string[]],
  cwd: string,
  env: Record<string, string> = {},
): Promise<number | null> {
  const [program, ...args] = argv;
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 2, 2] });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code));
  });
}

function readRuns(from: string): RecordedRun[] {
  return globSync('*.jsonl', { cwd: from }).flatMap((file) =>
    readFileSync(path.join(from, file), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as RecordedRun),
  );
}

/** Lines `old title -> new title`, each with or without quotes and a reason after " - ". */
function readTitles(files: readonly string[]): Map<string, string> {
  const lines = files.flatMap((file) => readFileSync(file, 'utf8').split('\n'));
  const pairs = lines.flatMap((line) => {
    const [, from, to] = /^[-*]? ?(.+?) -> (.+?)(?: - .*)?$/.exec(line.replaceAll('"', '')) ?? [];
    return from && to ? [[from, to] as const] : [];
  });
  return new Map(pairs);
}
