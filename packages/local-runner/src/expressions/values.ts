import { data } from '@actions/expressions';

/** A plain value as the official evaluator takes it. Objects become dictionaries, whose keys ignore case as on GitHub. */
export function toData(value: unknown): data.ExpressionData {
  if (value === null || value === undefined) return new data.Null();
  if (typeof value === 'boolean') return new data.BooleanData(value);
  if (typeof value === 'number') return new data.NumberData(value);
  if (typeof value === 'string') return new data.StringData(value);
  if (Array.isArray(value)) return new data.Array(...value.map(toData));
  return new data.Dictionary(...Object.entries(value).map(([key, one]) => ({ key, value: toData(one) })));
}

/** The plain value of what an expression gave. */
export function toPlain(value: data.ExpressionData): unknown {
  switch (value.kind) {
    case data.Kind.Null:
      return null;
    case data.Kind.Array:
      return (value as data.Array).values().map(toPlain);
    case data.Kind.Dictionary:
      return Object.fromEntries(
        (value as data.Dictionary).pairs().map((pair) => [pair.key, toPlain(pair.value)]),
      );
    default:
      return (value as data.StringData | data.NumberData | data.BooleanData).value;
  }
}
