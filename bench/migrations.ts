import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { type Postgres, provision, startPostgres } from '@slipway/test-services';
import { startTcpProxy } from '../test/support/tcp-proxy.ts';
import { median, table } from './measure.ts';
import { type Migrator, migrators, nodeWithPg } from './migrators.ts';

const runs = 5;

/**
 * What migrating costs next to the tools of the npm registry: 500 files that do nothing, the first time and again, and
 * 100 pending ones over a line with 20 ms round trip. Whole processes, from start to exit; medians over runs in which
 * the tools take turns; the last row is the floor of Node. And how long 5,000 applied files take to be looked through.
 */
export async function migrations(): Promise<void> {
  await provision(['postgres'], (line) => console.error(line));
  const postgres = await startPostgres();
  try {
    console.log('500 files that do nothing, ms\n');
    await compare(postgres, { files: 500, delay: 0 });
    console.log('\n100 files over a line with 20 ms round trip, ms\n');
    await compare(postgres, { files: 100, delay: 10 });
    console.log('\n5,000 files that are applied, ms\n');
    await compare(postgres, { files: 5000, delay: 0, only: ['slipway'] });
  } finally {
    await postgres.stop();
  }
}

interface Suite {
  files: number;
  /** Milliseconds each way. */
  delay: number;
  only?: string[];
}

async function compare(postgres: Postgres, suite: Suite): Promise<void> {
  const proxy = suite.delay > 0 ? await startTcpProxy(postgres, suite.delay) : undefined;
  const chosen = [...migrators(postgres.binDir), nodeWithPg].filter(
    ({ name }) => suite.only?.includes(name) ?? true,
  );
  const times = new Map(chosen.map(({ name }) => [name, { first: [] as number[], again: [] as number[] }]));
  for (let run = 0; run < (suite.only ? 3 : runs); run++) {
    for (const migrator of chosen) {
      const database = `bench_${migrator.name.replace(/\W+/g, '_')}_${suite.files}_${suite.delay}_${run}`;
      await postgres.createDatabase(database);
      const direct = postgres.url(database);
      const url = proxy?.through(direct) ?? direct;
      const folder = mkdtempSync(path.join(tmpdir(), 'slipway-bench-'));
      try {
        writeFiles(migrator, folder, suite.files);
        times.get(migrator.name)?.first.push(await measure(migrator, folder, url));
        times.get(migrator.name)?.again.push(await measure(migrator, folder, url));
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
  }
  await proxy?.stop();
  const rows = [...times].map(([name, { first, again }]) => [
    name,
    median(first).toFixed(0),
    median(again).toFixed(0),
  ]);
  console.log(table(['tool', 'first run', 'again'], rows));
}

function writeFiles(migrator: Migrator, folder: string, count: number): void {
  migrator.prepare?.(folder);
  for (let index = 1; index <= count; index++) {
    const { file, text } = migrator.file(index, 'SELECT 1;');
    const full = path.join(folder, file);
    mkdirSync(path.dirname(full), { recursive: true });
    writeFileSync(full, text);
  }
}

async function measure(migrator: Migrator, folder: string, url: string): Promise<number> {
  const { argv, env } = migrator.command(folder, url);
  const [program = '', ...args] = argv;
  const begun = performance.now();
  const child = spawn(program, args, {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, RUNNER_TEMP: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const [code] = await once(child, 'close');
  const ms = performance.now() - begun;
  if (code !== 0) throw new Error(`${migrator.name} failed:\n${said}`);
  return ms;
}
