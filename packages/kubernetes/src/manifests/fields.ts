/** A mapping of unknown content, as it comes from YAML or from the API server. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether a value is a mapping. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path; undefined as soon as a step of it does not exist. */
export function field(value: unknown, ...path: readonly (string | number)[]): unknown {
  let at: unknown = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<string | number, unknown>)[step];
  }
  return at;
}

/** The mapping at a path; empty when there is none. The API server refuses values of the wrong shape. */
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

/** A copy with another value at a path. */
export function withField(value: unknown, path: readonly (string | number)[], to: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return to;
  if (Array.isArray(value))
    return value.map((item, index) => (index === step ? withField(item, rest, to) : item));
  return { ...fields(value), [step]: withField(field(value, step), rest, to) };
}
