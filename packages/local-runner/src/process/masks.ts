/** Shapes in which a secret may turn up although nobody wrote it so: those that GitHub's runner masks (ValueEncoders). */
const encodings: readonly ((value: string) => string)[] = [
  (value) => value,
  (value) => JSON.stringify(value).slice(1, -1),
  (value) => encodeURIComponent(value),
  // The three places at which a secret may begin within a longer text.
  (value) => Buffer.from(value).toString('base64'),
  (value) => Buffer.from(value).subarray(1).toString('base64'),
  (value) => Buffer.from(value).subarray(2).toString('base64'),
  (value) => value.replaceAll('"', '\\"'),
  (value) => value.replaceAll("'", "''"),
  (value) => value.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;'),
  (value) => (value.length > 8 ? value.replace(/^"(.*)"$/s, '$1') : value),
];

/** The secrets of one job. They never appear in what it says, only in what it passes to its own steps. */
export class Masks {
  #values: string[] = [];

  /** Adds a secret: as a whole, line by line, and as it is usually encoded. Blank ones are ignored. */
  add(secret: string): void {
    const wanted = [secret, ...secret.split(/\r?\n/)].map((one) => one.trim()).filter((one) => one !== '');
    const all = new Set([
      ...this.#values,
      ...wanted.flatMap((one) => encodings.map((encode) => encode(one))),
    ]);
    // The longest first: a secret inside another must not leave the rest of that one readable.
    this.#values = [...all].filter((one) => one !== '').sort((a, b) => b.length - a.length);
  }

  mask(text: string): string {
    let left = text;
    for (const value of this.#values) left = left.replaceAll(value, '***');
    return left;
  }

  /** Whether a text holds a secret: then GitHub does not hand it to another job. */
  touches(text: string): boolean {
    return this.#values.some((value) => text.includes(value));
  }
}
