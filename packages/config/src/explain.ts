import type * as z from 'zod';
import { hasPlaceholder } from './interpolate.ts';
import { didYouMean } from './known-keys.ts';
import type { Problem } from './problem.ts';
import { isTree, type Tree, valueAt } from './tree.ts';

type Issue = z.core.$ZodIssue;

/** The types that zod names, in the words of YAML users. */
const typeNames: Record<string, string> = {
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

/** Turns one issue of the schema into problems: what was expected, and what was found. `written` still contains `${NAME}`. */
export function explain(issue: Issue, written: Tree, interpolated: Tree): Problem[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: [...path, key],
      of: 'key',
      message: `unknown key "${[...path, key].join('.')}"${didYouMean(key, path)}`,
    }));
  const name = path.join('.');
  if (issue.code === 'invalid_key') {
    const expected = issue.issues[0] ? expectation(issue.issues[0]) : 'another key';
    return [{ path, of: 'key', message: `"${name}": expected ${expected}, found the key "${path.at(-1)}"` }];
  }
  const found = describeFound(valueAt(written, path), valueAt(interpolated, path));
  return [{ path, of: 'value', message: `"${name}": expected ${expectation(issue)}, ${found}` }];
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return isFromZod(issue.message) ? (typeNames[issue.expected] ?? issue.expected) : issue.message;
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value)).join(' or ');
    case 'too_small':
      return limit(issue.origin, 'at least', Number(issue.minimum));
    case 'too_big':
      return limit(issue.origin, 'at most', Number(issue.maximum));
    case 'invalid_union':
      return alternatives(issue);
    default:
      return issue.message.replace(/^Invalid string: must /, 'text that must ');
  }
}

/** A message from our schema names what is expected; a message of zod names only a type. */
function isFromZod(message: string): boolean {
  return message.startsWith('Invalid input');
}

function limit(origin: string, bound: 'at least' | 'at most', size: number): string {
  if (origin === 'array') return `a list of ${bound} ${size} ${size === 1 ? 'item' : 'items'}`;
  if (origin === 'string') return `text of ${bound} ${size} ${size === 1 ? 'character' : 'characters'}`;
  return `a number of ${bound} ${size}`;
}

function alternatives(issue: z.core.$ZodIssueInvalidUnion): string {
  const each = issue.errors.map((branch) => (branch[0] ? expectation(branch[0]) : issue.message));
  return [...new Set(each)].join(' or ');
}

/** A longer text is not shown: cut, a secret in it would not be recognised. */
const maxFoundLength = 80;

/** A value from the environment may be a secret: only its length is shown. */
function describeFound(written: unknown, interpolated: unknown): string {
  if (written === undefined) return 'but it is missing';
  if (hasPlaceholder(written))
    return `found ${written}, whose value has ${String(interpolated).length} characters`;
  if (Array.isArray(written)) return 'found a list';
  if (isTree(written)) return 'found a mapping';
  const text = JSON.stringify(written) ?? String(written);
  return `found ${text.length > maxFoundLength ? `text of ${text.length} characters` : text}`;
}
