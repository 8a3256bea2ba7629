/** The secrets of a run, as the GitHub runner keeps them: `***` in every line, line by line for long ones. */
export class Masks {
  readonly #values = new Set<string>();

  add(value: string): void {
    for (const line of value.split(/\r?\n/)) if (line.trim() !== '') this.#values.add(line);
  }

  mask(text: string): string {
    return [...this.#values]
      .sort((a, b) => b.length - a.length)
      .reduce((left, value) => left.replaceAll(value, '***'), text);
  }

  /** GitHub drops a job output that holds one. */
  touches(text: string): boolean {
    return [...this.#values].some((value) => text.includes(value));
  }
}
