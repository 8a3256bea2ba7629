import type { JsonValue } from 'jsonpath-rfc9535';

/** undefined when the text is not JSON; null is a JSON value. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
