import { rmSync } from 'node:fs';
import * as path from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { type MigrationFixture, migrationFixtureEach } from '../support/migrations.ts';

let fixture: MigrationFixture;

migrationFixtureEach((given) => {
  ({ fixture } = given);
}, []);
beforeEach(async () => {
  // As golang-migrate leaves it that has run the first four, of which one number was left out.
  await fixture.database.query(
    'CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (5, false)',
  );
  for (const number of [1, 2, 3, 5]) add(number);
});

const unsaved = { inputs: { backup: 'never' } };
const name = (number: number): string => `00000${number}_t.up.sql`;
function add(number: number, sql = `CREATE TABLE t${number} ();`): void {
  fixture.addMigration(name(number), sql);
}
const row = () =>
  fixture.ask("SELECT version || CASE WHEN dirty THEN ' dirty' ELSE '' END FROM schema_migrations");
const late = (number: number, newest: number): string =>
  `migrations/${name(number)}: is new, but 00000${newest} is already applied`;

test('what the tool ran before Slipway came counts as applied, and a file that is merged below it later does not', async () => {
  expect((await fixture.migrate(unsaved)).outputs.summary).toMatch(/^The schema is at 000005, nothing to do/);
  add(6);
  expect((await fixture.migrate(unsaved)).outputs).toMatchObject({ outcome: 'passed', applied: '1' });
  add(4);
  const refused = await fixture.migrate(unsaved);
  expect(refused.outputs.outcome).toBe('refused');
  expect(refused.errors[0]).toContain(late(4, 6));
  expect(await fixture.relation('t4')).toBeNull();

  fixture.configure('migrations: {out-of-order: allow}');
  const run = await fixture.migrate(unsaved);
  expect(run.errors).toEqual([]);
  expect(run.outputs.applied).toBe('1');
  expect(await fixture.relation('t4')).toBe('t4');
  // The tool must not take what is above for not applied.
  expect(await row()).toBe('6');
  expect((await fixture.migrate(unsaved)).outputs.summary).toContain('nothing to do');
});

test('on a database that Slipway migrated from the start, a late file is late from the first', async () => {
  await fixture.database.query('DROP TABLE schema_migrations');
  await fixture.migrate(unsaved);
  add(4);
  expect((await fixture.migrate(unsaved)).errors[0]).toContain(late(4, 5));
});

test('what the tool itself runs above what Slipway knows is not a late file', async () => {
  add(6);
  await fixture.migrate(unsaved);
  for (const number of [7, 8]) add(number);
  await fixture.database.query('UPDATE schema_migrations SET version = 8');
  add(9);
  const run = await fixture.migrate(unsaved);
  expect(run.errors).toEqual([]);
  expect(run.outputs).toMatchObject({ applied: '1', 'schema-version': '000009' });
  expect(await fixture.relation('t7')).toBeNull();
  expect((await fixture.migrate(unsaved)).outputs.summary).toContain('nothing to do');
});

test('a file that the tool ran late can be recorded', async () => {
  add(6);
  await fixture.migrate(unsaved);
  add(4);
  await fixture.database.query('CREATE TABLE t4 ()');
  expect((await fixture.migrate(unsaved)).errors[0]).toContain(late(4, 6));
  await fixture.database.query(
    "INSERT INTO slipway_migrations (version, file, sha256, release, commit, run) VALUES ('000004', '', '', '', '', '')",
  );
  expect((await fixture.migrate(unsaved)).outputs.summary).toContain('nothing to do');
});

test('what was undone by the tool runs again', async () => {
  add(6);
  await fixture.migrate(unsaved);
  await fixture.database.query('UPDATE schema_migrations SET version = 3; DROP TABLE t6');
  const run = await fixture.migrate(unsaved);
  expect(run.errors).toEqual([]);
  expect(run.outputs.applied).toBe('2');
  expect(await fixture.relation('t5')).toBe('t5');
  expect(await row()).toBe('6');
});

test('a late file that stopped half way is continued, and the row of the tool stays what it is', async () => {
  add(6);
  await fixture.migrate(unsaved);
  fixture.configure('migrations: {out-of-order: allow}');
  add(4, 'CREATE INDEX CONCURRENTLY t6_a ON t6 (a);\nCREATE INDEX CONCURRENTLY t6_b ON t6 (b);');
  await fixture.database.query('ALTER TABLE t6 ADD COLUMN a int');
  const failed = await fixture.migrate(unsaved);
  expect(failed.errors[0]).toContain(
    '1 of the 2 statements of migrations/000004_t.up.sql were applied and stay applied',
  );
  expect(await row()).toBe('6');
  await fixture.database.query('ALTER TABLE t6 ADD COLUMN b int');
  const again = await fixture.migrate(unsaved);
  expect(again.errors).toEqual([]);
  expect(again.stdout).not.toContain('statement 1 of 2');
  expect(await fixture.relation('t6_b')).toBe('t6_b');
  expect(await row()).toBe('6');
});

test('a file that stopped half way and was finished by hand counts as applied, also after later ones', async () => {
  add(6, 'CREATE INDEX CONCURRENTLY t_a ON nowhere (a);');
  expect((await fixture.migrate(unsaved)).outputs.outcome).toBe('failed');
  expect(await row()).toBe('6 dirty');
  await fixture.database.query('UPDATE schema_migrations SET dirty = false');
  for (const number of [7, 8]) {
    add(number);
    const run = await fixture.migrate(unsaved);
    expect(run.errors).toEqual([]);
    expect(run.outputs.applied).toBe('1');
  }
});

test('an old file that is deleted is not a change of the database, and what the tool itself runs is one', async () => {
  fixture.configure('verify: {drift: enforce}');
  for (const number of [6, 7]) {
    add(number);
    expect((await fixture.migrate(unsaved)).errors).toEqual([]);
  }
  // One that the tool ran, and one that Slipway ran.
  for (const number of [2, 6]) rmSync(path.join(fixture.workspace, 'migrations', name(number)));
  add(8);
  const run = await fixture.migrate(unsaved);
  expect(run.errors).toEqual([]);
  expect(run.outputs.applied).toBe('1');
  expect((await fixture.migrate(unsaved)).errors).toEqual([]);
  add(9);
  await fixture.database.query('CREATE TABLE t9 (); UPDATE schema_migrations SET version = 9');
  expect((await fixture.migrate(unsaved)).errors[0]).toMatch(
    /^cannot determine whether the schema was changed by hand: since release \S+ saved it, migrations were run or reverted outside of Slipway\. Differences: \+ table public\.t9/,
  );
});
