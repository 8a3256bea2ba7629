import { expect, test } from '@jest/globals';
import { loadGrammar } from '@slipway/sql';
import { loadWasm } from '../../../packages/sql/src/syntax/wasm.ts';

test('texts are found in the memory of the parser, also when it has grown under them', async () => {
  const { module, memory } = await loadWasm();
  const early = module._malloc(20);
  memory.write('früh 😀', early, 10);
  const late = module._malloc(2 ** 28);
  memory.write('late', late, 4);
  expect([memory.textAt(early), memory.textAt(late), memory.textAt(0)]).toEqual(['früh 😀', 'late', '']);
  expect(module._malloc(2 ** 30)).toBe(0);
});

test('a text on which its C code gives up is a Fault, and the next one is read', async () => {
  const grammar = await loadGrammar();
  const create = 'CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql BEGIN ATOMIC SELECT 1; END';
  expect(() => grammar.parseBlock(create)).toThrow("PostgreSQL's parser stopped");
  expect(grammar.parse('SELECT 1').ok).toBe(true);
});
