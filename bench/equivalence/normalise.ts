import { decodeRecord } from '@slipway/release';

/** A value of a run, made comparable: what differs from run to run is replaced by what kind of thing it is. */
export type Facts = Record<string, string>;

/** Text that is written for people: it is compared by the tests, not here. */
const prose = new Set([
  'summary',
  'detail',
  'evidence',
  'remedy',
  'title',
  'url',
  'file',
  'manifest',
  'reference',
]);
/** Numbers that depend on the machine. */
const measured = /^(?:ms|bytes|seconds|wealth|events|bad|attempts|bar|requests|errors|p\d+)$/;

/**
 * The leaves of a release record by their path. Times, digests, measured numbers and prose become a placeholder; names,
 * states, classes, versions and counts stay. `details` are lines of logs.
 */
export function recordFacts(text: string): Facts {
  const facts: Facts = {};
  collect(readRecord(text), [], facts);
  return facts;
}

/** Outputs by their name; those that are lists or objects by their leaves. */
export function outputFacts(outputs: Readonly<Record<string, string>>): Facts {
  const facts: Facts = {};
  for (const [name, value] of Object.entries(outputs)) {
    // The record is compared on its own, and what is written for people by its presence.
    if (['release', 'summary', 'report'].includes(name)) facts[name] = 'set';
    else if (/^[[{]/.test(value)) collect(JSON.parse(value), [name], facts);
    else facts[name] = measured.test(name) ? '<number>' : stable(value);
  }
  return facts;
}

/** The record of either build: the earlier one may have written it as JSON. */
export function readRecord(text: string): unknown {
  return text.startsWith('{') ? JSON.parse(text) : decodeRecord(text);
}

function collect(value: unknown, at: readonly string[], facts: Facts): void {
  if (Array.isArray(value) && at.at(-1) === 'details') return;
  if (Array.isArray(value) && at.at(-1) === 'points') facts[at.join('.')] = '<points>';
  else if (Array.isArray(value)) {
    facts[[...at, 'length'].join('.')] = String(value.length);
    for (const [index, one] of value.entries()) collect(one, [...at, keyOf(one, index)], facts);
  } else if (typeof value === 'object' && value !== null)
    for (const [key, one] of Object.entries(value)) collect(one, [...at, stable(key)], facts);
  else facts[at.join('.')] = leaf(at.at(-1) ?? '', value);
}

/** Entries of a list are known by what they are called where they are called something. */
function keyOf(value: unknown, index: number): string {
  const { name, id, service } = (value ?? {}) as { name?: unknown; id?: unknown; service?: unknown };
  const called = [name, id, service].find((one) => typeof one === 'string');
  return called === undefined ? String(index) : `${index}(${stable(String(called))})`;
}

function leaf(key: string, value: unknown): string {
  if (typeof value === 'number') return measured.test(key) ? '<number>' : String(value);
  if (typeof value !== 'string') return String(value);
  if (prose.has(key)) return value === '' ? '' : '<text>';
  return stable(value);
}

/** Parts of a text that another run has otherwise. */
export function stable(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?/g, '<time>')
    .replace(/\b(?:sha256:)?[0-9a-f]{40,64}\b/g, '<digest>')
    .replace(/\b\d{8}T\d{9}Z\.[0-9a-f]{12}\b/g, '<backup>')
    .replace(/\b(?:127\.0\.0\.1|localhost|172\.\d+\.\d+\.\d+)(?::\d+)?/g, '<host>')
    .replace(/(?:\/[\w.@-]+)*\/slipway-[\w.@/-]+/g, '<path>')
    .replace(/_\d+_\d+\b/g, '_<n>')
    .replace(/\bbuildpush\d+\b/g, 'buildpush<n>');
}
