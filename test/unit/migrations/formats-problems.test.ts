import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type FormatName, readMigrationFolder } from '@slipway/migrations';
import { formatOf } from '../../../packages/migrations/src/formats/index.ts';
import { type Files, listing, workspaceWith } from '../../support/migration-folder.ts';

const problems = (format: FormatName, files: Files) => formatOf(format).read(listing(files)).problems;

/** A committed migration of graphile-migrate. */
function committed(previous: string, body: string, changed = body): string {
  const before = previous === '-' ? '' : previous;
  const hash = createHash('sha1')
    .update(`${`${before}\n${body.trim()}`.trim()}\n`)
    .digest('hex');
  return `--! Previous: ${previous}\n--! Hash: sha1:${hash}\n\n${changed}\n`;
}
const hashOf = (file: string) => /sha1:\w+(?=\n\n)/.exec(file)?.[0] ?? '';
const first = committed('-', 'SELECT 1;');

describe('what is wrong with a folder is said all at once, with the place', () => {
  test.each<[FormatName, Files, string[]]>([
    [
      'plain',
      { '1_a.sql': Buffer.from([0xe9]), '01_b.sql': 'a\0b', 'x.sql': '', '9_z.down.sql': '' },
      [
        'migrations/1_a.sql: the file is not UTF-8',
        'migrations/01_b.sql: the file contains a NUL byte; save it as UTF-8 text',
        'migrations/x.sql: the name does not begin with a number and "_", as in 003_add_language.sql',
        'migrations/9_z.down.sql: there is no 9_z.sql that it reverts',
        'migrations/01_b.sql: migrations/1_a.sql has the same number',
      ],
    ],
    [
      'golang-migrate',
      {
        '1_a.up.sql': '',
        '001_b.up.sql': '',
        '2_c.down.sql': '',
        '3_d.sql': '',
        '99999999999999999999_e.up.sql': '',
      },
      [
        'migrations/3_d.sql: the name is not valid for golang-migrate; example: 000003_add_language.up.sql',
        'migrations/99999999999999999999_e.up.sql: the number is too large for the bigint column of the version table',
        'migrations/2_c.down.sql: there is no .up.sql for it',
        'migrations/001_b.up.sql: migrations/1_a.up.sql has the same number',
      ],
    ],
    [
      'dbmate',
      {
        '1_a.sql': 'SELECT 1;',
        '1_b.sql': '-- c\n\nSELECT 1;\n-- migrate:up\nSELECT 2;\n',
        '2_c.sql': '-- migrate:up\n-- migrate:down\n-- migrate:down\n',
        'x.sql': '',
      },
      [
        'migrations/1_a.sql: there is no line "-- migrate:up"',
        'migrations/1_b.sql:3: only comments may precede "-- migrate:up"',
        'migrations/1_b.sql:4: no "-- migrate:down" follows this "-- migrate:up"',
        'migrations/2_c.sql:3: no "-- migrate:up" precedes this "-- migrate:down"',
        'migrations/x.sql: the name does not begin with a number, as in 20240131120000_add_language.sql',
        'migrations/1_b.sql: migrations/1_a.sql has the same number',
      ],
    ],
    [
      'flyway',
      {
        'V1__a.sql': '-- ok\nGRANT ALL TO ${user};',
        'V1_0__b.sql': '',
        'V2_a.sql': '',
        'v3__c.sql': '',
        'afterMigrate__grants.sql': '',
        'B4__base.sql': '',
        'U5__x.sql': '',
        'V6__d.sql': '${left}',
        'V6__d.sql.conf': 'placeholderReplacement=false\nshouldExecute=false\n',
      },
      [
        'migrations/V1__a.sql:2: flyway would replace ${user}; without flyway it stays',
        'migrations/V2_a.sql: the name is not valid for flyway; examples: V3__add_language.sql or R__views.sql',
        'migrations/v3__c.sql: the name is not valid for flyway; examples: V3__add_language.sql or R__views.sql',
        'migrations/afterMigrate__grants.sql: callbacks of flyway are not run; see database.migrations.command',
        'migrations/B4__base.sql: baseline migrations of flyway are not supported; see database.migrations.command',
        'migrations/V6__d.sql.conf:2: "shouldExecute" has a meaning for flyway only',
        'migrations/U5__x.sql: there is no versioned migration that it reverts',
        'migrations/V1_0__b.sql: migrations/V1__a.sql has the same version',
      ],
    ],
    [
      'node-pg-migrate',
      {
        '1_a.sql': '\n-- Down Migration\nDROP',
        '2_b.js': '',
        '3_c.down.sql': '',
        '4_d.sql': '',
        '4_d.up.sql': '',
        'x.sql': '',
      },
      [
        'migrations/1_a.sql:1: there is no comment "Up Migration", so node-pg-migrate would run the Down part as well',
        'migrations/2_b.js: only migrations in SQL can be read; see database.migrations.command',
        'migrations/3_c.down.sql: there is no 3_c.up.sql for it',
        'migrations/x.sql: the name does not begin with a number, as in 1700000000000_add-language.sql',
        'migrations/4_d.up.sql: migrations/4_d.sql has the same name',
      ],
    ],
    [
      'graphile-migrate',
      {
        'committed/000001.sql': first,
        'committed/000002-b.sql': committed(hashOf(first), 'SELECT 2;', 'SELECT 3;'),
        'committed/000003.sql': committed('sha1:1234', 'ALTER DATABASE :DATABASE_NAME SET x = 1;'),
        'committed/000004.sql': '--! Previous: -\n--! Previous: -\nSELECT 4;\n',
        'committed/next.sql': '',
        'current.sql': '',
      },
      [
        'migrations/committed/000002-b.sql:2: the hash does not match the text: the file was changed after it was committed',
        'migrations/committed/000003.sql:4: :DATABASE_NAME is a placeholder that only graphile-migrate replaces',
        'migrations/committed/000004.sql:2: the header "Previous" occurs twice',
        'migrations/committed/000004.sql:3: an empty line must follow the headers',
        'migrations/committed/000004.sql:1: there is no header "--! Hash: …"',
        'migrations/committed/next.sql: the name is not a number, as in 000003-add-language.sql',
        expect.stringMatching(
          /^migrations\/committed\/000003\.sql:1: "Previous" is sha1:1234, but .*000002-b\.sql has the hash/,
        ),
        expect.stringMatching(
          /^migrations\/committed\/000004\.sql:1: "Previous" is -, but .*000003\.sql has the hash/,
        ),
      ] as string[],
    ],
    [
      'prisma',
      {
        'migration_lock.toml': '# x\nprovider = "mysql"\n',
        'a/other.sql': '',
        'b/migration.sql': '',
        'b/snapshot.json': '',
      },
      [
        'migrations/migration_lock.toml:2: the migrations are for mysql',
        'migrations/a/other.sql: prisma reads only migration.sql in a folder for each migration',
        'migrations/b/migration.sql: this is the layout of drizzle 1, which is not supported yet',
      ],
    ],
    [
      'drizzle',
      {
        'meta/_journal.json':
          '{"dialect":"sqlite","entries":[\n{"tag":"0000_a","when":1},\n{"tag":"0001_b","when":1},\n{"tag":"0002_c","when":2},{"tag":3}]}',
        '0000_a.sql': '',
        '0001_b.sql': '',
        '0009_x.sql': '',
      },
      [
        'migrations/meta/_journal.json: the migrations are for sqlite',
        'migrations/meta/_journal.json: entry 3 has no "tag", or no whole number as "when"',
        'migrations/meta/_journal.json:4: there is no file 0002_c.sql',
        'migrations/0009_x.sql: the file is not in meta/_journal.json, so drizzle never runs it',
        'migrations/0001_b.sql: migrations/0000_a.sql has the same "when" in the journal',
      ],
    ],
    ['drizzle', { 'meta/_journal.json': '{' }, ['migrations/meta/_journal.json: the file is not JSON']],
    [
      'drizzle',
      { 'meta/_journal.json': '[]' },
      ['migrations/meta/_journal.json: there is no list "entries"'],
    ],
  ])('%s', (format, files, expected) => {
    expect(problems(format, files)).toEqual(expected);
  });

  test('in one error, that says whose the files are and that nothing was changed', async () => {
    const workspace = workspaceWith({ '1_a.up.sql': '', '2_b.down.sql': '', '3_c.sql': '' });
    try {
      const reading = readMigrationFolder(workspace, 'migrations');
      await expect(reading).rejects.toThrow(
        /^the migrations \(golang-migrate\) cannot be run:\n.*3_c\.sql.*\n.*2_b\.down\.sql/,
      );
      await expect(reading).rejects.toThrow(expect.objectContaining({ hint: 'Nothing was changed.' }));
      await expect(readMigrationFolder(workspace, 'migrations', { format: 'prisma' })).rejects.toThrow(
        'prisma',
      );
    } finally {
      rmSync(workspace, { recursive: true });
    }
  });
});
