import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './action.ts';
import type { StoreJob } from './store-writer.ts';

/** Runs each job in a separate process, all at the same moment. @returns what each printed; null when it was killed. */
export async function runWriters(jobs: readonly StoreJob[]): Promise<(string | null)[]> {
  const writers = await Promise.all(jobs.map(startWriter));
  for (const { start } of writers) start();
  return Promise.all(writers.map(({ result }) => result));
}

/** Starts a process and waits until it has loaded everything. */
async function startWriter(job: StoreJob): Promise<{ start(): void; result: Promise<string | null> }> {
  const program = path.join(root, 'test/support/store-writer.ts');
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', program, JSON.stringify(job)],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const exited = once(child, 'exit');
  const lines = createInterface(child.stdout);
  const said: string[] = [];
  lines.on('line', (line) => said.push(line));
  await Promise.race([once(lines, 'line'), exited]);
  if (said[0] !== 'ready') throw new Error('a writer did not start');
  child.stdin.on('error', () => undefined);
  const result = exited.then(async ([, signal]) => {
    return signal === null ? (said[1] ?? '') : null;
  });
  return { start: () => child.stdin.end('go\n'), result };
}
