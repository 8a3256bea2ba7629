import { configSchema, sectionNames } from './schema.ts';
import { suggest } from './suggest.ts';

type Definition = {
  innerType?: unknown;
  in?: unknown;
  element?: unknown;
  valueType?: unknown;
  keyType?: unknown;
};
type Inspected = { shape?: Record<string, unknown>; options?: string[]; def?: Definition } | undefined;

/** `; did you mean "image"?`, else the keys that are known at this location, else nothing. */
export function didYouMean(key: string, path: readonly string[]): string {
  const known = knownKeys(path);
  const near = suggest(key, known);
  if (near) return `; did you mean "${near}"?`;
  return known.length > 0 ? `; known keys: ${known.join(', ')}` : '';
}

/** The keys that the schema knows below a path. Empty where any key is allowed. */
function knownKeys(path: readonly string[]): string[] {
  let schema: unknown = configSchema(new Set(sectionNames));
  for (const step of path) {
    const at = unwrap(schema);
    schema = at?.shape?.[step] ?? at?.def?.element ?? at?.def?.valueType;
  }
  const at = unwrap(schema);
  const keys = Object.keys(at?.shape ?? {}).concat(unwrap(at?.def?.keyType)?.options ?? []);
  return path.length === 0 ? [...keys, 'environments'] : keys;
}

/** The schema inside optional, default and similar wrappers, or before a transform. */
function unwrap(schema: unknown): Inspected {
  const at = schema as Inspected;
  const inner = at?.def?.innerType ?? at?.def?.in;
  return inner === undefined ? at : unwrap(inner);
}
