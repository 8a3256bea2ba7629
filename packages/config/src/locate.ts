import { type Document, isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';

export interface Location {
  /** In characters from the start of the text. */
  offset: number;
  /** Whether the location is in the overrides of the environment. */
  overridden: boolean;
}

interface Entry {
  key: Node | null;
  value: Node | null;
}

/**
 * Finds where the file sets what the effective configuration has at a path: in the override of the environment when
 * the value comes from there, else in the base. A missing value is located at its nearest parent.
 */
export function locate(
  document: Document,
  environment: string,
  path: readonly string[],
  of: 'key' | 'value',
): Location {
  let base: Node | null = document.contents;
  let override = overridesOf(document, environment);
  let location: Location = { offset: document.contents?.range?.[0] ?? 0, overridden: false };
  for (const [depth, step] of path.entries()) {
    const over = entry(document, override, step);
    const under = entry(document, base, step);
    const chosen = over ?? under;
    if (!chosen) break;
    const node = (depth === path.length - 1 && of === 'value' ? chosen.value : chosen.key) ?? chosen.value;
    location = { offset: node?.range?.[0] ?? location.offset, overridden: over !== undefined };
    override = over?.value ?? null;
    base = over && !isMap(over.value) ? null : (under?.value ?? null);
  }
  return location;
}

/** The mapping below `environments.<name>`, or null. */
function overridesOf(document: Document, environment: string): Node | null {
  const environments = entry(document, document.contents, 'environments')?.value ?? null;
  return entry(document, environments, environment)?.value ?? null;
}

function entry(document: Document, node: Node | null, step: string): Entry | undefined {
  const at = isAlias(node) ? node.resolve(document) : node;
  if (isSeq(at)) {
    const value = at.items[Number(step)] as Node | undefined;
    return value && { key: null, value };
  }
  if (!isMap(at)) return undefined;
  const pair = at.items.find(({ key }) => isScalar(key) && String(key.value) === step);
  return pair && { key: pair.key as Node, value: pair.value as Node | null };
}
