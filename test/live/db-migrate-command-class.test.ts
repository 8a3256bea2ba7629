import * as path from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { decodeRecord } from '@slipway/release';
import type { BundleResult } from '../support/action.ts';
import { type MigrationFixture, migrationFixtureEach } from '../support/migrations.ts';

let fixture: MigrationFixture;

migrationFixtureEach(({ postgres, fixture: own }) => {
  fixture = own;
  const psql = `${path.join(postgres.binDir, 'psql')} \\"$DATABASE_URL\\" -v ON_ERROR_STOP=1 -qf step.sql`;
  fixture.configure(`migrations:\n  command: [sh, -c, "${psql}"]\n  contract-migrations: []`);
}, []);
beforeEach(async () => {
  await fixture.database.query('CREATE TABLE schema_migrations (version text)');
  expect(classOf(await applying('0001'))).toBe('expand');
});

const unsaved = { inputs: { backup: 'never' } };
let runs = 10;
/** A separate release. */
function release(): Promise<BundleResult> {
  return fixture.migrate({ ...unsaved, env: { GITHUB_RUN_ID: String(++runs) } });
}
const does = (sql: string): void => fixture.write('step.sql', `${sql};\n`);
const apply = (...versions: string[]): string =>
  `INSERT INTO schema_migrations VALUES ${versions.map((one) => `('${one}')`).join(', ')}`;
function applying(...versions: string[]): Promise<BundleResult> {
  does(apply(...versions));
  return release();
}
const classOf = (run: BundleResult): string | undefined => {
  expect(run.errors).toEqual([]);
  return decodeRecord(run.outputs.release ?? '').database?.class;
};

/** As the commit names them that brings them. */
const name = (...versions: string[]): void =>
  fixture.replaceConfig('contract-migrations: []', `contract-migrations: ${JSON.stringify(versions)}`);

test('a release is of class contract when it applies a version that is named so', async () => {
  name('0002');
  const first = await applying('0002', '0003');
  expect(classOf(first)).toBe('contract');
  expect(decodeRecord(first.outputs.release ?? '').database?.contracts).toEqual(['0002']);
  expect(classOf(await applying('0004'))).toBe('expand');
  does('SELECT 1');
  expect(classOf(await release())).toBe('none');
});

test('what a release applied that failed afterwards counts for the one that continues it', async () => {
  name('0002');
  does(`${apply('0002')};\nSELECT nope`);
  expect((await release()).outputs).toMatchObject({ outcome: 'failed', applied: '1' });
  does('SELECT 1');
  expect(classOf(await release())).toBe('contract');
  expect(classOf(await release())).toBe('none');
});

test('a version that was named and is not listed afterwards is reported, and the release treated as one with contract migrations', async () => {
  name('002');
  for (const version of ['0002', '0003']) {
    const run = await applying(version);
    expect(classOf(run)).toBe('contract');
    expect(run.stdout).toContain(
      'database.migrations.contract-migrations names 002, which the version table does not list: this release is treated as one with contract migrations, and so is every release that applies anything until it is listed',
    );
  }
});

test('a version that was named before it came is a contract migration when it comes, and is in no record before', async () => {
  name('0003');
  const contracts = (run: BundleResult) => decodeRecord(run.outputs.release ?? '').database?.contracts;
  does('SELECT 1');
  expect(contracts(await release())).toEqual([]);
  expect(contracts(await applying('0002'))).toEqual([]);
  const comes = await applying('0003');
  expect([classOf(comes), contracts(comes)]).toEqual(['contract', ['0003']]);
  expect(classOf(await applying('0004'))).toBe('expand');
});

test('also where the table lists one version so far: it need not be one that holds the newest only', async () => {
  await fixture.database.query('DELETE FROM schema_migrations');
  name('0003');
  await applying('0002');
  expect(classOf(await applying('0003'))).toBe('contract');
});

test('a table that holds the newest version only, as that of Alembic, moves on; what it jumped over counts', async () => {
  await fixture.database.query(
    "DROP TABLE schema_migrations; CREATE TABLE alembic_version (version_num text); INSERT INTO alembic_version VALUES ('0001')",
  );
  const moveTo = (version: string): Promise<BundleResult> => {
    does(`UPDATE alembic_version SET version_num = '${version}'`);
    return release();
  };
  const moved = await moveTo('0002');
  expect(classOf(moved)).toBe('expand');
  expect(moved.outputs).toMatchObject({ 'schema-version': '0002', applied: '1' });
  name('0003');
  expect(classOf(await moveTo('0004'))).toBe('contract');
  expect(classOf(await moveTo('0005'))).toBe('expand');
});

test('a history that loses a version is still a failure', async () => {
  await applying('0003');
  does("DELETE FROM schema_migrations WHERE version = '0001'; INSERT INTO schema_migrations VALUES ('0004')");
  expect((await release()).errors[0]).toContain('version 0001 disappeared from the version table');
});

test('it is for a command only: a file says it itself', async () => {
  name('0002');
  fixture.replaceConfig('command:', '# command:');
  const run = await release();
  expect(run.errors[0]).toMatch(/database\.migrations\.contract.*-- slipway: contract/);
});
