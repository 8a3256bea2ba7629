import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Postgres, Role } from '@slipway/test-services';
import pg from 'pg';
import type { Migrator } from '../migrators.ts';
import { versionsIn } from './version-tables.ts';

/** Who migrates: the owner of the database, and no superuser. */
export const owner: Role = { user: 'bench', password: 'bench' };

const timeLimit = 30_000;

export interface Finished {
  /** Null when it was killed, by a fault or by the time limit. */
  code: number | null;
  /** What it printed, both streams. */
  said: string;
}

interface Started {
  child: ChildProcess;
  result: Promise<Finished>;
}

/** One tool with a database and a folder of its own migrations, for one fault. */
export interface Site {
  migrator: Migrator;
  database: string;
  folder: string;
  /** As the owner. */
  url: string;
  /** A superuser in the same database. */
  admin: pg.Client;
  connect(): Promise<pg.Client>;
  /** Returns where the file is. */
  write(index: number, sql: string, alone?: boolean): string;
  start(url?: string): Started;
  migrate(url?: string): Promise<Finished>;
  /** Numbers of the files that the tool's table has as applied. */
  recorded(): Promise<number[]>;
  /** Asks until the answer is true; false when `unless` came first. */
  until(condition: string, unless?: Promise<unknown>): Promise<boolean>;
  clear(): Promise<void>;
}

export async function takeSite(postgres: Postgres, migrator: Migrator, fault: number): Promise<Site> {
  const database = `${migrator.name.replaceAll('-', '_')}_${fault}`;
  await postgres.createDatabase(database, owner);
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-faults-'));
  migrator.prepare?.(folder);
  const url = postgres.url(database, owner);
  const clients: pg.Client[] = [];
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: postgres.url(database) });
    client.on('error', () => {});
    await client.connect();
    clients.push(client);
    return client;
  };
  const admin = await connect();
  const start = (to = url): Started => run(migrator, folder, to);
  return {
    migrator,
    database,
    folder,
    url,
    admin,
    connect,
    write(index, sql, alone) {
      const { file, text } = migrator.file(index, sql, alone);
      const full = path.join(folder, file);
      mkdirSync(path.dirname(full), { recursive: true });
      writeFileSync(full, text);
      return full;
    },
    start,
    migrate: (to) => start(to).result,
    recorded: () => versionsIn(admin, migrator.name),
    until: (condition, unless) => until(admin, condition, unless),
    async clear() {
      for (const client of clients) await client.end().catch(() => {});
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function run(migrator: Migrator, folder: string, url: string): Started {
  const { argv, env } = migrator.command(folder, url);
  const [program = '', ...args] = argv;
  const child = spawn(program, args, {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, RUNNER_TEMP: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const limit = setTimeout(() => child.kill('SIGKILL'), timeLimit);
  const result = once(child, 'close').then(([code]) => {
    clearTimeout(limit);
    // Not a fault of the tool, but of this checkout: dist/ may just be being built.
    if (/MODULE_NOT_FOUND|ERR_MODULE/.test(said)) throw new Error(`${migrator.name} is not whole:\n${said}`);
    return { code, said };
  });
  return { child, result };
}

async function until(client: pg.Client, condition: string, unless?: Promise<unknown>): Promise<boolean> {
  let over = false;
  const end = () => (over = true);
  unless?.then(end, end);
  const limit = performance.now() + timeLimit;
  while (performance.now() < limit) {
    const { rows } = await client.query(`SELECT (${condition}) AS reached`);
    if (rows[0].reached) return true;
    if (over) return false;
    await wait(20);
  }
  throw new Error(`not reached in ${timeLimit / 1000} s: ${condition}`);
}
