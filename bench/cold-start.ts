import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { gzipSync } from 'node:zlib';
import { root } from '../demo/stage.ts';
import { median, table } from './measure.ts';

const runs = 10;

/**
 * What every step pays before it does anything: the bundle is started with no configuration file there, so it ends at
 * its first check. Medians over runs that take turns, next to a Node that does nothing.
 */
export async function coldStart(): Promise<void> {
  const names = readdirSync(path.join(root, 'dist')).sort();
  const times = new Map<string, number[]>(['node -e 0', ...names].map((name) => [name, []]));
  const temp = mkdtempSync(path.join(tmpdir(), 'slipway-bench-'));
  try {
    for (let run = 0; run <= runs; run++) {
      for (const [name, measured] of times) {
        const took = start(name === 'node -e 0' ? ['-e', '0'] : [bundle(name)], temp);
        if (run > 0) measured.push(took);
      }
    }
  } finally {
    rmSync(temp, { recursive: true, force: true });
  }
  const base = median(times.get('node -e 0') ?? []);
  const rows = [...times].map(([name, measured]) => {
    const size = name === 'node -e 0' ? null : statSync(bundle(name)).size;
    const packed = size === null ? '' : kilobytes(gzipSync(readFileSync(bundle(name))).length);
    const ms = median(measured);
    return [name, size === null ? '' : kilobytes(size), packed, ms.toFixed(0), (ms - base).toFixed(0)];
  });
  console.log(table(['bundle', 'kB', 'kB gzipped', 'ms', 'ms over node -e 0'], rows));
}

function bundle(name: string): string {
  return path.join(root, 'dist', name, 'index.js');
}

function start(argv: string[], cwd: string): number {
  const before = performance.now();
  spawnSync(process.execPath, argv, {
    cwd,
    env: { PATH: process.env.PATH, RUNNER_TEMP: cwd, GITHUB_WORKSPACE: cwd },
  });
  return performance.now() - before;
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(0);
}
