/** The bare WebAssembly module of libpg-query; its own wrapper loads the file at import and cannot be told where it is. */
declare module 'libpg-query/wasm/libpg-query.js' {
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
  export interface PgQueryOptions {
    instantiateWasm(imports: object, done: (instance: object) => void): object;
  }
  export default function load(options: PgQueryOptions): Promise<PgQueryModule>;
}

/** The part of the WebAssembly API that is used here; it comes with the DOM's types, which nothing else needs. */
declare namespace WebAssembly {
  function instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: object }>;
}
