import type { ChildProcess } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, expect } from '@jest/globals';
import type { Postgres } from '@slipway/test-services';
import pg from 'pg';
import { type BundleResult, root, runBundle } from './action.ts';
import { postgresForAll } from './postgres.ts';
import { until } from './until.ts';

/** Special characters, so that percent-encoding on the way is tried as well. */
export const owner = { user: 'docsense', password: 'p@ss/w%rd#8f3a' };
export const example = path.join(root, 'workflows-examples/docsense');

export interface Given {
  inputs?: Record<string, string>;
  env?: Record<string, string>;
  started?: (child: ChildProcess) => void;
}

/** A database and its own checkout for one test of the shipped action. */
export interface MigrationFixture {
  /** Of the database. */
  name: string;
  url: string;
  workspace: string;
  backups: string;
  /** As the owner, and known as "the application". */
  database: pg.Client;
  connect(url?: string): Promise<pg.Client>;
  /** One step of the shipped action. Whatever happens in it, the password is in nothing that is left of it. */
  migrate(given?: Given): Promise<BundleResult>;
  write(file: string, text: string): void;
  addMigration(file: string, sql: string): void;
  /** Adds lines to the section `database` of the configuration. */
  configure(lines: string): void;
  replaceConfig(text: string, by: string): void;
  manifests(): string[];
  /** The versions in the table, in order. */
  versions(): Promise<string[]>;
  /** The first column of the first row. */
  ask(sql: string): Promise<unknown>;
  /** The name of a relation, or null. */
  relation(of: string): Promise<unknown>;
  /** Waits for what a query sees, by looking. */
  until(sql: string): Promise<void>;
  clear(): Promise<void>;
}

/**
 * A PostgreSQL for the tests of a file, and its own fixture for each.
 * @param take Called with both before each test. @param files As for `makeMigrationFixture`.
 */
export function migrationFixtureEach(
  take: (given: { postgres: Postgres; fixture: MigrationFixture }) => void,
  files?: readonly string[],
): void {
  let postgres: Postgres;
  let fixture: MigrationFixture;
  postgresForAll((started) => {
    postgres = started;
  });
  beforeEach(async () => {
    fixture = await makeMigrationFixture(postgres, files);
    take({ postgres, fixture });
  });
  afterEach(() => fixture.clear());
}

let databases = 0;

/** @param files What of the example is in the checkout; none for a checkout with a small configuration only. */
export async function makeMigrationFixture(
  postgres: Postgres,
  files: readonly string[] = ['.github/slipway.yml', 'docs', 'migrations'],
): Promise<MigrationFixture> {
  const name = `docsense_${process.pid}_${++databases}`;
  await postgres.createDatabase(name, owner);
  const url = postgres.url(name, owner);
  const workspace = mkdtempSync(path.join(tmpdir(), 'slipway-migrate-'));
  const backups = path.join(workspace, 'backups');
  const connections: pg.Client[] = [];
  const connect = async (address = url): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: address, application_name: 'the application' });
    client.on('error', () => undefined);
    await client.connect();
    connections.push(client);
    return client;
  };
  for (const one of files) cpSync(path.join(example, one), path.join(workspace, one), { recursive: true });
  const config = path.join(workspace, '.github/slipway.yml');
  if (files.length > 0) {
    // Without the rehearsal, which would find most faults before they can happen.
    writeFileSync(config, readFileSync(config, 'utf8').replace('prove: restore', 'prove: decode'));
  }
  const write = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(workspace, file)), { recursive: true });
    writeFileSync(path.join(workspace, file), text);
  };
  if (files.length === 0) write('.github/slipway.yml', smallest);
  const database = await connect();
  const ask = async (sql: string): Promise<unknown> => {
    const { rows } = await database.query({ text: sql, rowMode: 'array' });
    return rows[0]?.[0];
  };
  const manifests = (): string[] => manifestsIn(backups);
  return {
    name,
    url,
    workspace,
    backups,
    database,
    connect,
    ask,
    write,
    manifests,
    addMigration: (file, sql) => write(`migrations/${file}`, sql),
    configure(lines) {
      const text = readFileSync(config, 'utf8');
      writeFileSync(config, text.replace(/^database:\n/m, `database:\n${lines.replace(/^(?=.)/gm, '  ')}\n`));
    },
    replaceConfig(text, by) {
      const now = readFileSync(config, 'utf8');
      expect(now).toContain(text);
      writeFileSync(config, now.replace(text, by));
    },
    async migrate(given = {}) {
      const env = {
        DATABASE_URL: url,
        BACKUP_DIR: backups,
        GITHUB_RUN_ID: '7',
        GITHUB_SHA: 'c0ffee',
        ...given.env,
      };
      const run = await runBundle('db-migrate', {
        workspace,
        inputs: { version: '1.0.0', ...given.inputs },
        env,
        ...(given.started ? { started: given.started } : {}),
      });
      const saved = manifests().map((file) => readFileSync(file, 'utf8'));
      const left = [run.stdout, run.stderr, run.summary, JSON.stringify(run.outputs), ...saved].join();
      for (const secret of [owner.password, encodeURIComponent(owner.password)])
        expect(left).not.toContain(secret);
      return run;
    },
    async versions() {
      const { rows } = await database.query('SELECT version FROM schema_migrations ORDER BY version');
      return rows.map(({ version }) => version);
    },
    relation: (of) => ask(`SELECT to_regclass('${of}')::text`),
    async until(sql) {
      await until(() => ask(sql), { every: 0 }).catch(({ cause }) => {
        throw new Error(`never true: ${sql}`, { cause });
      });
    },
    async clear() {
      await Promise.all(connections.splice(0).map((client) => client.end().catch(() => undefined)));
      rmSync(workspace, { recursive: true, force: true });
    },
  };
}

const smallest = `app: docsense
compose: {files: [docker-compose.yml]}
services: {backend: {image: registry.example.com/docsense-backend}}
database:
  url: \${DATABASE_URL}
  backup: {to: "\${BACKUP_DIR}"}
`;

function manifestsIn(backups: string): string[] {
  if (!existsSync(backups) || !statSync(backups).isDirectory()) return [];
  const names = readdirSync(backups).filter((one) => one.endsWith('.manifest.json'));
  return names.map((one) => path.join(backups, one));
}
