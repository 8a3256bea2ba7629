import { readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';

/** The bare WebAssembly module of libpg-query, as far as it is used here; pointers are numbers. */
export interface PgQueryModule {
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  lengthBytesUTF8(text: string): number;
  stringToUTF8(text: string, pointer: number, capacity: number): void;
  UTF8ToString(pointer: number): string;
  getValue(pointer: number, type: 'i32'): number;
  _wasm_parse_query_raw(sql: number): number;
  _wasm_free_parse_result(result: number): void;
  _wasm_parse_plpgsql(sql: number): number;
  _wasm_free_string(text: number): void;
}

type Load = (options: {
  instantiateWasm(imports: object, done: (instance: object) => void): object;
}) => Promise<PgQueryModule>;

/** Its types come with those of the DOM, which nothing else needs. */
declare const WebAssembly: {
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: object }>;
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
export async function loadWasm(): Promise<PgQueryModule> {
  const file = new URL('../../../../node_modules/libpg-query/wasm/libpg-query.wasm', import.meta.url);
  const bytes = await readFile(file);
  compileOnce();
  // @ts-expect-error The package has types for its wrapper only.
  const module: { default: Load } = await import('libpg-query/wasm/libpg-query.js');
  // It asks for its folder although it is handed the bytes; an ES module, as which it is bundled, has no __dirname.
  const scope = globalThis as { __dirname?: string };
  scope.__dirname = '';
  try {
    return await module.default({
      instantiateWasm(imports, done) {
        void WebAssembly.instantiate(bytes, imports).then(({ instance }) => done(instance));
        return {};
      },
    });
  } finally {
    delete scope.__dirname;
  }
}
