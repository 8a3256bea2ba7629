/** Numbers values by their text, so that a state of the model is a short list of numbers. */
export class Interned<T> {
  readonly #ids = new Map<string, number>();
  readonly #values: T[] = [];

  /** The number of a value; the same for the same text. */
  id(text: string, value: T): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    this.#ids.set(text, this.#values.length);
    this.#values.push(value);
    return this.#values.length - 1;
  }

  value(id: number): T {
    const value = this.#values[id];
    if (value === undefined) throw new Error(`nothing has number ${id}`);
    return value;
  }

  get size(): number {
    return this.#values.length;
  }
}

/** Remembers the results of a pure function by a text that names its arguments. */
export function remembered<Arguments extends readonly unknown[], Result>(
  name: (...given: Arguments) => string,
  compute: (...given: Arguments) => Result,
): (...given: Arguments) => Result {
  const results = new Map<string, Result>();
  return (...given) => {
    const key = name(...given);
    const known = results.get(key);
    if (known !== undefined) return known;
    const result = compute(...given);
    results.set(key, result);
    return result;
  };
}
