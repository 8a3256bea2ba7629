import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { gzipSync } from 'node:zlib';
import { root } from '../demo/stage.ts';
import { median, table } from './measure.ts';

const runs = 10;
const nothing = 'node -e 0';

/**
 * What every step pays before it does anything: the bundle is started with no configuration file there, so it ends at
 * its first check. Medians over runs that take turns, next to a Node that does nothing.
 */
export async function coldStart(): Promise<void> {
  const dist = path.join(root, 'dist');
  const times = measureStarts([dist]);
  const base = median(times.get(nothing) ?? []);
  const rows = [...times].map(([file, measured]) => {
    const sizes = file === nothing ? ['', ''] : sizesOf(file);
    const ms = median(measured);
    return [nameOf(file), ...sizes, ms.toFixed(0), (ms - base).toFixed(0)];
  });
  console.log(table(['bundle', 'kB', 'kB gzipped', 'ms', 'ms over node -e 0'], rows));
}

/**
 * Starts every bundle of the folders, one after the other, some rounds of it.
 * @returns milliseconds by the file of the bundle, with `node -e 0` at first. The first round is not among them.
 */
export function measureStarts(folders: readonly string[]): Map<string, number[]> {
  const files = folders.flatMap((dist) =>
    readdirSync(dist)
      .sort()
      .map((name) => path.join(dist, name, 'index.js')),
  );
  const times = new Map<string, number[]>([nothing, ...files].map((file) => [file, []]));
  const temp = mkdtempSync(path.join(tmpdir(), 'slipway-bench-'));
  try {
    for (let run = 0; run <= runs; run++) {
      for (const [file, measured] of times) {
        const took = start(file === nothing ? ['-e', '0'] : [file], temp);
        if (run > 0) measured.push(took);
      }
    }
    return times;
  } finally {
    rmSync(temp, { recursive: true, force: true });
  }
}

/** The action of a bundle. */
export function nameOf(file: string): string {
  return file === nothing ? nothing : path.basename(path.dirname(file));
}

function sizesOf(file: string): string[] {
  return [statSync(file).size, gzipSync(readFileSync(file)).length].map((bytes) => (bytes / 1000).toFixed(0));
}

function start(argv: string[], cwd: string): number {
  const before = performance.now();
  spawnSync(process.execPath, argv, {
    cwd,
    env: { PATH: process.env.PATH, RUNNER_TEMP: cwd, GITHUB_WORKSPACE: cwd },
  });
  return performance.now() - before;
}
