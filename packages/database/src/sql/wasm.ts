import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { exportNames, type PgQueryModule, pgQueryImports } from './wasm-imports.ts';

/** Its types come with those of the DOM, which nothing else needs. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: object,
  ): Promise<{ instance: { exports: Record<string, unknown> } }>;
};

/**
 * Keeps V8 from compiling WebAssembly a second time, optimised. It would do so beside the first few texts, and the
 * parser's one big function (yyparse) alone costs it 600 MB and 0.4 s, which pay off behind some 30,000 statements only.
 * Both flags are documented by V8, and looked at when a module is compiled. A Node that does not know one of them prints
 * `Error: unrecognized flag` and goes on.
 */
function compileOnce(): void {
  setFlagsFromString('--no-wasm-tier-up');
  setFlagsFromString('--no-wasm-dynamic-tiering');
}

/**
 * Loads the WebAssembly of libpg-query, in a bundle from the file beside it. ncc sees the first two lines and copies
 * the file as it is in the npm package; its reader knows no newer syntax than `??`, and copies garbage from a module
 * that it cannot read. scripts/build.ts compares the bytes. The package's own JavaScript is not used: most of it is a
 * file system that the parser never asks for, and it costs as much time as reading hundreds of statements.
 */
export async function loadWasm(): Promise<PgQueryModule> {
  const file = new URL('../../../../node_modules/libpg-query/wasm/libpg-query.wasm', import.meta.url);
  // Read at once, since V8 compiles on other threads, beside whatever is done next.
  const bytes = readFileSync(file);
  compileOnce();
  let loaded: PgQueryModule | undefined;
  const imports = pgQueryImports(() => loaded as PgQueryModule);
  const { instance } = await WebAssembly.instantiate(bytes, { a: imports });
  const named = Object.entries(exportNames).map(([name, letter]) => [name, instance.exports[letter]]);
  loaded = Object.fromEntries(named) as PgQueryModule;
  loaded.___wasm_call_ctors();
  return loaded;
}
