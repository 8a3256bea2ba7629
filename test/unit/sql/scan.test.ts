import { describe, expect, test } from '@jest/globals';
import { explainStatement, transactionText } from '@slipway/migrations';
import { loadGrammar, readScript, sqlProblems, unwrapTransaction } from '@slipway/sql';
import { eachStatement, scanStatements } from '../../../packages/sql/src/syntax/scan.ts';

const grammar = await loadGrammar();

const settings = { lockTimeoutMs: 2000, statementTimeoutMs: 60_000, watchClient: true };

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

  test('are not looked for after a COPY from a file, to stdout, or a string', () => {
    for (const text of [
      "COPY t FROM '/tmp/stdin'; SELECT 1;",
      'COPY t TO stdout; SELECT 1;',
      "SELECT 'copy t from stdin'; SELECT 1;",
    ])
      expect(scanStatements(text).statements.map(({ data }) => data)).toEqual([undefined, undefined]);
  });

  test('travel apart from the text, and locations after them are still found', () => {
    const sent = sendOne(sql);
    expect(sent.copies).toEqual(["1\tit's; -- one\n2\t\\N\n"]);
    expect(sent.text).not.toContain('one');
    const position = String([...sent.text.slice(0, sent.text.indexOf('SELECT 1;'))].length + 1);
    const failure = explainStatement(
      { position, message: 'no' },
      { file: 'm.sql', sql, completed: 2, ...sent },
    );
    expect(failure).toMatchObject({ location: 'm.sql:6:1', statement: 'SELECT 1' });
  });

  test('are named by the line that the server failed on', () => {
    const sent = sendOne(sql);
    const error = {
      code: '22P02',
      message: 'invalid input syntax for type integer: "x"',
      where: 'COPY t, line 2, column a: "x"',
    };
    const failure = explainStatement(error, { file: 'm.sql', sql, completed: 1, ...sent });
    expect(failure).toMatchObject({
      location: 'm.sql:4:1',
      message: 'invalid input syntax for type integer',
    });
  });
});

describe('a text that is a single transaction', () => {
  test.each([
    ['BEGIN;\nSELECT 1;\nCOMMIT;\n', '     ;\nSELECT 1;\n      ;\n'],
    ['-- deploy x\nbegin work;\nSELECT 1;\nEND', '-- deploy x\n          ;\nSELECT 1;\n   '],
    ['BEGIN -- a;b\n;\nSELECT 1;\nCOMMIT;', '            \n;\nSELECT 1;\n      ;'],
    [
      'BEGIN /* ; */;\r\nSELECT 1;COMMIT /* ; */ -- ;\r\n;',
      '             ;\r\nSELECT 1;                   \r\n;',
    ],
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
  expect(explainStatement({ position }, { file: 'm.sql', sql, completed: 0, ...sent }).location).toBe(
    'm.sql:2:8',
  );
});

test('psql commands by the ten thousand are counted no further than they are reported', () => {
  // Counted to the end each time, so many would take minutes.
  const sql = `1\t\\N\n`.repeat(400_000);
  expect(sqlProblems('f.sql', sql)).toHaveLength(3);
  expect([...eachStatement(sql)][0]?.backslashes).toHaveLength(3);
});

describe('what follows a COPY on its line', () => {
  const rows = '1\n\\.\n';

  test('is SQL that is sent', () => {
    const sql = `COPY t FROM stdin; SELECT 1; -- end\n${rows}SELECT 2;`;
    const { statements } = scanStatements(sql);
    expect(statements.map(({ words, data }) => [words[0], data?.rows])).toEqual([
      ['copy', '1\n'],
      ['select', undefined],
      ['select', undefined],
    ]);
    expect(sendOne(sql).text).toContain('SELECT 1; -- end\n\nSELECT 2;');
  });

  test('is looked through for psql commands', () => {
    expect(sqlProblems('f.sql', `COPY t FROM stdin; \\! true\n${rows}`)).toEqual([
      expect.stringContaining('f.sql:1:20: backslash commands'),
    ]);
  });

  test('may be another COPY, whose rows follow', () => {
    const sql = `COPY t FROM stdin; COPY u FROM stdin; DROP TABLE v;\n1\n\\.\n2\n\\.\nSELECT 3;`;
    expect(scanStatements(sql).statements.map(({ data }) => data?.rows)).toEqual([
      '1\n',
      '2\n',
      undefined,
      undefined,
    ]);
    expect(sendOne(sql)).toMatchObject({ copies: ['1\n', '2\n'] });
    expect(sendOne(sql).text).not.toMatch(/^\d/m);
    const script = readScript(grammar, 'f.sql', sql);
    expect(script.problems).toEqual([]);
    expect(script.statements.map(({ text, offset }) => [text, offset])).toEqual([
      ['COPY t FROM stdin', 0],
      ['COPY u FROM stdin', 19],
      ['DROP TABLE v', 38],
      ['SELECT 3', sql.indexOf('SELECT 3')],
    ]);
  });

  test('is not a statement that continues after the rows', () => {
    const { problems } = readScript(grammar, 'f.sql', `COPY t FROM stdin; DROP TABLE\n${rows}orders;`);
    expect(problems[0]).toMatchObject({ message: 'syntax error at end of input' });
  });
});

test.each([
  ['1\r\n2\r\n\\.\r\n', '1\r\n2\r\n'],
  ['1 a\r\\.\r2\n\\.\n', '1 a\r\\.\r2\n'],
  ['1 \u2028\\.\u2028\n\\.\n', '1 \u2028\\.\u2028\n'],
  ['\\.\n', ''],
  ['1\n\\.', '1\n'],
  ['1\n\\.x\n', '1\n\\.x\n'],
])('the rows %j end where PostgreSQL ends them', (after, rows) => {
  expect(scanStatements(`COPY t FROM stdin;\n${after}`).statements[0]?.data?.rows).toBe(rows);
});

describe('a body from BEGIN ATOMIC to END', () => {
  const create = (body: string) =>
    `CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC ${body} END;\nDROP TABLE orders;`;

  test.each([
    ['SELECT 1; SELECT 2;'],
    ['SELECT CASE WHEN a THEN 1 ELSE CASE b WHEN 1 THEN 2 END END FROM t;'],
    ['SELECT t.end, t.case FROM t; SELECT 1;'],
    ['SELECT 1 AS end, 2 AS case; SELECT 1;'],
    ['SELECT 1 end; SELECT CASE WHEN true THEN 1 END end;'],
    [''],
  ])('that holds %j is one statement', (body) => {
    const { statements, problems } = readScript(grammar, 'f.sql', create(body));
    expect(problems).toEqual([]);
    expect(statements.map(({ tag }) => tag)).toEqual(['CreateFunctionStmt', 'DropStmt']);
    expect(scanStatements(create(body)).statements).toHaveLength(2);
  });

  test.each([
    'SELECT begin atomic FROM t; DROP TABLE orders;',
    'CREATE VIEW v AS SELECT a.begin, atomic; SELECT 1;',
  ])('%s has none', (sql) => expect(scanStatements(sql).statements).toHaveLength(2));
});
