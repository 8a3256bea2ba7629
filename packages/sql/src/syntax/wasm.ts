import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { CMemory, type WasmMemory } from './c-memory.ts';

/** The bare WebAssembly module of libpg-query, as far as it is used here; pointers are numbers. */
interface PgQueryModule {
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  _wasm_parse_query_raw(sql: number): number;
  _wasm_free_parse_result(result: number): void;
  _wasm_parse_plpgsql(sql: number): number;
  _wasm_free_string(text: number): void;
}

/** The module, and the memory in which it is told of texts. */
export interface Parser {
  module: PgQueryModule;
  memory: CMemory;
}

interface Instance {
  exports: Record<string, unknown>;
}

type Load = (options: {
  instantiateWasm(imports: object, done: (instance: Instance) => void): object;
}) => Promise<PgQueryModule>;

/** Its types come with those of the DOM, which nothing else needs. */
declare const WebAssembly: {
  Memory: new () => WasmMemory;
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: Instance }>;
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
 * that it cannot read. scripts/build.ts compares the bytes. (The package's own wrapper loads the file when it is
 * imported, and cannot be told where it is.)
 */
export async function loadWasm(): Promise<Parser> {
  const file = new URL('../../../../node_modules/libpg-query/wasm/libpg-query.wasm', import.meta.url);
  // Read at once, since V8 compiles on other threads, beside whatever is done next.
  const bytes = readFileSync(file);
  compileOnce();
  // @ts-expect-error The package has types for its wrapper only.
  const module: { default: Load } = await import('libpg-query/wasm/libpg-query.js');
  // It asks for its folder although it is handed the bytes; an ES module, as which it is bundled, has no __dirname.
  const scope = globalThis as { __dirname?: string };
  scope.__dirname = '';
  let memory: CMemory | undefined;
  try {
    const loaded = await module.default({
      instantiateWasm(imports, done) {
        void WebAssembly.instantiate(bytes, imports).then(({ instance }) => {
          memory = memoryOf(instance);
          done(instance);
        });
        return {};
      },
    });
    return { module: loaded, memory: memory as CMemory };
  } finally {
    delete scope.__dirname;
  }
}

/** It is exported under another name in each version. */
function memoryOf({ exports }: Instance): CMemory {
  const found = Object.values(exports).find((one) => one instanceof WebAssembly.Memory);
  return new CMemory(found as WasmMemory);
}
