import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';

/** The WebAssembly module of libpg-query, as far as it is used here. Pointers are numbers. */
export interface PgQueryModule {
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  _wasm_parse_query_raw(sql: number): number;
  _wasm_free_parse_result(result: number): void;
  _wasm_parse_plpgsql(sql: number): number;
  _wasm_free_string(text: number): void;
  /** Writes a text and a NUL. @param size Of the memory, in bytes. */
  stringToUTF8(text: string, pointer: number, size: number): void;
  /** The text that ends with a NUL; '' at NULL. */
  UTF8ToString(pointer: number): string;
  getValue(pointer: number, type: 'i32'): number;
}

type Load = (options: {
  instantiateWasm(imports: object, done: (instance: object) => void): object;
}) => Promise<PgQueryModule>;

/** Its types come with those of the DOM, which nothing else needs. */
declare const WebAssembly: {
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: object }>;
};

/**
 * Keeps V8 from compiling WebAssembly a second time, optimised. It would do so during the first few texts, and the
 * parser's one big function (yyparse) alone costs it 600 MB and 0.4 s, which pay off after some 30,000 statements only.
 * Both flags are documented by V8, and read when a module is compiled. A Node that does not know one of them prints
 * `Error: unrecognized flag` and continues.
 */
function compileOnce(): void {
  setFlagsFromString('--no-wasm-tier-up');
  setFlagsFromString('--no-wasm-dynamic-tiering');
}

/**
 * Loads the WebAssembly of libpg-query. `imports` in package.json says where it is: here in the npm package, in a bundle
 * next to it (scripts/build.ts). The package's own wrapper loads the file when it is imported, from a folder that cannot
 * be chosen.
 */
export async function loadWasm(): Promise<PgQueryModule> {
  const require = createRequire(import.meta.url);
  // Read at once, since V8 compiles on other threads while this one continues.
  const bytes = readFileSync(require.resolve('#libpg-query.wasm'));
  compileOnce();
  // @ts-expect-error The package has types for its wrapper only.
  const module: { default: Load } = await import('libpg-query/wasm/libpg-query.js');
  // It asks for its folder although it gets the bytes; an ES module, as which it is bundled, has no __dirname.
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
