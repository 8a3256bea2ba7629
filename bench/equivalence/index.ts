import { spawn } from 'node:child_process';
import { copyFileSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../scripts/build.ts';
import type { RecordedRun } from '../../test/support/recorded-runs.ts';
import { table } from '../measure.ts';
import { type Comparison, compareRuns } from './compare.ts';
import { renames } from './renames.ts';

/**
 * Compares the bundles of an earlier commit with those in `dist/`: every test that runs a bundle is run by the tests of
 * that commit against its own bundles, and by the tests of today against today's; runs of tests of the same title are
 * compared by exit code, outcome, output keys and release record.
 *
 *   node bench/equivalence/index.ts REF [--titles FILE] [--before FOLDER] [--after FOLDER] [TEST PATTERN…]
 *
 * `--before` and `--after` name folders of runs that were recorded already; `--titles` a list of `old -> new` titles.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    before: { type: 'string' },
    after: { type: 'string' },
    titles: { type: 'string', multiple: true, default: [] },
  },
});
const [ref = 'HEAD', ...patterns] = positionals;
const chosen = patterns.length > 0 ? patterns : ['test/bundle/', 'test/live/'];

const folder = mkdtempSync(path.join(tmpdir(), 'slipway-equivalence-'));
try {
  const before = values.before ?? (await recordAt(ref, path.join(folder, 'before')));
  const after = values.after ?? (await recordIn(root, path.join(folder, 'after')));
  const comparison = compareRuns(readRuns(before), readRuns(after), renames, readTitles(values.titles));
  print(comparison);
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
    return await recordIn(checkout, out);
  } finally {
    await run(['git', 'worktree', 'remove', '--force', checkout], root);
  }
}

async function recordIn(checkout: string, out: string): Promise<string> {
  mkdirSync(out, { recursive: true });
  const code = await run(['npm', 'test', '--', ...chosen], checkout, { SLIPWAY_RECORD_RUNS: out });
  console.error(`tests in ${checkout}: exit code ${code}`);
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

function print({ compared, byAction, differences, onlyBefore, onlyAfter }: Comparison): void {
  const counts = [...byAction].map(([action, count]) => `${action} ${count}`).sort();
  console.log(`${compared} runs of bundles compared (${counts.join(', ')})\n`);
  const rows = differences.map((one) => [
    `${one.test} (${one.action} ${one.step})`,
    one.what,
    one.before,
    one.after,
  ]);
  console.log(rows.length === 0 ? 'No difference.' : table(['Run', 'What', 'Before', 'After'], rows));
  for (const [title, runs] of [
    ['before', onlyBefore],
    ['after', onlyAfter],
  ] as const)
    if (runs.length > 0)
      console.log(`\nOnly ${title} (${runs.length}):\n${runs.map((one) => `- ${one}`).join('\n')}`);
}
