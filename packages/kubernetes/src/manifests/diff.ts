import { isDeepStrictEqual } from 'node:util';
import { OutsideText, type Redactor } from '@slipway/kernel';
import type { Fields } from './fields.ts';
import { type Leaf, leavesOf } from './leaves.ts';
import { titleOf } from './object.ts';
import { storedForm } from './strip.ts';

/** One value that differs. */
export interface DiffLine {
  path: string;
  /** null when it did not exist. A secret is never in it. */
  before: string | null;
  /** null when it is removed. A secret is never in it. */
  after: string | null;
  /** The whole as one line. */
  text: string;
}

/** A longer text is shown by its beginning. */
const maxChars = 160;

/**
 * The differences, value by value. Both sides are to be as the API server shows them (`live` and the answer to a dry
 * run), so that defaults do not differ. Items of lists are compared by name. The result contains no secret: neither one of
 * the step nor what looks like one.
 */
export function diffObject(live: object | null, desired: object, redactor: Redactor): DiffLine[] {
  const before = leavesOf(live ? comparable(live) : {});
  const after = leavesOf(comparable(desired));
  const paths = [...after.keys(), ...[...before.keys()].filter((path) => !after.has(path))];
  return paths.flatMap((path) => {
    const [from, to] = [before.get(path), after.get(path)];
    const same = from && to && isDeepStrictEqual(from.value, to.value);
    return same || isFilled(path, from, after) || isFilled(path, to, before)
      ? []
      : [line({ path, from, to }, redactor)];
  });
}

/** Without the fields that only the server writes. */
function comparable(object: object): Fields {
  return storedForm({ metadata: {}, ...object });
}

/** An empty mapping or list on one side adds nothing to the lines for the content of the other side. */
function isFilled(path: string, leaf: Leaf | undefined, other: ReadonlyMap<string, Leaf>): boolean {
  if (typeof leaf?.value !== 'object' || leaf.value === null) return false;
  return [...other.keys()].some((key) => key.startsWith(`${path}.`) || key.startsWith(`${path}[`));
}

function line(
  { path, from, to }: { path: string; from: Leaf | undefined; to: Leaf | undefined },
  redactor: Redactor,
): DiffLine {
  if (from?.secret || to?.secret)
    return { path, before: null, after: null, text: `${path}: (secret changed)` };
  const before = from ? shown(from.value, redactor) : null;
  const after = to ? shown(to.value, redactor) : null;
  if (before === null) return { path, before, after, text: `${path}: ${after} (new)` };
  if (after === null) return { path, before, after, text: `${path}: ${before} (removed)` };
  // Texts that begin alike, or that have several lines, would otherwise appear equal.
  const both = before === after ? `${before} (changed)` : `${before} -> ${after}`;
  return { path, before, after, text: `${path}: ${both}` };
}

function shown(value: unknown, redactor: Redactor): string {
  if (typeof value !== 'string') return JSON.stringify(value) ?? 'null';
  if (value === '') return '""';
  const lines = value.replace(/\n$/, '').split('\n').length;
  if (lines > 1) return `(${lines} lines)`;
  const beginning = OutsideText.of(value, redactor).excerpt(maxChars);
  return value.length > maxChars ? `${beginning} (${value.length} characters)` : beginning;
}

/** A live object and its desired form. */
export interface ObjectPair {
  live: object | null;
  desired: object;
}

/** The differences of many objects for people: one line per object, and below it what changes. */
export function describeDiff(objects: readonly ObjectPair[], redactor: Redactor, maxLines = 20): string[] {
  return objects.flatMap(({ live, desired }) => {
    const title = titleOf(desired);
    if (!live) return [`+ ${title} (new)`];
    const lines = diffObject(live, desired, redactor);
    if (lines.length === 0) return [`= ${title} (unchanged)`];
    const shown = lines.slice(0, maxLines).map(({ text }) => `    ${text}`);
    const rest = lines.length - shown.length;
    return [`~ ${title}`, ...shown, ...(rest > 0 ? [`    … and ${rest} more`] : [])];
  });
}
