import { beforeEach, expect, test } from '@jest/globals';
import { decodeRecord, type RecordedDatabase } from '@slipway/release';
import { type MigrationFixture, migrationFixtureEach } from '../support/migrations.ts';

let fixture: MigrationFixture;

migrationFixtureEach(({ fixture: own }) => {
  fixture = own;
}, []);
beforeEach(async () => {
  fixture.addMigration('001_t.sql', 'CREATE TABLE t (a int, b int, c int);');
  expect(await release()).toMatchObject({ class: 'expand' });
});

let runs = 10;
/** A separate release, or the same one again. @returns what its record says of the database. */
async function release(id = String(++runs), outcome = 'passed'): Promise<RecordedDatabase | null> {
  const run = await fixture.migrate({ inputs: { backup: 'never' }, env: { GITHUB_RUN_ID: id } });
  expect(run.outputs.outcome).toBe(outcome);
  return decodeRecord(run.outputs.release ?? '').database;
}
const contract = () =>
  fixture.addMigration('002_drop.sql', '-- slipway: contract\nALTER TABLE t DROP COLUMN a;');

test('a release that continues after one that failed has the class of what that one applied', async () => {
  contract();
  fixture.addMigration('003_bad.sql', 'SELECT 1 / 0;');
  expect(await release('9', 'failed')).toMatchObject({ class: 'contract', applied: ['002'] });
  fixture.addMigration('003_bad.sql', 'ALTER TABLE t ADD COLUMN d int;');
  expect(await release()).toMatchObject({ class: 'contract', applied: ['003'], contracts: ['002'] });
  fixture.addMigration('004_more.sql', 'ALTER TABLE t ADD COLUMN e int;');
  expect(await release()).toMatchObject({ class: 'expand', contracts: ['002'] });
});

test('also when nothing is left to be done', async () => {
  fixture.configure('verify: {assertions: [verify.sql]}');
  fixture.write('verify.sql', 'SELECT 1;');
  contract();
  fixture.write('verify.sql', 'SELECT false;');
  expect(await release('9', 'failed')).toMatchObject({ class: 'contract' });
  fixture.write('verify.sql', 'SELECT true;');
  expect(await release()).toMatchObject({ class: 'contract', applied: [] });
  expect(await release()).toMatchObject({ class: 'none', contracts: ['002'] });
});

test('the same release again is of its class, also when it had passed; a waived finding is known as a contract migration', async () => {
  fixture.addMigration(
    '002_drop.sql',
    '-- slipway: allow drop-column because nothing reads it\nALTER TABLE t DROP COLUMN a;',
  );
  expect(await release('9')).toMatchObject({ class: 'contract', contracts: ['002'] });
  expect(await release('9')).toMatchObject({ class: 'contract', contracts: ['002'] });
  expect(await release()).toMatchObject({ class: 'none', contracts: ['002'] });
});
