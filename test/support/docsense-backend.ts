import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach } from '@jest/globals';
import type { Postgres } from '@slipway/test-services';
import { type DocsenseDatabase, EXAMPLE, takeDatabase } from './docsense.ts';
import { postgresForAll } from './postgres.ts';

/** its own database for one test, and as many backends on it as the test starts; they end with it. */
export interface BackendFixture {
  database: DocsenseDatabase;
  /** Runs the backend that is in a folder. */
  run(folder: string, extra?: Record<string, string>): ChildProcess;
  /** Starts it on a port of its own choice and answers with its address, read from its log. */
  start(folder?: string): Promise<{ child: ChildProcess; url: string }>;
}

/** @param take Called with the fixture before each test. */
export function backendEach(take: (fixture: BackendFixture) => void): void {
  const started: ChildProcess[] = [];
  let postgres: Postgres;
  let database: DocsenseDatabase;
  postgresForAll((started) => {
    postgres = started;
  });
  beforeEach(async () => {
    database = await takeDatabase(postgres);
    const run: BackendFixture['run'] = (folder, extra = {}) => {
      const env = { ...database.env, PORT: '0', ...extra };
      const child = spawn(process.execPath, ['src/main.js'], { cwd: folder, env });
      started.push(child);
      return child;
    };
    take({ database, run, start: (folder = join(EXAMPLE, 'backend')) => listening(run(folder)) });
  });
  afterEach(async () => {
    for (const child of started.splice(0)) {
      if (child.exitCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await database?.pool.end();
  });
}

async function listening(child: ChildProcess): Promise<{ child: ChildProcess; url: string }> {
  child.stderr?.pipe(process.stderr);
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const entry = JSON.parse(line);
    if (entry.message !== 'listening') continue;
    child.stdout?.resume();
    return { child, url: `http://127.0.0.1:${entry.address.port}` };
  }
  throw new Error('the backend exited before it listened');
}

/** How a backend exited, and all that it wrote. */
export async function exited(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
  const [code] = await once(child, 'close');
  return { code, output };
}
