import { describe, expect, test } from '@jest/globals';
import { lintScripts, loadGrammar, readScript, sqlProblems } from '@slipway/sql';
import { copyableSql } from '../../../packages/sql/src/syntax/quote-sql.ts';
import { eachStatement } from '../../../packages/sql/src/syntax/scan.ts';

const grammar = await loadGrammar();
const read = (sql: string) => readScript(grammar, 'f.sql', sql);
/** What a text is read as: its statements by their texts, or why it is not. */
const readAs = (sql: string) => {
  const { statements, problems } = read(sql);
  return [...statements.map(({ text }) => text), ...problems.map(({ message }) => message)];
};
/** So much data that what follows it is no longer read in full. */
const ballast = `INSERT INTO ballast VALUES ('${'x'.repeat(260_000)}');\n`;

describe('a comment ends with its line, be that a carriage return', () => {
  test.each([
    ['before the first statement', '', '-- add a column\rDROP TABLE orders;\nALTER TABLE t ADD c int;\n'],
    ['between two', 'SELECT 1; ', '-- note\rDROP TABLE orders;\nSELECT 2;'],
    ['after the rows of a COPY', 'COPY t FROM stdin;\n1\n\\.\n', '-- note\rDROP TABLE orders;\nSELECT 2;'],
    ['after much data', `${ballast}SELECT 1; `, '-- note\rDROP TABLE orders;\nSELECT 2;'],
    ['where nothing follows', '', '-- note\rDROP TABLE orders'],
  ])('%s', (_where, before, sql) => {
    const script = read(before + sql);
    const { findings, classes } = lintScripts([script], { appendOnly: [] });
    expect(findings.map(({ rule }) => rule)).toContain('drop-table');
    expect(classes.get('f.sql')).toBe('contract');
    expect(script.statements.map(({ text }) => text)).toContain('DROP TABLE orders');
    const drop = script.statements.find(({ tag }) => tag === 'DropStmt');
    expect(drop?.offset).toBe((before + sql).indexOf('DROP'));
  });

  test('and so does one that a remedy leaves out', () => {
    expect(copyableSql('ADD c int -- note\rDEFAULT 1 -- end\nNOT NULL')).toBe('ADD c int DEFAULT 1 NOT NULL');
    expect(copyableSql("ADD c text/* /* a */ b */DEFAULT '--' || '/* */'")).toBe(
      "ADD c text DEFAULT '--' || '/* */'",
    );
  });

  test('so that what follows it is seen to be a statement', () => {
    expect(sqlProblems('f.sql', '-- note\rSELECT 1;')).toEqual([]);
  });
});

test.each([
  ['/* never', 'unterminated /* comment'],
  ['COPY t FROM stdin;\n1\n\\.\n/* never', 'unterminated /* comment'],
])('%j is read to its end', (sql, problem) =>
  expect(readAs(sql)).toContainEqual(expect.stringContaining(problem)),
);

describe('a string of escapes that continues on another line', () => {
  test.each([["SELECT E'a'\n'b\\'c; DROP TABLE x;'"], ["SELECT e'a'\n\n'b'\n'c\\';'"]])('%j is one', (sql) =>
    expect(readAs(`${sql}; SELECT 2;`)).toEqual([sql, 'SELECT 2']),
  );

  // The server's rule; the grammar, whose scanner gives comments as tokens, refuses it.
  test('comments with a line end may stand between', () => {
    const sql = "SELECT E'a' -- one'\r\n \t-- two\n'b\\'c; DROP TABLE x;'; SELECT 2;";
    expect([...eachStatement(sql)].map(({ offset }) => offset)).toEqual([0, sql.indexOf('SELECT 2')]);
    expect(read(sql).problems).toMatchObject([{ line: 3, column: 1 }]);
  });

  test.each([
    ["SELECT E'a', 'b\\'; SELECT 2;", ["SELECT E'a', 'b\\'", 'SELECT 2']],
    ["SELECT 'a'\n'b\\'; SELECT 2;", ["SELECT 'a'\n'b\\'", 'SELECT 2']],
    ["SELECT E'a' /* \n */ 'b\\'; SELECT 2;", ['syntax error at or near "\'b\\\'"', 'SELECT 2']],
  ])('%j is none', (sql, expected) => expect(readAs(sql).toSorted()).toEqual(expected.toSorted()));
});

test.each(['\u00a0', '\u2028', '\u3000', '\ufeff'])('%j is part of a name', (character) => {
  expect(readAs(`SELECT 1;${character}SELECT 2;`)).toEqual([
    'SELECT 1',
    `syntax error at or near "${character}SELECT"`,
  ]);
  expect(readAs(`SELECT a${character};`)).toEqual([`SELECT a${character}`]);
  expect(readAs(`SELECT 1; -- ${character}\nSELECT 2;`)).toEqual(['SELECT 1', 'SELECT 2']);
});

test('a parameter ends with its digits', () => {
  const sql = 'PREPARE p AS SELECT $1$$;$$, $1e5$$; SELECT 2; --$$';
  expect([...eachStatement(sql)].map(({ offset }) => offset)).toEqual([0, sql.indexOf('SELECT 2')]);
});

describe('after much data', () => {
  test.each([
    ['SELECT 1; /* never', 'unterminated /* comment'],
    ['SELECT /* never', 'unterminated /* comment'],
    ["SELECT 'abc", 'unterminated quoted string'],
    ["SELECT E'abc\\'", 'unterminated quoted string'],
    ['SELECT 1 AS "abc', 'unterminated quoted identifier'],
    ['SELECT $$abc; DROP TABLE orders;', 'unterminated dollar-quoted string'],
    ["INSERT INTO t VALUES (1, 'abc", 'unterminated quoted string'],
    ['INSERT INTO t VALUES (1), (,2', 'syntax error'],
    ['INSERT INTO t VALUES (1),, (2)', 'syntax error'],
    ['INSERT INTO t VALUES (1), (2),', 'syntax error'],
    ['INSERT INTO t VALUES', 'syntax error'],
    ['INSERT INTO t VALUES (1), (2', 'syntax error'],
    ['INSERT INTO t VALUES (1) RETURN a', 'syntax error'],
    ['INSERT INTO t (a,) VALUES (1)', 'syntax error'],
    ['SELECT 1from t', 'trailing junk after numeric literal'],
    ["SELECT ''E'a'", 'syntax error'],
    ['SELECT 1e1.0', 'syntax error'],
    ['SELECT $11.', 'syntax error'],
    ['SELECT 1e from t', 'trailing junk after numeric literal'],
  ])('%s is refused', (sql, message) => {
    const { problems } = read(ballast + sql);
    expect(problems).toMatchObject([{ line: 2, message: expect.stringContaining(message) }]);
    expect(read(sql).problems.map((one) => one.message)).toEqual(problems.map((one) => one.message));
  });

  test.each(['1e5, 1.5E-3, .5e+1, 1., 0x1F, 0o17, 0b1, 1_000.2_5', 'f(), ARRAY[]::int[]'])(
    '%s is not',
    (values) => {
      const { problems, statements } = read(`${ballast}INSERT INTO t VALUES (${values})`);
      expect(problems).toEqual([]);
      expect(statements[1]?.tag).toBe('InsertStmt');
    },
  );

  test.each([
    'SELECT x IN (1, (2), (f(3), 4), 5)',
    'SELECT * FROM t WHERE a IN (1, ((SELECT b FROM u), 1), 2)',
    'DELETE FROM t WHERE (a, b) IN ((1, 2), ((SELECT c FROM u), 3), (4, 5))',
  ])('%s keeps what is not a plain value', (sql) => {
    const named = (text: string) =>
      JSON.stringify(read(text).statements.at(-1)?.node).match(/"(?:FuncCall|SubLink|RangeVar)":/g);
    expect(named(ballast + sql)).toEqual(named(sql));
  });
});
