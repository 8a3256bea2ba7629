import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import {
  describeLock,
  type Grammar,
  idempotenceProblems,
  lintScripts,
  loadGrammar,
  locksOf,
  readScript,
  sqlProblems,
  transactionMode,
} from '@slipway/sql';
import { scanStatements } from '../../../packages/sql/src/syntax/scan.ts';

const grammar = await loadGrammar();
const read = (sql: string) => readScript(grammar, 'f.sql', sql);
/** So much data that rows after it are not read. */
const ballast = `INSERT INTO ballast VALUES ('${'x'.repeat(260_000)}');\n`;

describe('a literal of many megabytes', () => {
  const long = 'x'.repeat(12_000_000);

  test.each([`'${long}'`, `E'${long}'`, `"${long}"`, `$$${long}$$`, `/* ${long} */ 1`])(
    'is one token',
    (literal) => {
      const sql = `UPDATE t SET a = ${literal} WHERE b = 1;\nSELECT 2 \\g`;
      expect(scanStatements(sql).statements.map(({ words }) => words[0])).toEqual(['update', 'select']);
      expect(sqlProblems('f.sql', sql)).toHaveLength(1);
    },
  );

  test('can be linted', () => {
    const script = read(`UPDATE t SET a = '${long}';\nALTER TABLE t ALTER a SET DEFAULT '${long}';`);
    expect(lintScripts([script], { appendOnly: [] }).findings.map(({ rule }) => rule)).toEqual([
      'change-of-all-rows',
    ]);
  });
});

describe('after much data', () => {
  test('INSERTs that differ in their rows share a node, and keep their text', () => {
    const { statements } = read(
      `${ballast}INSERT INTO t (a, b) VALUES ('x', -1.5e3);\n INSERT INTO t (a, b) VALUES (E'y\\'', 2), ((1), ')'); -- end`,
    );
    const [, first, second] = statements;
    expect([first?.tag, first?.text, first?.line, first?.column]).toEqual([
      'InsertStmt',
      "INSERT INTO t (a, b) VALUES ('x', -1.5e3)",
      2,
      1,
    ]);
    expect(second).toMatchObject({
      text: "INSERT INTO t (a, b) VALUES (E'y\\'', 2), ((1), ')')",
      line: 3,
      column: 2,
    });
    expect(second?.node).toBe(first?.node);
  });

  test.each([
    `INSERT INTO s."T" (a, b) VALUES (1, 'x'), (2, NULL) ON CONFLICT (a) DO UPDATE SET b = 'y'`,
    `INSERT INTO t AS x OVERRIDING SYSTEM VALUE VALUES (1), (2) RETURNING a`,
    `INSERT INTO t DEFAULT VALUES`,
    `INSERT INTO t SELECT id, 'x' FROM u JOIN s.v USING (id) WHERE b IN (1, 2, 3)`,
    `INSERT INTO t (SELECT * FROM (VALUES (1), (2)) x)`,
    `WITH x (a, b) AS (VALUES (1, 'a'::text), (2, 'b'::text)) UPDATE t SET a = x.a FROM x, u WHERE t.b = x.b`,
    `DELETE FROM t WHERE id IN (1, 2, 3) OR (a, b) IN ((1, 'x'), (2, 'y'))`,
    `UPDATE t SET a = now(), b = coalesce(b, 0, 1)`,
    `SELECT setval('s', 12, true), (SELECT max(id) FROM t), ARRAY[1, 2, 3], '{}'::jsonb[]`,
    `SELECT * FROM t WHERE (a, b) OVERLAPS (date '2020-01-01', interval '1 day') FOR UPDATE`,
    `MERGE INTO t USING u ON t.id = u.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (1, 2)`,
  ])('%s means what it means alone', (sql) => {
    const judged = (all: string) => {
      const script = read(all);
      const [one] = script.statements.slice(-1);
      const { findings } = lintScripts([script], { appendOnly: ['t'] });
      return {
        problems: script.problems,
        locks: one && locksOf(one).map(describeLock),
        findings: findings.map(({ rule, message, remedy }) => [rule, message, remedy]),
        again: idempotenceProblems(script).filter(({ line }) => line > 1 || all === sql).length,
        text: one?.text,
      };
    };
    expect(judged(`${ballast}${sql}`)).toEqual(judged(sql));
  });

  test.each(['UPDATE t SET a = 1 WERE b = 2;', 'INSERT INTO t VALUES (1) WERE b = 2;'])(
    'a statement that the grammar refuses is still found: %s',
    (sql) => {
      expect(read(`${ballast}${sql}`).problems).toEqual([
        expect.objectContaining({ line: 2, message: 'syntax error at or near "WERE"' }),
      ]);
    },
  );

  test('a waiver of one statement is none of the next, though they share a node', () => {
    const insert = 'INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 2;';
    const script = read(`${ballast}-- slipway: allow append-only because it is small\n${insert}\n${insert}`);
    expect(script.statements[2]?.node).toBe(script.statements[1]?.node);
    const { findings } = lintScripts([script], { appendOnly: ['t'] });
    expect(findings.map(({ line, waived }) => [line, waived])).toEqual([
      [3, 'it is small'],
      [4, null],
    ]);
  });

  test('a new value of an enum is still seen where it is used', () => {
    for (const use of ["UPDATE t SET a = 'new' WHERE b = 1;", "INSERT INTO t VALUES ('new');"]) {
      const sql = `ALTER TYPE e ADD VALUE 'new';\n${use}`;
      expect(transactionMode(read(ballast + sql))).toMatchObject({
        mode: 'refused',
        problems: [{ line: 3 }],
      });
    }
  });

  test('a DO block of data is read likewise', () => {
    const sql = `DO $$ BEGIN\n${"INSERT INTO t VALUES ('some words', 123456);\n".repeat(8000)}DROP TABLE u; END $$`;
    const inside = read(sql).statements[0]?.inside?.statements ?? [];
    expect(inside).toHaveLength(8001);
    expect(inside[7999]).toMatchObject({ tag: 'InsertStmt', line: 8001, column: 1 });
    expect(inside[7999]?.node).toBe(inside[7998]?.node);
    expect(inside[8000]).toMatchObject({ tag: 'DropStmt', text: 'DROP TABLE u' });
  });
});

test('an INSERT of a hundred thousand values is one small text to the grammar', () => {
  const texts: string[] = [];
  const counting: Grammar = {
    ...grammar,
    parse(sql) {
      texts.push(sql);
      return grammar.parse(sql);
    },
  };
  const rows = Array.from({ length: 50_000 }, (_, i) => `(${i}, ${i})`).join(', ');
  const { statements } = readScript(counting, 'f.sql', `INSERT INTO t VALUES ${rows};\nSELECT 1;`);
  expect(statements.map(({ tag }) => tag)).toEqual(['InsertStmt', 'SelectStmt']);
  expect(texts.join('')).toBe('INSERT INTO t VALUES (NULL)SELECT 1;');
});

/** V8 compiles at once what it would otherwise compile while the program runs. */
test('reading costs no second compilation of the parser', () => {
  const program = `const { loadGrammar } = await import('@slipway/sql');
    const grammar = await loadGrammar();
    for (let i = 0; i < 50; i++) grammar.parse('SELECT 1');
    console.log(process.resourceUsage().maxRSS);`;
  const peak = execFileSync(
    process.execPath,
    ['--no-warnings', '--wasm-sync-tier-up', '--input-type=module', '-e', program],
    { encoding: 'utf8' },
  );
  expect(Number(peak)).toBeLessThan(250_000);
});

test('loading the parser prints nothing: this Node knows the flags', () => {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      '--no-warnings',
      '--input-type=module',
      '-e',
      "const { loadGrammar } = await import('@slipway/sql'); console.log((await loadGrammar()).parse('SELECT 1').ok)",
    ],
    { encoding: 'utf8' },
  );
  expect({ stdout, stderr }).toEqual({ stdout: 'true\n', stderr: '' });
});
