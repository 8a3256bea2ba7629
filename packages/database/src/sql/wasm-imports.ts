import { Fault } from '@slipway/kernel';

/** An instance of libpg-query.wasm under its names in C, as far as it is used; pointers are numbers. */
export interface PgQueryModule {
  memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  ___wasm_call_ctors(): void;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  _wasm_parse_query_raw(sql: number): number;
  _wasm_free_parse_result(result: number): void;
  _wasm_parse_plpgsql(sql: number): number;
  _wasm_free_string(text: number): void;
  __indirect_function_table: { get(index: number): (...args: unknown[]) => unknown };
  _setThrew(threw: number, value: number): void;
  __emscripten_stack_restore(pointer: number): void;
  _emscripten_stack_get_current(): number;
}

/**
 * The names that its linker gave to what it offers and to what it needs. They may be others in the next version of the
 * package: test/unit/grammar-wasm.test.ts compares them with its own JavaScript.
 */
export const exportNames: Readonly<Record<keyof PgQueryModule, string>> = {
  memory: 'z',
  ___wasm_call_ctors: 'A',
  _malloc: 'C',
  _free: 'E',
  _wasm_parse_query_raw: 'F',
  _wasm_free_parse_result: 'G',
  _wasm_parse_plpgsql: 'H',
  _wasm_free_string: 'N',
  __indirect_function_table: 'D',
  _setThrew: 'P',
  __emscripten_stack_restore: 'Q',
  _emscripten_stack_get_current: 'R',
};

export const importNames: Readonly<Record<string, string>> = {
  ___assert_fail: 'c',
  __abort_js: 'x',
  __emscripten_runtime_keepalive_clear: 'w',
  __emscripten_throw_longjmp: 'p',
  __setitimer_js: 'o',
  _emscripten_resize_heap: 'q',
  _exit: 'm',
  _fd_close: 'u',
  _fd_read: 'r',
  _fd_seek: 's',
  _fd_write: 't',
  invoke_i: 'g',
  invoke_ii: 'b',
  invoke_iii: 'a',
  invoke_iiii: 'd',
  invoke_iiiii: 'k',
  invoke_ji: 'l',
  invoke_v: 'e',
  invoke_vi: 'f',
  invoke_vii: 'h',
  invoke_viii: 'j',
  invoke_viiii: 'i',
  invoke_viiiii: 'y',
  invoke_viiiiiiiiiiiii: 'n',
  _proc_exit: 'v',
};

type Import = (...args: never[]) => unknown;

/** What longjmp() throws through the frames of WebAssembly, up to the call that setjmp() guards. */
const longJump = Symbol('longjmp');
const pageBytes = 65_536;
/** As the module declares it. */
const mostBytes = 2 ** 30;
/** WASI's number for a file that is not open. */
const badFile = 8;

/**
 * What the C code of the parser calls, by Emscripten's conventions: PostgreSQL reports errors by longjmp, and its memory
 * grows. The rest is linked and never called: it opens no file, sets no timer and does not end the process.
 * @param its The instance that is made with them.
 */
export function pgQueryImports(its: () => PgQueryModule): Record<string, Import> {
  const known: Record<string, Import> = {
    __emscripten_throw_longjmp: () => {
      throw longJump;
    },
    _emscripten_resize_heap: (bytes: number) => grow(its().memory, bytes >>> 0),
    _fd_close: () => badFile,
    _fd_read: () => badFile,
    _fd_seek: () => badFile,
    _fd_write: () => badFile,
  };
  const guarded = guardedCall(its);
  return Object.fromEntries(
    Object.entries(importNames).map(([name, letter]): [string, Import] => {
      if (name.startsWith('invoke_')) return [letter, guarded(name.startsWith('invoke_j') ? 0n : 0)];
      return [letter, known[name] ?? (() => stop(name))];
    }),
  );
}

/** Calls a C function out of C code that has called setjmp(). */
function guardedCall(its: () => PgQueryModule): (ofJump: bigint | number) => Import {
  return (ofJump) =>
    (index: number, ...args: never[]) => {
      const module = its();
      const stack = module._emscripten_stack_get_current();
      try {
        return module.__indirect_function_table.get(index)(...args);
      } catch (error) {
        module.__emscripten_stack_restore(stack);
        if (error !== longJump) throw error;
        module._setThrew(1, 0);
        return ofJump;
      }
    };
}

/** @returns 1 when there is that much memory now; C's malloc finds none on 0. A fifth more spares it the next time. */
function grow(memory: PgQueryModule['memory'], bytes: number): 0 | 1 {
  const has = memory.buffer.byteLength;
  for (const wanted of [Math.max(bytes, Math.min(has * 1.2, mostBytes)), bytes]) {
    try {
      memory.grow(Math.ceil((wanted - has) / pageBytes));
      return 1;
    } catch {
      // More than the module may have, or than there is.
    }
  }
  return 0;
}

function stop(name: string): never {
  throw new Fault(`PostgreSQL's parser stopped in ${name}`, {
    hint: 'It has 1 GB of memory: a statement of many megabytes may have to be split. Otherwise report the text.',
  });
}
