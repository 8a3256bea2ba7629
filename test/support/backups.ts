import { type ChildProcess, spawn } from 'node:child_process';
import * as path from 'node:path';
import {
  type BackupKeys,
  type BackupOptions,
  openStore,
  type RestoreOptions,
  type StoreTarget,
} from '@slipway/backup';
import { createExec, DatabaseUrl, directHttp, type Log, Redactor, systemClock } from '@slipway/kernel';
import type { Postgres, Role } from '@slipway/test-services';
import pg from 'pg';
import { root } from './action.ts';

/** An owner whose name and password need quoting and percent-encoding everywhere. */
export const awkward: Role = { user: 'doc "sense" é', password: 'p@ss/w%rd#8f3a \'q" \\' };

/** What the log said. */
export interface RecordingLog extends Log {
  lines: string[];
}

export function listen(): RecordingLog {
  const lines: string[] = [];
  const line = (text: string): void => {
    lines.push(text);
  };
  return {
    lines,
    info: line,
    warn: line,
    debug: () => undefined,
    annotate: () => undefined,
    group: (_title, body) => body(),
  };
}

/** A key pair as age-keygen makes it, which is used nowhere else. */
export const backupRecipient = 'age1j90qlw9smcfql75u65esxlwws8csfgyw6pqemhccve70333wr3dqtdsqvd';
export const backupIdentity = 'AGE-SECRET-KEY-1Z8EKFFAPH54HPZ9PWVM00TVU3NFV3258NGSARMG5ZERR2UVNW6PQJMEF4R';
export const backupKeys: BackupKeys = { recipients: [backupRecipient], identity: backupIdentity };

export const stepEnv: Record<string, string> = { PATH: process.env.PATH ?? '', LANG: 'C.UTF-8' };

/** A backup of one database as the action would make it. */
export function backupOptions(
  of: { postgres: Pick<Postgres, 'binDir'>; url: string; to: string; major?: number },
  more: Partial<BackupOptions> & { target?: Partial<StoreTarget>; env?: Record<string, string> } = {},
): BackupOptions & { log: RecordingLog } {
  const signal = more.signal ?? new AbortController().signal;
  const { target, ...overrides } = more;
  const env = { ...stepEnv, ...more.env };
  const redactor = new Redactor();
  const exec = createExec({ env, signal, redactor });
  const step = { workspace: '/', env, exec, http: directHttp, clock: systemClock, signal, redactor };
  const client = new pg.Client({ connectionString: of.url });
  const { host, port, user = '', database = '' } = client;
  const password = String((client as unknown as { password: unknown }).password ?? '');
  const bin = (program: string): string => path.join(of.postgres.binDir, program);
  return {
    url: DatabaseUrl.parse(of.url),
    connectedTo: { host, port, user, password, database },
    server: { major: of.major ?? 15, version: String(of.major ?? 15) },
    programs: { pgDump: bin('pg_dump'), pgRestore: bin('pg_restore'), pgAmcheck: bin('pg_amcheck') },
    store: openStore({ to: of.to, ...target }, step),
    keys: null,
    prove: 'decode',
    keep: { last: 5, days: 30 },
    limit: 10e9,
    facts: {
      client: '15',
      schemaVersion: '002',
      release: '1.0.0-7',
      commit: 'c0ffee',
      run: '',
      at: new Date(),
    },
    env,
    exec,
    clock: systemClock,
    signal,
    log: listen(),
    redactor,
    ...overrides,
  } as BackupOptions & { log: RecordingLog };
}

/** A restore of the newest backup that was made with these options, to its own database; not confirmed. */
export function restoreOptions(
  made: BackupOptions & { log: RecordingLog },
  more: Partial<Pick<RestoreOptions, 'confirm' | 'from'>> = {},
): RestoreOptions & { log: RecordingLog } {
  const { url, store, keys, env, clock, signal, log, redactor, programs } = made;
  const findPgRestore = async (): Promise<string> => programs.pgRestore;
  const step = { env, clock, signal, log, redactor, assertMaySwap: async () => undefined };
  return { url, store, from: 'latest', confirm: '', keys, findPgRestore, ...step, ...more };
}

/** What `backup-process.ts` gets. */
export interface BackupProcessSettings {
  do: 'backup' | 'restore';
  url: string;
  binDir: string;
  /** The folder of the backups. */
  to: string;
  prove?: BackupOptions['prove'];
  encrypt?: boolean;
  confirm?: string;
}

/** One backup or restore in its own process; `over` resolves with what it said when it ended. */
export function startBackupProcess(settings: BackupProcessSettings): {
  child: ChildProcess;
  over: Promise<string>;
} {
  const child = spawn(process.execPath, [path.join(root, 'test/support/backup-process.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, BACKUP_PROCESS: JSON.stringify(settings) },
  });
  let said = '';
  child.stdout?.on('data', (chunk) => {
    said += chunk;
  });
  return { child, over: new Promise((resolve) => child.once('close', () => resolve(said.trim()))) };
}

/** A small event store: events, a consumer's checkpoint, and a table with an awkward name. */
export async function fillEvents(client: pg.Client, events: number): Promise<void> {
  await client.query(`
    CREATE TABLE IF NOT EXISTS events (
      global_position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, stream_id text NOT NULL, data jsonb NOT NULL);
    CREATE TABLE IF NOT EXISTS projection_checkpoints (projection text PRIMARY KEY, position bigint NOT NULL);
    CREATE SCHEMA IF NOT EXISTS "Odd schema";
    CREATE TABLE IF NOT EXISTS "Odd schema"."Täble ""x""" (id int);
    INSERT INTO "Odd schema"."Täble ""x""" VALUES (1), (2), (3);
    INSERT INTO projection_checkpoints VALUES ('documents', ${events}) ON CONFLICT DO NOTHING;`);
  await client.query(
    `INSERT INTO events (stream_id, data)
     SELECT 'document-' || i % 997, jsonb_build_object('n', i, 'title', md5(i::text), 'body', md5(random()::text))
     FROM generate_series(1, $1::int) i`,
    [events],
  );
}
