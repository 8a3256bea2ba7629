import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { poll, systemClock } from '@slipway/kernel';
import { openVersionTable, readMigrationFolder } from '@slipway/migrations';
import type pg from 'pg';
import { workspaceWith, writeInto } from '../support/migration-folder.ts';
import { migrationTools } from '../support/migration-tools.ts';
import { databaseEach, type OwnDatabase } from '../support/postgres.ts';

let client: pg.Client;
let url: string;
let connect: OwnDatabase['connect'];
let workspace: string;

databaseEach((own) => {
  ({ url, connect } = own);
});
beforeEach(async () => {
  client = await connect();
});
afterEach(() => rmSync(workspace, { recursive: true, force: true }));

/** Folder and version table as they are now. */
async function inspect() {
  const { format, migrations } = await readMigrationFolder(workspace, 'migrations');
  const versionTable = await openVersionTable(client, format, migrations);
  const applied = new Set(
    versionTable.rows?.filter(({ state }) => state === 'applied').map(({ version }) => version),
  );
  const pending = migrations.filter(({ version }) => !applied.has(version));
  return { format, migrations, versionTable, pending };
}

/** As db-migrate runs a migration. */
async function run(statements: string[]): Promise<void> {
  await client.query(['BEGIN', ...statements, 'COMMIT'].join(';\n'));
}

/** Asks until the database says yes. */
async function waitUntil(query: string): Promise<void> {
  const options = {
    clock: systemClock,
    signal: new AbortController().signal,
    timeoutMs: 10_000,
    intervalMs: 50,
  };
  const seen = await poll({ ...options, during: query }, async () => {
    const { rows } = await client.query(query);
    return rows[0].exists ? { done: true, value: true } : { done: false, seen: 'no' };
  });
  expect(seen.ok).toBe(true);
}

async function tables(): Promise<string[]> {
  const { rows } = await client.query(
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^t[0-9]$' ORDER BY 1",
  );
  return rows.map(({ relname }) => relname);
}

describe.each(migrationTools)('$name', (tool) => {
  test('what the tool applied is read as applied, and the rest as pending', async () => {
    workspace = workspaceWith(tool.files(2));
    expect((await inspect()).versionTable.rows).toBeNull();
    await tool.apply(workspace, url);
    writeInto(workspace, tool.files(3));
    const { format, migrations, versionTable, pending } = await inspect();
    expect(format.name).toBe(tool.format);
    expect(pending.map(({ version }) => version)).toEqual([migrations[2]?.version]);
    expect(versionTable.rows).toEqual(
      migrations.slice(0, 2).map(({ version, checksum }) => ({ version, checksum, state: 'applied' })),
    );
    for (const migration of pending) await run([migration.sql, versionTable.record(migration) ?? '']);
    expect(await tool.apply(workspace, url)).toMatch(tool.nothing);
    expect(await tables()).toEqual(['t1', 't2', 't3']);
  });

  test('the tool takes our table and rows for its own, and continues after them', async () => {
    workspace = workspaceWith(tool.files(3));
    const { migrations, versionTable } = await inspect();
    await client.query(versionTable.creation ?? '');
    await client.query(versionTable.creation ?? '');
    for (const migration of migrations) await run([migration.sql, versionTable.record(migration) ?? '']);
    expect(await tool.apply(workspace, url)).toMatch(tool.nothing);
    writeInto(workspace, tool.files(4));
    expect(await tool.apply(workspace, url)).not.toMatch(tool.nothing);
    expect(await tables()).toEqual(['t1', 't2', 't3', 't4']);
    expect((await inspect()).pending).toEqual([]);
  });

  test('a row that we take away again makes the migration pending for the tool', async () => {
    workspace = workspaceWith(tool.files(3));
    await tool.apply(workspace, url);
    const { migrations, versionTable } = await inspect();
    const last = migrations[2];
    if (!last) throw new Error('no third migration');
    expect(last.down !== null).toBe(tool.undoes);
    await run([last.down?.sql ?? 'DROP TABLE t3', versionTable.forget(last)]);
    expect((await inspect()).pending.map(({ version }) => version)).toEqual([last.version]);
    await tool.apply(workspace, url);
    expect(await tables()).toEqual(['t1', 't2', 't3']);
    expect((await inspect()).pending).toEqual([]);
  });

  test('the lock is the one that the tool takes', async () => {
    workspace = workspaceWith(tool.files(1));
    const { versionTable } = await inspect();
    expect(versionTable.locks.length === 0).toBe(tool.locked === undefined);
    if (!tool.locked) return;
    await client.query(`SELECT pg_advisory_lock(${versionTable.locks[0]})`);
    if (tool.locked !== 'waits') {
      await expect(tool.apply(workspace, url)).rejects.toThrow(tool.locked);
      return;
    }
    const running = tool.apply(workspace, url);
    await waitUntil('SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = $$advisory$$)');
    await client.query('SELECT pg_advisory_unlock_all()');
    expect(await running).not.toMatch(tool.nothing);
  });
});
