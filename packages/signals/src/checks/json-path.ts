import { type OutsideText, UserError } from '@slipway/kernel';
import { type JsonValue, query } from 'jsonpath-rfc9535';
import parsePath from 'jsonpath-rfc9535/parser';
import { maxExcerpt } from '../excerpt.ts';

/** What a JSON path may be asserted to be. */
export type Scalar = string | number | boolean | null;

/** @throws UserError that names the key of the configuration, when the text is not an RFC 9535 JSONPath. */
export function checkPath(path: string, key: string): void {
  try {
    parsePath(path);
  } catch (cause) {
    throw new UserError(`${key}: ${JSON.stringify(path)} is not a JSONPath (RFC 9535)`, {
      hint: 'Examples: $.status, $.items[0].state, $.items[*].state.',
      cause,
    });
  }
}

/** Every value at the path. A path into nothing gives none, and so does one into a text or a number. */
export function valuesAt(document: JsonValue, path: string): JsonValue[] {
  return query(document, path);
}

/**
 * What is wrong with the value at the path, or null. Nothing is coerced: the text "0" is not the number 0, and a path
 * that leads nowhere is not null. A path with several values wants at least one, and all of them equal.
 * @param body Where the document came from, which makes its values safe to show.
 */
export function pathFailure(
  document: JsonValue,
  path: string,
  expected: Scalar,
  body: OutsideText,
): string | null {
  const quote = (value: JsonValue | undefined): string =>
    body.part(JSON.stringify(value) ?? 'nothing').excerpt(maxExcerpt);
  const values = valuesAt(document, path);
  if (values.length === 0) return `${path}: expected ${quote(expected)}, but the path matches nothing`;
  const wrong = values.filter((value) => value !== expected);
  if (wrong.length === 0) return null;
  const among = values.length > 1 ? ` in ${wrong.length} of ${values.length} matches` : '';
  return `${path}: expected ${quote(expected)}, found ${describeValue(wrong[0], expected, quote)}${among}`;
}

function describeValue(
  value: JsonValue | undefined,
  expected: Scalar,
  quote: (value: JsonValue | undefined) => string,
): string {
  if (value === '') return 'an empty string';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list: ${quote(value)}`;
  if (value !== null && typeof value === 'object')
    return Object.keys(value).length === 0 ? 'an empty object' : `an object: ${quote(value)}`;
  // Where only the type differs, "expected 0, found "0"" is easily misread.
  const alike = String(value) === String(expected);
  return alike ? `${quote(value)}, which is a ${typeof value}, not a ${typeof expected}` : quote(value);
}
