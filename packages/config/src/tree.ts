/** A mapping of plain values, as read from the file. */
export type Tree = Record<string, unknown>;

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Merges mappings key by key, in the order of the base. Anything else in the override replaces the value in the base. */
export function merge(base: unknown, override: unknown): unknown {
  if (!isTree(base) || !isTree(override)) return override;
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(override))
    merged.set(key, merged.has(key) ? merge(merged.get(key), value) : value);
  return Object.fromEntries(merged);
}

/** The value at a path, or undefined. */
export function valueAt(tree: unknown, path: readonly string[]): unknown {
  let at = tree;
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Tree)[step];
  }
  return at;
}
