import type { ChildProcess } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parseState, type TargetState } from '@slipway/release';
import type { Postgres } from '@slipway/test-services';
import type { BundleResult } from '../support/action.ts';
import { openStore } from '../support/open-store.ts';
import { postgresForAll, withClient } from '../support/postgres.ts';
import { type SmallStack, startSmallStack } from '../support/small-stack.ts';

/* What a rollback and a restore do to the database, on a real engine and a real PostgreSQL. */

const owner = { user: 'app', password: 'secret-of-the-app' };

let postgres: Postgres;
let stack: SmallStack;
let name: string;
let url: string;
let databases = 0;

postgresForAll((started) => {
  postgres = started;
});
beforeAll(async () => {
  stack = await startSmallStack();
  await Promise.all([stack.build('1.0.0'), stack.build('2.0.0')]);
  await stack.compose('up', '--detach', 'nginx');
}, 240_000);
beforeEach(async () => {
  name = `policy_${++databases}`;
  await postgres.createDatabase(name, owner);
  await postgres.allowCreateDatabase(owner.user);
  url = postgres.url(name, owner);
});
afterAll(() => stack?.stop(), 60_000);

const ask = (sql: string): Promise<unknown> =>
  withClient(url, async (client) => {
    const { rows } = await client.query({ text: sql, rowMode: 'array' });
    return rows[0]?.[0];
  });

async function readState(): Promise<TargetState> {
  const config = { files: ['compose.yml'], project: stack.project };
  const store = await openStore({
    target: { name: 'compose', config },
    env: stack.engine.env,
    app: 'small',
    environment: 'production',
  });
  return parseState((await store.state.read())?.text ?? '', 'small', 'production');
}

async function configure(lines: string, migrations: Record<string, string> = {}): Promise<void> {
  const service = '{image: "${REGISTRY}/web", stable-for: 0s, drain-timeout: 1s}';
  const text = `services:
  api: ${service}
  web: ${service}
database:
  url: \${DATABASE_URL}
  backup: {to: "${path.join(stack.dir, 'backups', name)}"}
${lines}`;
  await stack.edit('.github/slipway.yml', [/services:[\s\S]*$/, text.replaceAll('$', '$$$$')]);
  await mkdir(path.join(stack.dir, 'migrations'), { recursive: true });
  for (const [file, sql] of Object.entries(migrations))
    await writeFile(path.join(stack.dir, 'migrations', file), sql);
}

const migrate = (
  inputs: Record<string, string>,
  runId: string,
  started?: (child: ChildProcess) => void,
): Promise<BundleResult> =>
  stack.run('db-migrate', {
    inputs,
    env: { DATABASE_URL: url, GITHUB_RUN_ID: runId },
    ...(started ? { started } : {}),
  });

describe('a restore of the database', () => {
  test('is done under the lease of the target, and waits for a release that holds it', async () => {
    await configure('', { '001_t.sql': 'CREATE TABLE t (a int);\n' });
    expect(await migrate({ version: '1.0.0', backup: 'always' }, '1')).toMatchObject({ code: 0 });
    const restored = await migrate({ mode: 'restore', confirm: name }, '2');
    expect(restored).toMatchObject({ code: 0, outputs: { outcome: 'passed' }, errors: [] });
    const { fence } = await readState();
    expect(fence).toBeGreaterThan(0);
    // A restore that only tries takes none.
    expect(await migrate({ mode: 'restore' }, '3')).toMatchObject({ code: 0 });
    expect((await readState()).fence).toBe(fence);

    expect(await stack.rollOut('1.0.0', '4', { provenBy: 'promote' })).toMatchObject({ code: 0 });
    const waiting = await migrate({ mode: 'restore', confirm: name }, '5', (child) => {
      child.stdout?.on('data', (text) => {
        if (`${text}`.includes('waiting for the lease of the target: run 4')) child.kill('SIGINT');
      });
    });
    expect(waiting).toMatchObject({ code: 1, outputs: { outcome: 'failed' } });
    expect(await ask("SELECT count(*)::int FROM pg_database WHERE datname LIKE '%_restore_%'")).toBe(0);
    expect(await stack.rollBack('4', { inputs: { to: 'own', version: '1.0.0' } })).toMatchObject({ code: 0 });
  }, 240_000);
});
