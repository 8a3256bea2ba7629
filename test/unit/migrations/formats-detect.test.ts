import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type FormatName, formatNames, readFolder, readMigrationFolder } from '@slipway/migrations';
import { detectFormat } from '../../../packages/migrations/src/formats/detect.ts';
import { formatOf } from '../../../packages/migrations/src/formats/index.ts';
import { type Files, listing, workspaceWith } from '../../support/migration-folder.ts';

let workspace = '';
afterEach(() => rmSync(workspace, { recursive: true, force: true }));

const dbmate = '-- migrate:up\nSELECT 1;\n-- migrate:down\n';

test('every format has the name by which it is configured', () => {
  expect(formatNames.map((name) => formatOf(name).name)).toEqual(formatNames);
});

describe('the format is detected from the files', () => {
  test.each<[FormatName, Files]>([
    ['plain', { '001_a.sql': 'SELECT 1;', '001_a.down.sql': 'SELECT 2;', 'verify/x.sql': 'SELECT 1;' }],
    ['golang-migrate', { '000001_a.up.sql': '', '000001_a.down.sql': '' }],
    ['dbmate', { '20240101_a.sql': dbmate }],
    ['flyway', { 'V1_2__a.sql': 'SELECT 1;' }],
    ['flyway', { 'views/R__a.sql': 'SELECT 1;' }],
    ['node-pg-migrate', { '1700000000000_a.sql': '-- Up Migration\nSELECT 1;' }],
    ['node-pg-migrate', { '20240101000000000_a.up.sql': 'SELECT 1;' }],
    ['graphile-migrate', { 'committed/000001.sql': '--! Previous: -\n', 'current.sql': '' }],
    ['graphile-migrate', { '000001-a.sql': '--! Previous: -\n' }],
    ['sqitch', { 'sqitch.plan': '', 'deploy/a.sql': '' }],
    ['prisma', { '20240101000000_a/migration.sql': '', 'migration_lock.toml': '' }],
    ['drizzle', { '0000_a.sql': '', 'meta/_journal.json': '{}' }],
  ])('%s', (name, files) => {
    expect(detectFormat(listing(files)).name).toBe(name);
  });

  test('what the user says decides', () => {
    expect(detectFormat(listing({ '001_a.up.sql': '' }), 'node-pg-migrate').name).toBe('node-pg-migrate');
  });

  test.each<[string, Files, string, string]>([
    [
      'two tools',
      { 'V1__a.sql': '', '001_b.up.sql': '', 'x.txt': '' },
      'may belong to flyway or golang-migrate: it contains V1__a.sql, 001_b.up.sql, x.txt',
      'database.migrations.format: flyway',
    ],
    [
      'none',
      { 'README.md': '', 'first.sql': 'SELECT 1;' },
      'it contains README.md, first.sql',
      '001_first.sql',
    ],
    ['nothing', {}, 'the folder migrations contains no migrations', '001_first.sql'],
  ])('%s is said with what was seen and what decides', (_what, files, message, hint) => {
    const detect = () => detectFormat(listing(files));
    expect(detect).toThrow(message);
    expect(detect).toThrow(expect.objectContaining({ hint: expect.stringContaining(hint) }));
  });
});

describe('migrations of other kinds are named, with the way to run them', () => {
  test.each<[string, Files]>([
    ['Rails', { '20240101000000_create_users.rb': '' }],
    ['Ecto', { '20240101000000_create_users.exs': '' }],
    ['Liquibase', { 'db.changelog-master.xml': '' }],
    ['Liquibase', { '001_a.sql': '--liquibase formatted sql\n--changeset me:1\nSELECT 1;' }],
    ['Atlas', { 'atlas.sum': '', '20240101000000_a.sql': 'SELECT 1;' }],
    ['Alembic', { 'env.py': '', 'script.py.mako': '', 'versions/ab12_x.py': '' }],
    ['Django', { '0001_initial.py': '', '__init__.py': '' }],
    ['typeorm', { '1700000000000-AddUsers.ts': '' }],
    ['knex', { '20240101000000_users.js': '' }],
    ['goose', { '001_a.sql': '-- +goose Up\nSELECT 1;\n-- +goose Down\nDROP TABLE t;' }],
    ['sql-migrate', { '001_a.sql': '-- +migrate Up\nSELECT 1;' }],
    ['tern', { '001_a.sql': 'SELECT 1;\n---- create above / drop below ----\nSELECT 2;' }],
  ])('%s', (tool, files) => {
    expect(() => detectFormat(listing(files))).toThrow(tool);
    expect(() => detectFormat(listing(files))).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('database.migrations.command: [') }),
    );
  });
});

describe('a folder of the workspace', () => {
  test('is read as deep as tools nest their files, its own name as the user wrote it', async () => {
    workspace = workspaceWith({
      'deploy/a/b/c.sql': 'SELECT 1;',
      'sqitch.plan': '%project=x\n',
      'x.png': 'y',
    });
    const { folder, files } = await readFolder(workspace, './migrations/');
    expect(folder).toBe('migrations');
    expect([...files].map(([name, content]) => [name, content.length])).toEqual([
      ['deploy/a/b/c.sql', 9],
      ['sqitch.plan', 11],
      ['x.png', 0],
    ]);
  });

  test('may be linked to inside the workspace, and never to what is outside', async () => {
    workspace = workspaceWith({ '001_a.sql': 'SELECT 1;' });
    mkdirSync(path.join(workspace, 'shared'));
    writeFileSync(path.join(workspace, 'shared/002_b.sql'), 'SELECT 2;');
    symlinkSync('../shared/002_b.sql', path.join(workspace, 'migrations/002_b.sql'));
    const { migrations } = await readMigrationFolder(workspace, 'migrations');
    expect(migrations.map(({ version }) => version)).toEqual(['001', '002']);
    symlinkSync('/etc/hostname', path.join(workspace, 'migrations/003_c.sql'));
    await expect(readFolder(workspace, 'migrations')).rejects.toThrow(
      '003_c.sql points outside the repository',
    );
    await expect(readFolder(workspace, '..')).rejects.toThrow('.. points outside the repository');
    await expect(readFolder(workspace, 'nowhere')).rejects.toThrow('there is no folder nowhere');
  });

  test('a link to itself ends, and one to nothing is said', async () => {
    workspace = workspaceWith({ '001_a.sql': 'SELECT 1;' });
    symlinkSync('.', path.join(workspace, 'migrations/again'));
    expect((await readMigrationFolder(workspace, 'migrations')).migrations).toHaveLength(1);
    symlinkSync('gone.sql', path.join(workspace, 'migrations/002_b.sql'));
    await expect(readFolder(workspace, 'migrations')).rejects.toThrow('migrations cannot be read: ');
  });

  test('of five thousand files is read', async () => {
    const files = Array.from({ length: 5000 }, (_, n) => [
      `${String(n).padStart(6, '0')}_t.up.sql`,
      `BEGIN;\nCREATE TABLE t${n} (id int, name text);\nCOMMIT;\n`,
    ]);
    workspace = workspaceWith(Object.fromEntries(files));
    const { migrations } = await readMigrationFolder(workspace, 'migrations');
    expect(migrations).toHaveLength(5000);
  });
});
