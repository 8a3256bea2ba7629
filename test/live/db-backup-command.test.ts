import { mkdirSync, readdirSync } from 'node:fs';
import { beforeEach, expect, test } from '@jest/globals';
import type { Postgres } from '@slipway/test-services';
import { type MigrationFixture, migrationFixtureEach, owner } from '../support/migrations.ts';

let postgres: Postgres;
let fixture: MigrationFixture;

migrationFixtureEach((given) => {
  ({ postgres, fixture } = given);
}, []);
beforeEach(async () => {
  await postgres.allowCreateDatabase(owner.user);
  mkdirSync(fixture.backups);
  fixture.addMigration('001_t.sql', 'CREATE TABLE t (a int);');
});

/** A store of the team's own programs. */
function store(more: string): void {
  const sh = (line: string): string => `[sh, -c, "${line}"]`;
  fixture.replaceConfig(
    'backup: {to: "${BACKUP_DIR}"}',
    `backup: {command: ${sh(`cat > ${fixture.backups}/{name}`)}, read-command: ${sh(`cat ${fixture.backups}/{name}`)}, keep: {last: 1, days: 0}, ${more}}`,
  );
}
const list = () => `list-command: [ls, ${fixture.backups}]`;
const remove = () => `delete-command: [rm, "${fixture.backups}/{name}"]`;
const backUp = () => fixture.migrate({ inputs: { backup: 'always' } });
const storedDumps = () =>
  readdirSync(fixture.backups)
    .filter((name) => name.endsWith('.dump.zst'))
    .sort();

test('what can be listed and deleted knows its latest backup, and lets the expired go', async () => {
  store(`${list()}, ${remove()}`);
  const first = await backUp();
  expect(first.errors).toEqual([]);
  await fixture.database.query('INSERT INTO t VALUES (1)');
  const second = await backUp();
  expect(second.stdout).toContain(`deleted the expired backup ${first.outputs.backup?.split('/').at(-1)}`);
  expect(readdirSync(fixture.backups)).toHaveLength(2);
  const restored = await fixture.migrate({ inputs: { mode: 'restore', 'dry-run': 'true' } });
  expect(restored.errors).toEqual([]);
  expect(restored.outputs.backup).toBe(storedDumps()[0]);
  expect(restored.outputs.summary).toContain('tables) would be restored');
});

test('what can only be listed keeps all of them, and says of none that it was deleted', async () => {
  store(list());
  await backUp();
  const second = await backUp();
  expect(second.errors).toEqual([]);
  expect(second.stdout).not.toContain('deleted the backup');
  expect(storedDumps()).toHaveLength(2);
  const restored = await fixture.migrate({ inputs: { mode: 'restore', 'dry-run': 'true' } });
  expect(restored.outputs.backup).toBe(storedDumps()[1]);
});

test('a list that fails is reported before anything is changed', async () => {
  store('list-command: [ls, /no/such/folder]');
  const run = await backUp();
  expect(run.outputs.outcome).toBe('refused');
  expect(run.errors[0]).toMatch(
    /^cannot use the backup store command:sh: ls exited 2: .*no\/such\/folder.*\nCheck .*list-command/s,
  );
  expect(await fixture.relation('t')).toBeNull();
});

test('a list that leaves manifests out costs no backup', async () => {
  store(`list-command: [sh, -c, "ls ${fixture.backups} | grep zst$ || true"], ${remove()}`);
  expect((await backUp()).errors).toEqual([]);
  const before = storedDumps();
  const run = await backUp();
  expect(run.outputs.outcome).toBe('failed');
  expect(run.errors[0]).toMatch(
    /^the backup store command:sh lists .*\.dump\.zst, but not its manifest, which exists/,
  );
  expect(storedDumps()).toEqual(before);
});
