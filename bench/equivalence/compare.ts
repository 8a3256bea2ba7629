import type { RecordedRun } from '../../test/support/recorded-runs.ts';
import type { IntendedChange } from './intended.ts';
import { type Facts, outputFacts, readRecord, recordFacts, stable } from './normalise.ts';
import type { Renames } from './renames.ts';

/** One thing that the two builds did otherwise. */
export interface Difference {
  /** `test (action step)`. */
  run: string;
  what: string;
  before: string;
  after: string;
}

export interface Comparison {
  /** Runs of both builds with the same inputs. */
  compared: number;
  /** How many of them by action. */
  byAction: Map<string, number>;
  /** What nobody meant to change. */
  differences: Difference[];
  /** What was meant, by the change that explains it; one that explains nothing has no differences. */
  intended: Map<IntendedChange, Difference[]>;
  /** Runs of one build that have no counterpart, as `test (action step)`. */
  onlyBefore: string[];
  onlyAfter: string[];
}

/** What two builds are allowed to differ in. */
export interface Allowed {
  renames: Renames;
  intended: readonly IntendedChange[];
  /** Titles of tests that were changed, old to new. */
  titles: ReadonlyMap<string, string>;
}

/** Compares what the bundles did in tests and scenarios of the same title. */
export function compareRuns(
  before: readonly RecordedRun[],
  after: readonly RecordedRun[],
  { renames, intended, titles }: Allowed,
): Comparison {
  const rename = (title: string): string =>
    [...titles].reduce((text, [from, to]) => text.replace(from, to), title);
  const old = new Map(before.map((run) => [keyOf(run, rename(run.test)), run]));
  const fresh = new Map(after.map((run) => [keyOf(run, run.test), run]));
  const both = [...old.keys()].filter((key) => fresh.has(key)).sort();
  const byAction = new Map<string, number>();
  const all = both.flatMap((key) => {
    const [one, other] = [old.get(key), fresh.get(key)];
    if (!one || !other) return [];
    byAction.set(other.action, (byAction.get(other.action) ?? 0) + 1);
    return differ(key, one, other, renames);
  });
  const explained = new Map(all.map((one) => [one, intended.find((change) => explains(change, one))]));
  return {
    compared: both.length,
    byAction,
    differences: all.filter((one) => explained.get(one) === undefined),
    intended: new Map(intended.map((change) => [change, all.filter((one) => explained.get(one) === change)])),
    onlyBefore: [...old.keys()].filter((key) => !fresh.has(key)).sort(),
    onlyAfter: [...fresh.keys()].filter((key) => !old.has(key)).sort(),
  };
}

function keyOf(run: RecordedRun, title: string): string {
  return `${stable(title)} (${run.action} ${run.step})`;
}

function explains({ runs, facts }: IntendedChange, { run, what, before, after }: Difference): boolean {
  return runs.test(run) && facts.test(`${what}: ${before} -> ${after}`);
}

function differ(run: string, before: RecordedRun, after: RecordedRun, renames: Renames): Difference[] {
  const [one, other] = [factsOf(renamed(before, renames)), factsOf(after)];
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
  return keys
    .map((what) => ({ run, what, before: one[what] ?? '(absent)', after: other[what] ?? '(absent)' }))
    .filter((fact) => fact.before !== fact.after);
}

/** Inputs, exit code, annotations, outputs, the record, and what was true on the target. */
function factsOf(run: RecordedRun): Facts {
  const inputs = Object.entries(run.inputs).filter(([key]) => key !== 'release');
  const { release } = run.outputs;
  return {
    ...Object.fromEntries(inputs.map(([key, value]) => [`input ${key}`, stable(value)])),
    'exit code': String(run.code),
    signal: String(run.signal),
    '::error:: annotations': String(run.errors),
    ...prefixed('output', outputFacts(run.outputs)),
    ...(release ? prefixed('record', recordFacts(release)) : {}),
    ...prefixed('target', run.target ?? {}),
  };
}

function prefixed(word: string, facts: Facts): Facts {
  return Object.fromEntries(Object.entries(facts).map(([key, value]) => [`${word} ${key}`, value]));
}

function renamed(run: RecordedRun, { inputs, inputValues, outputs, facts, values }: Renames): RecordedRun {
  const named = Object.entries(run.inputs).map(([key, value]) => [
    inputs[key] ?? key,
    inputValues[`${key}=${value}`] ?? value,
  ]);
  const entries = Object.entries(run.outputs).map(([key, value]) => [outputs[key] ?? key, value]);
  const fresh = { ...run, inputs: Object.fromEntries(named), outputs: Object.fromEntries(entries) };
  if (!fresh.outputs.release) return fresh;
  const record = renameIn(readRecord(fresh.outputs.release), [], { facts, values });
  return { ...fresh, outputs: { ...fresh.outputs, release: JSON.stringify(record) } };
}

/** @param at Keys on the way to the value; the items of a list have the path of the list. */
function renameIn(
  value: unknown,
  at: readonly string[],
  renames: Pick<Renames, 'facts' | 'values'>,
): unknown {
  if (Array.isArray(value)) return value.map((one) => renameIn(one, at, renames));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => {
        const path = [...at, key].join('.');
        const to = renames.facts.find(([from]) => from.test(path))?.[1] ?? key;
        return [to, renameIn(one, [...at, to], renames)];
      }),
    );
  const read = `${at.join('.')}=${value}`;
  return renames.values.find(([from]) => from.test(read))?.[1] ?? value;
}
