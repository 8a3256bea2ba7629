import { expect, test } from '@jest/globals';
import { loadGrammar } from '@slipway/sql';

test('texts are found in the memory of the parser, also when it has grown under them', async () => {
  const grammar = await loadGrammar();
  // A text that does not fit into the memory that the parser starts with.
  const sql = `SELECT '${'früh 😀 '.repeat(1_500_000)}' AS late`;
  const parsed = grammar.parse(sql);
  expect(parsed).toMatchObject({ ok: true, statements: [{ tag: 'SelectStmt', offset: 0, end: sql.length }] });
  expect(grammar.parse("SELECT 'früh 😀' FRM t")).toMatchObject({ ok: false, problem: { offset: 21 } });
});

test('a text on which its C code gives up is a Fault, and the next one is read', async () => {
  const grammar = await loadGrammar();
  const create = 'CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql BEGIN ATOMIC SELECT 1; END';
  expect(() => grammar.parseBlock(create)).toThrow("PostgreSQL's parser failed");
  expect(grammar.parse('SELECT 1').ok).toBe(true);
});
