import { describe, expect, test } from '@jest/globals';
import type { FormatName } from '@slipway/migrations';
import { formatOf } from '../../../packages/migrations/src/formats/index.ts';
import { type Files, listing } from '../../support/migration-folder.ts';

const read = (format: FormatName, files: Files) => formatOf(format).read(listing(files));
const versions = (format: FormatName, files: Files) =>
  read(format, files).migrations.map(({ version }) => version);
const dbmate = '-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n';

describe('migrations come in the order of their tool', () => {
  test.each<[FormatName, Files, string[]]>([
    ['plain', { '10_b.sql': '', '9_a.sql': '', '100-c.sql': '' }, ['9', '10', '100']],
    ['golang-migrate', { '10_b.up.sql': '', '9_a.up.sql': '', '08_c.up.sql': '' }, ['08', '9', '10']],
    // dbmate sorts names, so 10 comes before 9.
    ['dbmate', { '9_a.sql': dbmate, '10_b.sql': dbmate }, ['10', '9']],
    [
      'flyway',
      {
        'V1.10__c.sql': '',
        'R__b.sql': '',
        'V1_9__b.sql': '',
        'R__a.sql': '',
        'V2__d.sql': '',
        'V1__a.sql': '',
      },
      ['1', '1.9', '1.10', '2', 'R__a', 'R__b'],
    ],
    [
      'node-pg-migrate',
      { '20240101000000000_late.sql': '', '1000000000000_early.sql': '', '2_b.sql': '', '1_a.up.sql': '' },
      ['1_a', '2_b', '1000000000000_early', '20240101000000000_late'],
    ],
    ['prisma', { '2_b/migration.sql': '', '10_a/migration.sql': '' }, ['10_a', '2_b']],
    [
      'drizzle',
      {
        '0000_a.sql': '',
        '0001_b.sql': '',
        'meta/_journal.json': '{"entries":[{"tag":"0001_b","when":1},{"tag":"0000_a","when":2}]}',
      },
      ['0001_b', '0000_a'],
    ],
  ])('%s', (format, files, expected) => {
    expect(versions(format, files)).toEqual(expected);
    const reversed = Object.fromEntries(Object.entries(files).reverse());
    expect(versions(format, reversed)).toEqual(expected);
  });
});

describe('switches and ways down', () => {
  test.each<[string, FormatName, Files, string, string | undefined]>([
    ['plain', 'plain', { '1_a.sql': '-- no-transaction\nVACUUM;' }, 'none', undefined],
    [
      'plain, not in the first line',
      'plain',
      { '1_a.sql': '\n-- no-transaction\nVACUUM;' },
      'auto',
      undefined,
    ],
    [
      'plain with a way down',
      'plain',
      { '1_a.sql': '', '1_a.rollback.sql': 'DROP TABLE t;' },
      'auto',
      'DROP TABLE t;',
    ],
    [
      'its own transaction',
      'golang-migrate',
      { '1_a.up.sql': 'BEGIN;\nSELECT 1;\nCOMMIT;\n' },
      'own',
      undefined,
    ],
    ['words in a function', 'plain', { '1_a.sql': 'DO $$ BEGIN NULL; END $$;' }, 'auto', undefined],
    ['golang-migrate', 'golang-migrate', { '01_a.up.sql': '', '1_b.down.sql': 'DOWN' }, 'auto', 'DOWN'],
    [
      'dbmate',
      'dbmate',
      { '1_a.sql': '-- migrate:up transaction:false\nX\n-- migrate:down\nY\n' },
      'none',
      '                               \n \n-- migrate:down\nY\n',
    ],
    [
      'flyway',
      'flyway',
      { 'V1__a.sql': '', 'U1.0__a.sql': 'DOWN', 'V1__a.sql.conf': 'executeInTransaction=false\n' },
      'none',
      'DOWN',
    ],
    [
      'graphile',
      'graphile-migrate',
      {
        '000001.sql':
          '--! Previous: -\n--! Hash: sha1:b7bd6b1a5ba0d4d4a2c4fdd7de9e4dabb0ff4d6e\n\n--! no-transaction\nVACUUM;\n',
      },
      'none',
      undefined,
    ],
  ])('%s', (_what, format, files, transaction, down) => {
    const [first] = read(format, files).migrations;
    expect(first?.transaction).toBe(transaction);
    expect(first?.down?.sql).toBe(down);
  });

  test('what runs upwards keeps its position in the file', () => {
    const file = '-- Down Migration\nDROP TABLE ä;\n  -- Up Migration\nCREATE TABLE "😀";\n';
    const [first] = read('node-pg-migrate', { '1700000000000_a.sql': file }).migrations;
    expect(first?.sql.indexOf('CREATE')).toBe(file.indexOf('CREATE'));
    expect(first?.sql).not.toContain('DROP');
    expect(first?.down?.sql).toBe(
      `-- Down Migration\nDROP TABLE ä;\n${' '.repeat(17)}\n${' '.repeat('CREATE TABLE "😀";'.length)}\n`,
    );
    const drizzle = 'CREATE TABLE a (id int)--> statement-breakpoint\nCREATE TABLE b (id int);';
    const [cut] = read('drizzle', {
      '0000_a.sql': drizzle,
      'meta/_journal.json': '{"entries":[{"tag":"0000_a","when":1}]}',
    }).migrations;
    expect(cut?.sql).toBe(drizzle.replace('--> statement-breakpoint', `;${' '.repeat(23)}`));
  });

  test('a marker says that the version before cannot run any more', () => {
    const files = { '1_a.sql': '-- slipway: contract\nDROP TABLE t;', '2_b.sql': 'SELECT 1;' };
    expect(read('plain', files).migrations.map((one) => one.class)).toEqual(['contract', 'expand']);
  });
});

describe('checksums are those of the tool', () => {
  test('flyway: without line ends and byte order mark', () => {
    // As flyway 6.5.7 wrote them.
    const { migrations } = read('flyway', {
      'V1__first_table.sql': 'CREATE TABLE first (id int);\n',
      'V2__second.sql': '\uFEFFCREATE TABLE second (id int);\r\n-- naïve ✓\r\n\rSELECT 1;',
    });
    expect(migrations.map(({ checksum }) => checksum)).toEqual(['-1904223420', '671673006']);
  });

  test('sha256 of ours is the same on Windows, of prisma and drizzle it counts every byte', () => {
    const both = ['SELECT 1;\n', 'SELECT 1;\r\n'];
    const [unix, windows] = both.map((text) => read('prisma', { '1_a/migration.sql': text }).migrations[0]);
    expect(unix?.sha256).toBe(windows?.sha256);
    expect(unix?.checksum).toBe(unix?.sha256);
    expect(windows?.checksum).not.toBe(unix?.checksum);
  });
});
