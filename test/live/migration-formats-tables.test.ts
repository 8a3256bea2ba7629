import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openVersionTable, readMigrationFolder } from '@slipway/migrations';
import type pg from 'pg';
import { type Files, workspaceWith } from '../support/migration-folder.ts';
import { databaseEach, type OwnDatabase } from '../support/postgres.ts';

let client: pg.Client;
let connect: OwnDatabase['connect'];
let workspace: string | undefined;

databaseEach((own) => {
  ({ connect } = own);
});
beforeEach(async () => {
  client = await connect();
});
afterEach(() => {
  if (workspace) rmSync(workspace, { recursive: true, force: true });
});

async function open(files: Files) {
  if (workspace) rmSync(workspace, { recursive: true, force: true });
  workspace = workspaceWith(files);
  const { format, migrations } = await readMigrationFolder(workspace, 'migrations');
  const at = (index: number) => {
    const found = migrations[index];
    if (!found) throw new Error(`no migration ${index}`);
    return found;
  };
  const rows = async () => (await openVersionTable(client, format, migrations)).rows;
  return { versionTable: await openVersionTable(client, format, migrations), at, rows };
}

async function ask(sql: string): Promise<unknown[][]> {
  return (await client.query({ text: sql, rowMode: 'array' })).rows;
}

const states = (rows: { version: string; state: string }[] | null) =>
  rows?.map(({ version, state }) => `${version} ${state}`);

describe('golang-migrate', () => {
  const files = Object.fromEntries(
    [1, 2, 3].flatMap((n) => [
      [`00000${n}_t.up.sql`, `CREATE TABLE t${n} ();`],
      [`00000${n}_t.down.sql`, `DROP TABLE t${n};`],
    ]),
  );
  const table =
    'CREATE TABLE schema_migrations (version bigint not null primary key, dirty boolean not null)';

  test('one row is all up to it, dirty or not', async () => {
    await client.query(`${table}; INSERT INTO schema_migrations VALUES (2, false)`);
    const { rows } = await open(files);
    expect(states(await rows())).toEqual(['000001 applied', '000002 applied']);
    await client.query('UPDATE schema_migrations SET dirty = true');
    expect(states(await rows())).toEqual(['000001 applied', '000002 failed']);
    await client.query('UPDATE schema_migrations SET version = 7');
    expect(states(await rows())).toEqual(['000001 applied', '000002 applied', '000003 applied', '7 failed']);
  });

  test('the one row is replaced at each step, as the tool does it', async () => {
    const { versionTable, at } = await open(files);
    await client.query(versionTable.creation ?? '');
    const row = () => ask('SELECT version::int, dirty FROM schema_migrations');
    const steps: unknown[] = [];
    for (const step of [
      versionTable.begin(at(0)),
      versionTable.record(at(0)),
      versionTable.record(at(1)),
      versionTable.forget(at(1)),
    ]) {
      await client.query(step ?? '');
      steps.push(...(await row()));
    }
    expect(steps).toEqual([
      [1, true],
      [1, false],
      [2, false],
      [1, false],
    ]);
    await client.query(versionTable.forget(at(0)));
    expect(await row()).toEqual([]);
  });
});

describe('flyway', () => {
  /** Rows, checksums included, as flyway 6.5.7 wrote them for these files on PostgreSQL 15. */
  const files = {
    'V1__first_table.sql': 'CREATE TABLE first (id int);\n',
    'sub/V1_2__second_wörds.sql': '\uFEFFCREATE TABLE second (id int);\r\n-- naïve ✓\r\n\rSELECT 1;',
    'V01.10__ten.sql': 'SELECT 10;',
    'R__all_views.sql': 'CREATE OR REPLACE VIEW v AS SELECT 1 AS one;\n',
    'U1_2__x.sql': 'DROP TABLE second;',
  };
  const written = [
    "(1, '1', 'first table', 'SQL', 'V1__first_table.sql', -1904223420, 'postgres', 19, true)",
    "(2, '1.2', 'second wörds', 'SQL', 'sub/V1_2__second_wörds.sql', 671673006, 'postgres', 21, true)",
    "(3, '01.10', 'ten', 'SQL', 'V01.10__ten.sql', -500928370, 'postgres', 13, true)",
    "(4, NULL, 'all views', 'SQL', 'R__all_views.sql', 982419503, 'postgres', 8, true)",
  ];
  const insert = (...rows: string[]) =>
    client.query(
      `INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success) VALUES ${rows.join(', ')}`,
    );
  const everything = `SELECT installed_rank, version, description, type, script, checksum, installed_by, success
    FROM flyway_schema_history ORDER BY installed_rank`;

  test('writes the rows that flyway wrote', async () => {
    const { versionTable, at, rows } = await open(files);
    await client.query(versionTable.creation ?? '');
    await client.query(versionTable.creation ?? '');
    await insert(...written);
    const theirs = await ask(everything);
    expect((await rows())?.map(({ checksum }) => checksum)).toEqual([0, 1, 2, 3].map((n) => at(n).checksum));
    await client.query('TRUNCATE flyway_schema_history');
    for (const index of [0, 1, 2, 3]) await client.query(versionTable.record(at(index)) ?? '');
    expect(await ask(everything)).toEqual(theirs);
  });

  test('baselines, failures, what was undone and repeatable ones that ran again', async () => {
    const { versionTable, rows } = await open(files);
    await client.query(versionTable.creation ?? '');
    await insert(
      "(0, NULL, '<< Flyway Schema Creation >>', 'SCHEMA', '\"public\"', NULL, 'me', 0, true)",
      "(1, '1', '<< Flyway Baseline >>', 'BASELINE', '<< Flyway Baseline >>', NULL, 'me', 0, true)",
      "(2, '1.2', 'second', 'SQL', 'V1_2__second.sql', 1, 'me', 0, true)",
      "(3, '1.2', 'second', 'UNDO_SQL', 'U1_2__x.sql', 1, 'me', 0, true)",
      "(4, NULL, 'all views', 'SQL', 'R__all_views.sql', 1, 'me', 0, true)",
      "(5, NULL, 'all views', 'SQL', 'R__all_views.sql', 2, 'me', 0, true)",
      "(6, '1.10.0', 'ten', 'SQL', 'V01.10__ten.sql', 3, 'me', 0, false)",
    );
    expect(await rows()).toEqual([
      { version: '1', checksum: null, state: 'applied' },
      { version: 'R__all_views', checksum: '2', state: 'applied' },
      { version: '01.10', checksum: '3', state: 'failed' },
    ]);
  });

  test('one that was begun is failed until it is recorded, and a second try replaces the first', async () => {
    const { versionTable, at, rows } = await open(files);
    await client.query(versionTable.creation ?? '');
    for (const step of [versionTable.begin(at(2)), versionTable.begin(at(2))]) await client.query(step ?? '');
    expect(states(await rows())).toEqual(['01.10 failed']);
    await client.query(versionTable.record(at(2)) ?? '');
    expect(states(await rows())).toEqual(['01.10 applied']);
    expect(await ask('SELECT count(*)::int FROM flyway_schema_history')).toEqual([[1]]);
    await client.query(versionTable.forget(at(2)));
    expect(await rows()).toEqual([]);
  });

  test('migrations in Java are left to flyway', async () => {
    const { versionTable, rows } = await open(files);
    await client.query(versionTable.creation ?? '');
    await insert("(1, '1', 'first', 'JDBC', 'V1__First', 1, 'me', 0, true)");
    await expect(rows()).rejects.toThrow('flyway ran 1 as JDBC');
  });
});

test('prisma: what was rolled back does not count, what was begun is failed until it is recorded', async () => {
  const { versionTable, at, rows } = await open({
    '1_a/migration.sql': 'SELECT 1;\n',
    '2_b/migration.sql': 'SELECT 2;\n',
  });
  await client.query(versionTable.creation ?? '');
  await client.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, rolled_back_at) VALUES ('1', 'x', '1_a', now())`,
  );
  expect(await rows()).toEqual([]);
  await client.query(versionTable.begin(at(0)) ?? '');
  await client.query(versionTable.begin(at(0)) ?? '');
  expect(states(await rows())).toEqual(['1_a failed']);
  await client.query(versionTable.record(at(0)) ?? '');
  await client.query(versionTable.record(at(1)) ?? '');
  expect(states(await rows())).toEqual(['1_a applied', '2_b applied']);
  expect(await ask('SELECT count(*)::int FROM _prisma_migrations')).toEqual([[3]]);
  const windows = await open({ '1_a/migration.sql': 'SELECT 1;\r\n', '2_b/migration.sql': 'SELECT 2;\r\n' });
  expect((await windows.rows())?.[0]?.checksum).toBe(windows.at(0).checksum);
});
