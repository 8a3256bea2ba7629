import { describe, expect, test } from '@jest/globals';
import { loadGrammar, readScript } from '@slipway/sql';

const grammar = await loadGrammar();

describe('the grammar', () => {
  test('places statements in the string, not in its bytes', () => {
    const sql = '-- ä😀\nSELECT \'😀\'; /* x /* y */ */ DROP TABLE "ü" ; ';
    const parsed = grammar.parse(sql);
    expect(
      parsed.ok && parsed.statements.map(({ tag, offset, end }) => [tag, sql.slice(offset, end)]),
    ).toEqual([
      ['SelectStmt', "SELECT '😀'"],
      ['DropStmt', 'DROP TABLE "ü"'],
    ]);
  });

  test.each([
    ["SELECT '😀ä'; SELEC 1", 'SELEC 1', 'syntax error at or near "SELEC"'],
    ["SELECT '😀'; SELECT 1 FROM", '', 'syntax error at end of input'],
    ["SELECT 'open", "'open", 'unterminated quoted string at or near "\'open"'],
    ['SELECT 1\0; DROP TABLE t', '\0; DROP TABLE t', 'the text contains a NUL byte'],
  ])('says where %j goes wrong', (sql, rest, message) => {
    const parsed = grammar.parse(sql);
    expect(parsed.ok ? null : [sql.slice(parsed.problem.offset), parsed.problem.message]).toEqual([
      rest,
      message,
    ]);
  });

  test.each(['', ' ', ';;', '-- only words\n', '/* open'])('finds no statement in %j', (sql) => {
    const parsed = grammar.parse(sql);
    expect(parsed.ok ? parsed.statements : 'refused').toEqual(sql === '/* open' ? 'refused' : []);
  });

  test('is loaded once', () => expect(loadGrammar()).toBe(loadGrammar()));
});

describe('a script', () => {
  const read = (sql: string) => readScript(grammar, 'f.sql', sql);

  test('has every statement with its place', () => {
    const { statements, problems } = read(
      '-- é😀\nSELECT 1;\n  -- two\n  CREATE TABLE "t😀" (a int); SELECT 3',
    );
    expect(problems).toEqual([]);
    expect(statements.map(({ tag, text, line, column }) => [tag, text, line, column])).toEqual([
      ['SelectStmt', 'SELECT 1', 2, 1],
      ['CreateStmt', 'CREATE TABLE "t😀" (a int)', 4, 3],
      ['SelectStmt', 'SELECT 3', 4, 31],
    ]);
  });

  test('says all that the grammar refuses, and reads the rest', () => {
    const { statements, problems } = read("SELEC 1;\nSELECT 'é';\nALTER TABLE t ADD;");
    expect(statements.map(({ text }) => text)).toEqual(["SELECT 'é'"]);
    expect(problems).toEqual([
      { file: 'f.sql', line: 1, column: 1, message: 'syntax error at or near "SELEC"' },
      { file: 'f.sql', line: 3, column: 18, message: 'syntax error at or near ";"' },
    ]);
  });

  test.each([
    'COPY t (a, b) FROM stdin;\n1\t2\n\\.\nSELECT 1;',
    "\\set x 1\nSELECT :'x';",
    '\\i other.sql',
    'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;',
  ])('survives %j', (sql) => expect(() => read(sql)).not.toThrow());

  test('looks into DO blocks, also at what EXECUTE gets as a string', () => {
    const sql = `DO $$
BEGIN
  IF NOT EXISTS (SELECT 1) THEN
    ALTER TABLE t ADD COLUMN "ü" int;
    EXECUTE 'DROP TABLE u';
    EXECUTE format('DROP TABLE %I', 'x');
  END IF;
END $$;`;
    const inside = read(sql).statements[0]?.inside;
    expect(inside?.statements.map(({ tag, text, line, column }) => [tag, text, line, column])).toEqual([
      ['AlterTableStmt', 'ALTER TABLE t ADD COLUMN "ü" int', 4, 5],
      ['DropStmt', 'DROP TABLE u', 5, 13],
    ]);
    expect(inside).toMatchObject({ hidden: true, commits: false });
    expect(read('DO $$BEGIN COMMIT; END$$').statements[0]?.inside).toMatchObject({ commits: true });
    expect(read("DO LANGUAGE sql 'SELECT 1'").statements[0]?.inside).toMatchObject({ hidden: true });
  });

  test('keeps no values of INSERTs, and after the first of them reads the table alone', () => {
    const row = `INSERT INTO s."Ünits" (id, name) VALUES (1, 'a; ''b''');\n`;
    const script = read(`CREATE TABLE a (b int);\n${row.repeat(10_000)}ALTER TABLE a ADD c int;`);
    expect(script.statements).toHaveLength(10_002);
    const [first, last] = [script.statements[1], script.statements[10_000]];
    expect(JSON.stringify(first?.node)).not.toContain('valuesLists');
    expect(last).toMatchObject({ tag: 'InsertStmt', line: 10_001, column: 1, text: row.trim().slice(0, -1) });
    expect(last?.node).toMatchObject({ relation: { schemaname: 's', relname: 'Ünits' } });
    expect(script.statements.at(-1)).toMatchObject({ tag: 'AlterTableStmt', line: 10_002 });
  });
});
