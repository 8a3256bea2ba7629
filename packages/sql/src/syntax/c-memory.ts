/** As WebAssembly gives it. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** The memory of a WebAssembly instance, as C sees it: without a loop over each character, as Emscripten's own has it. */
export class CMemory {
  readonly #memory: WasmMemory;
  #bytes = Buffer.alloc(0);
  #integers = new Int32Array(0);

  constructor(memory: WasmMemory) {
    this.#memory = memory;
  }

  /** A pointer or an int of C. */
  integerAt(pointer: number): number {
    this.#look();
    return this.#integers[pointer >> 2] as number;
  }

  /** The text in UTF-8 that ends with a NUL; '' at NULL. */
  textAt(pointer: number): string {
    this.#look();
    return pointer === 0 ? '' : this.#bytes.toString('utf8', pointer, this.#bytes.indexOf(0, pointer));
  }

  /** Writes a text and the NUL behind it. @param bytes Its length in UTF-8. */
  write(text: string, pointer: number, bytes: number): void {
    this.#look();
    this.#bytes.write(text, pointer, bytes, bytes === text.length ? 'latin1' : 'utf8');
    this.#bytes[pointer + bytes] = 0;
  }

  /** Another buffer takes the place of the one before when the memory grows. */
  #look(): void {
    const { buffer } = this.#memory;
    if (this.#bytes.buffer === buffer) return;
    this.#bytes = Buffer.from(buffer);
    this.#integers = new Int32Array(buffer);
  }
}
