import { describe, expect, test } from '@jest/globals';
import { explainStatement, scanStatements, transactionText, unwrapTransaction } from '@slipway/database';

const settings = { lockTimeout: 2000, statementTimeout: 60_000, watchClient: true };

/** One file alone, and where it is in what is sent. */
function sendOne(sql: string) {
  const { text, copies, parts } = transactionText(settings, [{ file: 'm.sql', sql, before: [], after: [] }]);
  const [part = { start: 0, cuts: [] }] = parts;
  return { text, copies, start: part.start, cuts: part.cuts };
}

describe('the rows of a COPY', () => {
  const sql = [
    'CREATE TABLE t (a int, b text);',
    'COPY t (a, b) FROM stdin;',
    "1\tit's; -- one",
    '2\t\\N',
    '\\.',
    'SELECT 1;',
  ].join('\n');

  test('belong to their statement, whatever is in them', () => {
    const { statements, backslashes } = scanStatements(sql);
    expect(statements.map(({ words }) => words[0])).toEqual(['create', 'copy', 'select']);
    expect(statements[1]?.data?.rows).toBe("1\tit's; -- one\n2\t\\N\n");
    expect(backslashes).toEqual([]);
  });

  test('end with the file when nothing ends them', () => {
    const { statements } = scanStatements('COPY t FROM STDIN;\n1\n2');
    expect(statements[0]?.data?.rows).toBe('1\n2');
  });

  test('are not looked for behind a COPY from a file, to stdout, or a string', () => {
    for (const text of [
      "COPY t FROM '/tmp/stdin'; SELECT 1;",
      'COPY t TO stdout; SELECT 1;',
      "SELECT 'copy t from stdin'; SELECT 1;",
    ])
      expect(scanStatements(text).statements.map(({ data }) => data)).toEqual([undefined, undefined]);
  });

  test('travel apart from the text, and places behind them are still found', () => {
    const sent = sendOne(sql);
    expect(sent.copies).toEqual(["1\tit's; -- one\n2\t\\N\n"]);
    expect(sent.text).not.toContain('one');
    const position = String([...sent.text.slice(0, sent.text.indexOf('SELECT 1;'))].length + 1);
    const failure = explainStatement(
      { position, message: 'no' },
      { file: 'm.sql', sql, completed: 2, ...sent },
    );
    expect(failure).toMatchObject({ place: 'm.sql:6:1', statement: 'SELECT 1;' });
  });

  test('are named by the line that the server stumbled over', () => {
    const sent = sendOne(sql);
    const error = {
      code: '22P02',
      message: 'invalid input syntax for type integer: "x"',
      where: 'COPY t, line 2, column a: "x"',
    };
    const failure = explainStatement(error, { file: 'm.sql', sql, completed: 1, ...sent });
    expect(failure).toMatchObject({ place: 'm.sql:4:1', message: 'invalid input syntax for type integer' });
  });
});

describe('a text that is one transaction of its own', () => {
  test.each([
    ['BEGIN;\nSELECT 1;\nCOMMIT;\n', '     ;\nSELECT 1;\n      ;\n'],
    ['-- deploy x\nbegin work;\nSELECT 1;\nEND', '-- deploy x\n          ;\nSELECT 1;\n   '],
    ['START TRANSACTION;SELECT 1;COMMIT TRANSACTION;', '                 ;SELECT 1;                  ;'],
  ])('%j runs in ours', (sql, expected) => {
    expect(unwrapTransaction(sql)).toBe(expected);
    expect(unwrapTransaction(sql)).toHaveLength(sql.length);
  });

  test.each([
    ['SELECT 1;'],
    ['BEGIN; SELECT 1;'],
    ['BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 1; COMMIT;'],
    ['BEGIN; SELECT 1; ROLLBACK;'],
  ])('%j is left as it is', (sql) => {
    expect(unwrapTransaction(sql)).toBe(sql);
  });

  test('keeps what is in the middle, for the lint to refuse', () => {
    expect(unwrapTransaction('BEGIN; SELECT 1; COMMIT; BEGIN; SELECT 2; COMMIT;')).toBe(
      '     ; SELECT 1; COMMIT; BEGIN; SELECT 2;       ;',
    );
  });
});

test('an error is placed by characters, not by UTF-16 units', () => {
  const sql = "SELECT '🚢🚢';\nSELECT nothing;";
  const sent = sendOne(sql);
  const position = String([...sent.text.slice(0, sent.text.indexOf('nothing'))].length + 1);
  expect(explainStatement({ position }, { file: 'm.sql', sql, completed: 0, ...sent }).place).toBe(
    'm.sql:2:8',
  );
});
