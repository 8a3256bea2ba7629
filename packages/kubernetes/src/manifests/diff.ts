import { isDeepStrictEqual } from 'node:util';
import type { Fields } from './fields.ts';
import { type Leaf, leavesOf } from './leaves.ts';
import { titleOf } from './object.ts';
import { storedForm } from './strip.ts';

/** One value that differs. */
export interface DiffLine {
  path: string;
  /** null when it was not there. A secret is never in it. */
  before: string | null;
  /** null when it goes. A secret is never in it. */
  after: string | null;
  /** The whole as one line. */
  text: string;
}

/** A text longer than this is shown by its beginning. */
const longest = 160;

/**
 * What is different, value by value. Both sides are to be as the API server shows them (`live` and the answer to a dry
 * run), so that defaults are no difference. Items of lists are compared by name. No secret is in the answer.
 */
export function diffObject(live: object | null, desired: object): DiffLine[] {
  const before = leavesOf(live ? comparable(live) : {});
  const after = leavesOf(comparable(desired));
  const paths = [...after.keys(), ...[...before.keys()].filter((path) => !after.has(path))];
  return paths.flatMap((path) => {
    const [from, to] = [before.get(path), after.get(path)];
    const same = from && to && isDeepStrictEqual(from.value, to.value);
    return same || isFilled(path, from, after) || isFilled(path, to, before) ? [] : [line(path, from, to)];
  });
}

/** Without what only the server writes. */
function comparable(object: object): Fields {
  return storedForm({ metadata: {}, ...object });
}

/** An empty mapping or list on one side says nothing beyond the lines for what the other side has in it. */
function isFilled(path: string, leaf: Leaf | undefined, other: ReadonlyMap<string, Leaf>): boolean {
  if (typeof leaf?.value !== 'object' || leaf.value === null) return false;
  return [...other.keys()].some((key) => key.startsWith(`${path}.`) || key.startsWith(`${path}[`));
}

function line(path: string, from: Leaf | undefined, to: Leaf | undefined): DiffLine {
  if (from?.secret || to?.secret)
    return { path, before: null, after: null, text: `${path}: (secret changed)` };
  const before = from ? shown(from.value) : null;
  const after = to ? shown(to.value) : null;
  if (before === null) return { path, before, after, text: `${path}: ${after} (new)` };
  if (after === null) return { path, before, after, text: `${path}: ${before} (gone)` };
  // Texts that begin alike, or that have several lines, would otherwise look the same.
  const both = before === after ? `${before} (changed)` : `${before} -> ${after}`;
  return { path, before, after, text: `${path}: ${both}` };
}

function shown(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value) ?? 'null';
  const lines = value.replace(/\n$/, '').split('\n').length;
  if (lines > 1) return `(${lines} lines)`;
  return value.length > longest ? `${value.slice(0, longest)}… (${value.length} characters)` : value || '""';
}

/** An object as it is and as it is to be. */
export interface Compared {
  live: object | null;
  desired: object;
}

/** The differences of many objects for people: one line per object, and below it what changes. */
export function describeDiff(objects: readonly Compared[], most = 20): string[] {
  return objects.flatMap(({ live, desired }) => {
    const title = titleOf(desired);
    if (!live) return [`+ ${title} (new)`];
    const lines = diffObject(live, desired);
    if (lines.length === 0) return [`= ${title} (unchanged)`];
    const kept = lines.slice(0, most).map(({ text }) => `    ${text}`);
    const rest = lines.length - kept.length;
    return [`~ ${title}`, ...kept, ...(rest > 0 ? [`    … and ${rest} more`] : [])];
  });
}
