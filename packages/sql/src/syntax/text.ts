const decoded = new WeakMap<Buffer, string>();

/** The bytes as text, decoded once: every migration format reads the same files to recognise its own. */
export function textOf(content: Buffer): string {
  const text = decoded.get(content) ?? content.toString('utf8');
  decoded.set(content, text);
  return text;
}

/** PostgreSQL counts code points, JavaScript UTF-16 units. */
export function charactersToIndex(text: string, characters: number): number {
  let index = 0;
  for (let left = characters; left > 0 && index < text.length; left--) {
    index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
  }
  return index;
}
