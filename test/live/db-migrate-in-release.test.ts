import type { ChildProcess } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { appendPhase, beginRelease, encodeRecord } from '@slipway/release';
import type { BundleResult } from '../support/action.ts';
import { databaseEach } from '../support/postgres.ts';
import { type SmallStack, startSmallStack } from '../support/small-stack.ts';
import { until } from '../support/until.ts';

/* A migration that is stopped in a release that has images: under the lease of a target, as in deploy.yml. */

/** Sleeps until the test adds a row. */
const slow = 'DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM go) LOOP PERFORM pg_sleep(0.05); END LOOP; END $$;\n';

let stack: SmallStack;
let url: string;
let ask: (sql: string) => Promise<unknown>;

databaseEach(({ url: own, connect }) => {
  url = own;
  const client = connect();
  ask = async (sql) => {
    const { rows } = await (await client).query({ text: sql, rowMode: 'array' });
    return rows[0]?.[0];
  };
});
beforeAll(async () => {
  stack = await startSmallStack();
  await stack.edit('.github/slipway.yml', [
    /$/,
    'database:\n  url: ${DATABASE_URL}\n  backup: {mode: dump, to: backups}\n  verify: {drift: off}\n',
  ]);
}, 240_000);
beforeEach(async () => {
  const migrations = path.join(stack.dir, 'migrations');
  await mkdir(migrations, { recursive: true });
  await writeFile(path.join(migrations, '001_one.sql'), 'CREATE TABLE go (a int);\n');
  await writeFile(path.join(migrations, '002_slow.sql'), slow);
});
afterAll(() => stack?.stop(), 60_000);

/** The record of a release whose images were built. */
function built(runId: string): string {
  const at = new Date().toISOString();
  const phase = { name: 'build-push', outcome: 'passed', summary: 's', startedAt: at, endedAt: at } as const;
  const release = {
    id: `1.0.0-${runId}`,
    app: 'small',
    environment: 'production',
    version: '1.0.0',
    commit: 'c0ffee',
    run: { actor: 'sam', url: '' },
  };
  return encodeRecord(appendPhase(beginRelease(release), phase));
}

/** A migration in a release, and what happens once its second file runs. */
async function migrateUntil(
  runId: string,
  stop: (child: ChildProcess | undefined) => Promise<unknown>,
): Promise<BundleResult> {
  let child: ChildProcess | undefined;
  const run = stack.run('db-migrate', {
    inputs: { version: '1.0.0', backup: 'never', 'take-over': 'true', release: built(runId) },
    env: { DATABASE_URL: url, GITHUB_RUN_ID: runId },
    started: (started) => {
      child = started;
    },
  });
  const asleep = "SELECT count(*)::int FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
  await until(async () => (await ask(asleep)) === 1);
  await stop(child);
  return run;
}

test('a cancelled migration says what is in the database, and has its evidence', async () => {
  const run = await migrateUntil('7', async (child) => child?.kill('SIGINT'));
  expect(run).toMatchObject({
    code: 1,
    outputs: { outcome: 'failed', 'schema-version': '001', applied: '1' },
    errors: [
      expect.stringMatching(
        /^db-migrate was cancelled during migrations\/002_slow\.sql\.\nthe schema is at 001; nothing was rolled out\./,
      ),
    ],
    summary: expect.stringMatching(/applied \| 001 \|.*\n.*pending \| 002 \|/),
  });
}, 120_000);

test('so does one that ran to its end while another run took the target', async () => {
  const run = await migrateUntil('8', async () => {
    await stack.rollBack('9', { inputs: { to: 'unfinished', 'take-over': 'true' } });
    await ask('INSERT INTO go VALUES (1)');
  });
  expect(run).toMatchObject({
    code: 1,
    outputs: { outcome: 'failed', 'schema-version': '002', applied: '2' },
    errors: [
      expect.stringMatching(
        /^another run has taken over the target.*\.\nThe schema went from nothing to 002 by 2 migrations/,
      ),
    ],
  });
}, 120_000);
