/** A mapping of unknown content, as it comes from YAML or from the API server. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands at a path; undefined as soon as a step of it is not there. */
export function field(value: unknown, ...path: readonly (string | number)[]): unknown {
  let at: unknown = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<string | number, unknown>)[step];
  }
  return at;
}

/** The mapping at a path; empty when there is none. What has the wrong shape is for the API server to refuse. */
export function fields(value: unknown, ...path: readonly (string | number)[]): Fields {
  const found = field(value, ...path);
  return isFields(found) ? found : {};
}

/** The mappings in the list at a path. */
export function listed(value: unknown, ...path: readonly (string | number)[]): Fields[] {
  const found = field(value, ...path);
  return Array.isArray(found) ? found.filter(isFields) : [];
}

/** The text at a path; null when there is none, or an empty one. */
export function text(value: unknown, ...path: readonly (string | number)[]): string | null {
  const found = field(value, ...path);
  return typeof found === 'string' && found !== '' ? found : null;
}

/** The number at a path; null when there is none. */
export function number(value: unknown, ...path: readonly (string | number)[]): number | null {
  const found = field(value, ...path);
  return typeof found === 'number' ? found : null;
}
