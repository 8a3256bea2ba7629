/// <reference path="./libpg-query.d.ts" />
import { readFile } from 'node:fs/promises';
import type { PgQueryModule } from 'libpg-query/wasm/libpg-query.js';

/**
 * Loads the WebAssembly of libpg-query, in a bundle from the file beside it. ncc sees the first two lines and copies
 * the file as it is in the npm package; its reader knows no newer syntax than `??`, and copies garbage from a module
 * that it cannot read. scripts/build.ts compares the bytes.
 */
export async function loadWasm(): Promise<PgQueryModule> {
  const file = new URL('../../../../node_modules/libpg-query/wasm/libpg-query.wasm', import.meta.url);
  const bytes = await readFile(file);
  const { default: load } = await import('libpg-query/wasm/libpg-query.js');
  // It asks for its folder although it is handed the bytes; an ES module, as which it is bundled, has no __dirname.
  const scope = globalThis as { __dirname?: string };
  scope.__dirname = '';
  try {
    return await load({
      instantiateWasm(imports, done) {
        void WebAssembly.instantiate(bytes, imports).then(({ instance }) => done(instance));
        return {};
      },
    });
  } finally {
    delete scope.__dirname;
  }
}
