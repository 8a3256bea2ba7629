import { describe, expect, test } from '@jest/globals';
import { contentProblems, lintScripts, loadGrammar, readScript, ruleNames } from '@slipway/sql';

const grammar = await loadGrammar();

function lint(sql: string): [rule: string, line: number, waived: string | null][] {
  const { findings } = lintScripts([readScript(grammar, 'f.sql', sql)], { appendOnly: ['events'] });
  return findings.map(({ rule, line, waived }) => [rule, line, waived]);
}

const index = 'CREATE INDEX ON t (a)';
const rule = 'index-without-concurrently';

describe('a waiver', () => {
  test.each([
    ['above the statement', `-- slipway: allow ${rule} because it is small\n${index};`, 2],
    ['with other comments between', `-- slipway: allow ${rule} because it is small\n-- more\n\n${index};`, 4],
    ['at the end of its line', `${index}; -- slipway: allow ${rule} because it is small`, 1],
    [
      'at the end of its last line',
      `CREATE INDEX\nON t (a); -- slipway: allow ${rule} because it is small`,
      1,
    ],
    ['of several rules', `-- slipway: allow truncate, ${rule} because it is small\n${index};`, 2],
  ])('%s', (_what, sql, line) => expect(lint(sql)).toEqual([[rule, line, 'it is small']]));

  test('is for one statement', () => {
    const sql = `-- slipway: allow ${rule} because it is small\n${index};\n${index};`;
    expect(lint(sql)).toEqual([
      [rule, 2, 'it is small'],
      [rule, 3, null],
    ]);
  });

  test('inside a statement is for the subcommand below', () => {
    const sql = `ALTER TABLE t
  -- slipway: allow drop-column because nobody reads it
  DROP COLUMN a,
  DROP COLUMN b;`;
    expect(lint(sql)).toEqual([
      ['drop-column', 3, 'nobody reads it'],
      ['drop-column', 4, null],
    ]);
  });

  test('ends with a carriage return, as its comment does', () => {
    const { findings } = lintScripts(
      [readScript(grammar, 'f.sql', `-- slipway: allow ${rule} because it is small\r${index};\n`)],
      { appendOnly: [] },
    );
    expect(findings).toMatchObject([{ rule, waived: 'it is small' }]);
  });

  test('above a DO block is for what is in it', () => {
    const sql =
      '-- slipway: allow append-only because it is a test\nDO $$BEGIN\n  DELETE FROM events WHERE id = 1;\nEND$$;';
    expect(lint(sql)).toEqual([['append-only', 3, 'it is a test']]);
  });

  test.each([
    [
      'without a reason',
      `-- slipway: allow ${rule}\n${index};`,
      [
        ['waiver-without-reason', 1, null],
        [rule, 2, null],
      ],
    ],
    [
      'with an empty one',
      `-- slipway: allow ${rule} because \n${index};`,
      [
        ['waiver-without-reason', 1, null],
        [rule, 2, null],
      ],
    ],
    [
      'without a rule',
      `-- slipway: allow because I say so\n${index};`,
      [
        ['waiver-without-reason', 1, null],
        [rule, 2, null],
      ],
    ],
    [
      'of an unknown rule',
      `-- slipway: allow indexes because I say so\n${index};`,
      [
        ['waiver-unknown-rule', 1, null],
        [rule, 2, null],
      ],
    ],
    [
      'of another rule',
      `-- slipway: allow truncate because I say so\n${index};`,
      [
        ['waiver-unused', 1, null],
        [rule, 2, null],
      ],
    ],
    [
      'of nothing',
      `-- slipway: allow ${rule} because I say so\nSELECT 1;\n${index};`,
      [
        ['waiver-unused', 1, null],
        [rule, 3, null],
      ],
    ],
    [
      'at the end of the file',
      `SELECT 1;\n-- slipway: allow ${rule} because I say so`,
      [['waiver-unused', 2, null]],
    ],
  ])('%s is a finding itself', (_what, sql, expected) => expect(lint(sql)).toEqual(expected));

  test('is a marker that a file may hold', () => {
    expect(contentProblems('f.sql', Buffer.from(`-- slipway: allow ${rule} because x\n${index};`))).toEqual(
      [],
    );
    expect(contentProblems('f.sql', Buffer.from('-- slipway: alow x\nSELECT 1;'))[0]).toContain('is unknown');
  });
});

test('every rule has a unique name', () => {
  expect(new Set(ruleNames()).size).toBe(ruleNames().length);
  expect(ruleNames().every((name) => /^[a-z]+(?:-[a-z]+)*$/.test(name))).toBe(true);
});

test('a finding names the lock, the consequence, the place and the way out with the names of the user', () => {
  const sql =
    '-- é😀\nALTER TABLE ONLY "Users" ADD COLUMN a int,\n  ADD CONSTRAINT "k" FOREIGN KEY ("org") REFERENCES s.orgs (id);';
  const { findings } = lintScripts([readScript(grammar, 'f.sql', sql)], { appendOnly: [] });
  expect(findings).toEqual([
    {
      rule: 'foreign-key-without-not-valid',
      level: 'error',
      file: 'f.sql',
      line: 3,
      column: 3,
      message:
        'this foreign key is checked for every row of "Users" while SHARE ROW EXCLUSIVE is held on "Users" and s.orgs: every INSERT, UPDATE and DELETE there waits',
      remedy:
        'ALTER TABLE "Users" ADD CONSTRAINT "k" FOREIGN KEY ("org") REFERENCES s.orgs (id) NOT VALID; and in the next file ALTER TABLE "Users" VALIDATE CONSTRAINT k;',
      waived: null,
    },
  ]);
});

test('a finding is located at its own subcommand, whatever commas are in the others', () => {
  const sql = "ALTER TABLE t ADD CHECK (a IN (1, 2)), ALTER b SET DEFAULT 'x, y',\n  /* , */ DROP COLUMN c;";
  const { findings } = lintScripts([readScript(grammar, 'f.sql', sql)], { appendOnly: [] });
  expect(findings.map(({ rule, line, column }) => [rule, line, column])).toEqual([
    ['check-without-not-valid', 1, 15],
    ['drop-column', 2, 11],
  ]);
});
