import * as path from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { decodeRecord } from '@slipway/release';
import { root } from '../support/action.ts';
import { type MigrationFixture, migrationFixtureEach } from '../support/migrations.ts';

let fixture: MigrationFixture;

migrationFixtureEach((given) => {
  ({ fixture } = given);
}, []);
beforeEach(async () => {
  const program = path.join(root, 'node_modules/.bin/node-pg-migrate');
  fixture.configure(
    `lock-timeout: 500ms\nmigrations: {command: ["${program}", up, --migrations-dir, steps, --no-check-order]}`,
  );
  fixture.write('package.json', '{"type": "module"}');
  addStep('1700000000001_t.js', "pgm.createTable('t', { a: 'int' })");
});

function addStep(file: string, body: string): void {
  fixture.write(`steps/${file}`, `export const up = (pgm) => { ${body}; };\nexport const down = false;\n`);
}

test('the team’s own program migrates after a backup, and what it applied is the record', async () => {
  const first = await fixture.migrate();
  expect(first.errors).toEqual([]);
  expect(first.outputs).toMatchObject({
    outcome: 'passed',
    'schema-version': '1700000000001_t',
    applied: '1',
  });
  expect(fixture.manifests()).toHaveLength(1);
  expect(decodeRecord(first.outputs.release ?? '').database).toMatchObject({
    before: null,
    after: '1700000000001_t',
    applied: ['1700000000001_t'],
    class: 'expand',
  });
  const again = await fixture.migrate({ inputs: { backup: 'never' } });
  expect(again.outputs.summary).toMatch(/^The schema is at 1700000000001_t; .* had nothing to do\.$/);
});

test('its failure is reported with its last words and where the schema is', async () => {
  await fixture.migrate();
  addStep('1700000000002_bad.js', "pgm.sql('ALTER TABLE nowhere ADD COLUMN a int')");
  const run = await fixture.migrate();
  expect(run.outputs).toMatchObject({ outcome: 'failed', 'schema-version': '1700000000001_t', applied: '0' });
  expect(run.errors[0]).toMatch(/node-pg-migrate up .* exited 1: /);
  expect(run.errors[0]).toContain('The schema is at 1700000000001_t; nothing was rolled out.');
});

test('a lock that is not free ends its try soon, and it is run again', async () => {
  await fixture.migrate();
  const application = await fixture.connect();
  await application.query('BEGIN; LOCK TABLE t IN ACCESS SHARE MODE');
  addStep('1700000000002_more.js', "pgm.addColumn('t', { b: 'int' })");
  const run = fixture.migrate({ inputs: { backup: 'never' } });
  await fixture.until(
    "SELECT true FROM pg_stat_activity WHERE query LIKE 'ALTER TABLE%' AND wait_event_type = 'Lock'",
  );
  await fixture.until(
    "SELECT true WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE 'ALTER TABLE%' AND wait_event_type = 'Lock')",
  );
  await application.query('COMMIT');
  const { outputs, stdout } = await run;
  expect(outputs).toMatchObject({ outcome: 'passed', applied: '1' });
  expect(stdout).toContain('could not get a lock; running it again');
});

test('a dry run says what would be run, and a program that is not installed is reported', async () => {
  const run = await fixture.migrate({ inputs: { 'dry-run': 'true' } });
  expect(run.outputs.summary).toMatch(
    /^Dry run: .*node-pg-migrate up .* would be run, after a backup; the schema is at no version; nothing was changed\.$/,
  );
  fixture.replaceConfig('.bin/node-pg-migrate', '.bin/no-such-program');
  const missing = await fixture.migrate({ inputs: { backup: 'never' } });
  expect(missing.errors[0]).toMatch(/^cannot run .*no-such-program: not found/);
});
