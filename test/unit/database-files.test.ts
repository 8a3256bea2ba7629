import { describe, expect, test } from '@jest/globals';
import { contentProblems, parseMigrations } from '@slipway/database';

const file = (name: string, content: string | Buffer) => ({
  file: `migrations/${name}`,
  content: Buffer.from(content),
});

test('reads numbered files in the order of their numbers', () => {
  const read = parseMigrations([
    file('010_ten.sql', '-- slipway: contract\nALTER TABLE t DROP COLUMN c;'),
    file('002_two.sql', '\uFEFFSELECT 2;'),
    file('001_one.sql', 'SELECT 1; -- slipway: contract is meant at the start of a line'),
  ]);
  expect(read.map((one) => [one.version, one.class])).toEqual([
    ['001', 'expand'],
    ['002', 'expand'],
    ['010', 'contract'],
  ]);
  expect(read[1]?.sql).toBe('SELECT 2;');
});

test('is the same migration with Windows line ends', () => {
  const [unix] = parseMigrations([file('001_a.sql', 'SELECT 1;\nSELECT 2;\n')]);
  const [windows] = parseMigrations([file('001_a.sql', 'SELECT 1;\r\nSELECT 2;\r\n')]);
  expect(windows?.sha256).toBe(unix?.sha256);
});

test('says everything that is wrong with the files at once, before anything runs', () => {
  const files = [
    file('1_short.sql', 'SELECT 1;'),
    file('002_a.sql', 'BEGIN;\nSELECT 1;\nCOMMIT;'),
    file('002_b.sql', '\\i other.sql'),
    file('003_empty.sql', '-- nothing /* here */\n'),
    file('004_latin.sql', Buffer.from([0x53, 0xe9])),
    file('first.sql', 'SELECT 1;'),
  ];
  expect(() => parseMigrations(files)).toThrow(
    [
      'the migrations cannot be run:',
      'migrations/002_a.sql:1:1: BEGIN is not allowed here: every file runs in one transaction of its own',
      'migrations/002_a.sql:3:1: COMMIT is not allowed here: every file runs in one transaction of its own',
      'migrations/002_b.sql:1:1: commands with a backslash work only in psql',
      'migrations/003_empty.sql: the file holds no statement',
      'migrations/004_latin.sql: the file is not UTF-8',
      'migrations/first.sql: the name does not begin with a number and "_", as in 003_add_language.sql',
      'migrations/002_b.sql: migrations/002_a.sql has the same number',
      'migrations/1_short.sql, migrations/004_latin.sql: the numbers have different lengths; pad them with zeros to the same one',
    ].join('\n'),
  );
});

describe('what may stand in a file', () => {
  test.each([
    ['words in strings', "SELECT 'x; COMMIT; \\', E'it\\'s; COMMIT;';"],
    ['words in names', 'SELECT 1 AS "; COMMIT; \\";'],
    ['words in comments', '-- COMMIT;\n/* a /* COMMIT; */ \\i b */ SELECT 1;'],
    ['words in a block of PL/pgSQL', 'DO $x$ BEGIN PERFORM 1; END $x$; DO $$BEGIN NULL; END$$;'],
    [
      'a function whose body is SQL',
      'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END; SELECT 2;',
    ],
    [
      'a rule with several commands',
      'CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2); SELECT 3;',
    ],
    ['savepoints', 'SAVEPOINT a; SELECT 1; RELEASE a;'],
    ['a view that is refreshed without a lock', 'REFRESH MATERIALIZED VIEW CONCURRENTLY v;'],
    ['a name that begins like a word', 'SELECT end_of, begin$ FROM vacuum_log;'],
  ])('%s', (_what, sql) => {
    expect(contentProblems('f.sql', Buffer.from(sql))).toEqual([]);
  });

  test.each([
    ['ROLLBACK', 'SELECT 1;\n  rollback;', 'f.sql:2:3: ROLLBACK is not allowed here'],
    ['START TRANSACTION', 'START TRANSACTION;', 'f.sql:1:1: START is not allowed here'],
    ['PREPARE TRANSACTION', "PREPARE TRANSACTION 'x';", 'f.sql:1:1: PREPARE is not allowed here'],
    [
      'an index without a lock',
      'CREATE UNIQUE INDEX CONCURRENTLY i ON t (a);',
      'f.sql:1:1: CREATE … CONCURRENTLY cannot run in a transaction',
    ],
    ['VACUUM', 'VACUUM;', 'f.sql:1:1: VACUUM cannot run in a transaction'],
    ['a database', 'CREATE DATABASE x;', 'f.sql:1:1: CREATE DATABASE cannot run in a transaction'],
    ['psql in mid line', 'SELECT 1 \\gset', 'f.sql:1:10: commands with a backslash'],
    [
      'a marker that is misspelt',
      '-- slipway: contrct\nSELECT 1;',
      'f.sql:1:1: "slipway: contrct" is not known',
    ],
  ])('not %s', (_what, sql, problem) => {
    expect(contentProblems('f.sql', Buffer.from(sql))[0]).toContain(problem);
  });
});
