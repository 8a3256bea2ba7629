import type { RecordedRun } from '../../test/support/recorded-runs.ts';
import { type Facts, recordFacts, stable } from './normalise.ts';
import type { Renames } from './renames.ts';

/** One thing that the two builds did otherwise. */
interface Difference {
  test: string;
  step: number;
  action: string;
  what: string;
  before: string;
  after: string;
}

export interface Comparison {
  /** Runs of both builds with the same inputs. */
  compared: number;
  /** How many of them by action. */
  byAction: Map<string, number>;
  differences: Difference[];
  /** Runs of one build that have no counterpart, as `test (step)`. */
  onlyBefore: string[];
  onlyAfter: string[];
}

/** Compares what the bundles did in tests of the same title. `titles` maps titles that were changed. */
export function compareRuns(
  before: readonly RecordedRun[],
  after: readonly RecordedRun[],
  renames: Renames,
  titles: ReadonlyMap<string, string>,
): Comparison {
  const rename = (title: string): string =>
    [...titles].reduce((text, [from, to]) => text.replace(from, to), title);
  const old = new Map(before.map((run) => [keyOf(run, rename(run.test)), run]));
  const fresh = new Map(after.map((run) => [keyOf(run, run.test), run]));
  const both = [...old.keys()].filter((key) => fresh.has(key)).sort();
  const byAction = new Map<string, number>();
  const differences = both.flatMap((key) => {
    const [one, other] = [old.get(key), fresh.get(key)];
    if (!one || !other) return [];
    byAction.set(other.action, (byAction.get(other.action) ?? 0) + 1);
    return differ(one, other, renames);
  });
  return {
    compared: both.length,
    byAction,
    differences,
    onlyBefore: [...old.keys()].filter((key) => !fresh.has(key)).sort(),
    onlyAfter: [...fresh.keys()].filter((key) => !old.has(key)).sort(),
  };
}

function keyOf(run: RecordedRun, title: string): string {
  return `${stable(title)} (${run.action} ${run.step})`;
}

function differ(before: RecordedRun, after: RecordedRun, renames: Renames): Difference[] {
  const [one, other] = [factsOf(renamed(before, renames)), factsOf(after)];
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
  return keys
    .map((key) => ({ what: key, before: one[key] ?? '(absent)', after: other[key] ?? '(absent)' }))
    .filter((fact) => fact.before !== fact.after)
    .map((fact) => ({ test: after.test, step: after.step, action: after.action, ...fact }));
}

/** Exit code, annotations, outcome, the keys of the outputs, and the record. */
function factsOf(run: RecordedRun): Facts {
  const inputs = Object.entries(run.inputs).filter(([key]) => key !== 'release');
  const { release, outcome = '(none)' } = run.outputs;
  return {
    ...Object.fromEntries(inputs.map(([key, value]) => [`input ${key}`, stable(value)])),
    'exit code': String(run.code),
    signal: String(run.signal),
    '::error:: annotations': String(run.errors),
    outcome,
    ...Object.fromEntries(Object.keys(run.outputs).map((key) => [`output ${key}`, 'set'])),
    ...(release ? prefixed(recordFacts(release)) : {}),
  };
}

function prefixed(facts: Facts): Facts {
  return Object.fromEntries(Object.entries(facts).map(([key, value]) => [`record ${key}`, value]));
}

function renamed(run: RecordedRun, { inputs, inputValues, outputs, facts, values }: Renames): RecordedRun {
  const named = Object.entries(run.inputs).map(([key, value]) => [
    inputs[key] ?? key,
    inputValues[`${key}=${value}`] ?? value,
  ]);
  const entries = Object.entries(run.outputs).map(([key, value]) => [outputs[key] ?? key, value]);
  const fresh = { ...run, inputs: Object.fromEntries(named), outputs: Object.fromEntries(entries) };
  if (!fresh.outputs.release || (facts.length === 0 && Object.keys(values).length === 0)) return fresh;
  const record = renameIn(JSON.parse(fresh.outputs.release), [], { facts, values });
  return { ...fresh, outputs: { ...fresh.outputs, release: JSON.stringify(record) } };
}

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
  return renames.values[`${at.at(-1)}=${value}`] ?? value;
}
