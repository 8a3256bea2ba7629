import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { loadGrammar } from '@slipway/database';
import { CMemory } from '../../packages/database/src/sql/c-memory.ts';
import { loadWasm } from '../../packages/database/src/sql/wasm.ts';
import { exportNames, importNames } from '../../packages/database/src/sql/wasm-imports.ts';

/** What Emscripten wrote for this version of the package. */
const glue = readFileSync('node_modules/libpg-query/wasm/libpg-query.js', 'utf8');

test('what the parser needs has the names that its linker gave', () => {
  const [, list = ''] = /\bwasmImports=\{([^}]*)\}/.exec(glue) ?? [];
  const pairs = list.split(',').map((pair) => pair.split(':').reverse());
  expect(pairs.length).toBeGreaterThan(20);
  expect(importNames).toEqual(Object.fromEntries(pairs));
});

test('what the parser offers has the names that its linker gave', () => {
  const found = [...glue.matchAll(/\b(\w+)=(?:Module\["\w+"\]=|\w+=)?wasmExports\["(\w+)"\]/g)];
  const { ___wasm_call_ctors: start, ...names } = exportNames;
  expect(Object.fromEntries(found.map(([, name, letter]) => [name, letter]))).toMatchObject(names);
  expect(glue).toContain(`TTY.init();wasmExports["${start}"]()`);
});

test('its memory grows under the texts in it, up to what there is', async () => {
  const module = await loadWasm();
  const memory = new CMemory(module.memory);
  const early = module._malloc(20);
  memory.write('früh 😀', early, 10);
  const size = module.memory.buffer.byteLength;
  const late = module._malloc(2 * size);
  expect(module.memory.buffer.byteLength).toBeGreaterThan(2 * size);
  memory.write('late', late, 4);
  expect([memory.textAt(early), memory.textAt(late), memory.textAt(0)]).toEqual(['früh 😀', 'late', '']);
  expect(module._malloc(2 ** 30)).toBe(0);
});

test('a text on which its C code gives up is a Fault, and the next one is read', async () => {
  const grammar = await loadGrammar();
  const create = 'CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql BEGIN ATOMIC SELECT 1; END';
  expect(() => grammar.parseBlock(create)).toThrow("PostgreSQL's parser stopped in ___assert_fail");
  expect(grammar.parse('SELECT 1').ok).toBe(true);
});
