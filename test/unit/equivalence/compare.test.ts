import { describe, expect, test } from '@jest/globals';
import { type Allowed, compareRuns } from '../../../bench/equivalence/compare.ts';
import type { IntendedChange } from '../../../bench/equivalence/intended.ts';
import { earlierInputs, type Renames } from '../../../bench/equivalence/renames.ts';
import type { RecordedRun } from '../../support/recorded-runs.ts';

const renames: Renames = {
  inputs: { 'at-least': 'min-age' },
  inputValues: { 'to=unsettled': 'unfinished' },
  outputs: { sayings: 'messages' },
  facts: [[/^phases\.outcomes$/, 'checks']],
  values: [[/^phases\.metrics\.state=good$/, 'met']],
};
const allowed: Allowed = { renames, intended: [], titles: new Map() };

const run = (more: Partial<RecordedRun> = {}): RecordedRun => ({
  test: 'rollout: a release',
  step: 1,
  action: 'rollout',
  inputs: { environment: 'demo' },
  code: 0,
  signal: null,
  errors: 0,
  outputs: { outcome: 'passed' },
  ...more,
});
const withRecord = (record: object): RecordedRun =>
  run({ outputs: { outcome: 'passed', release: JSON.stringify(record) } });
const rows = (before: RecordedRun, after: RecordedRun, more: Partial<Allowed> = {}): string[] =>
  compareRuns([before], [after], { ...allowed, ...more }).differences.map(
    ({ run: of, what, before: one, after: other }) => `${of}: ${what}: ${one} -> ${other}`,
  );

describe('what counts as a difference', () => {
  test.each<[Partial<RecordedRun>, string]>([
    [{ code: 1 }, 'exit code: 0 -> 1'],
    [{ signal: 'SIGKILL' }, 'signal: null -> SIGKILL'],
    [{ errors: 1 }, '::error:: annotations: 0 -> 1'],
    [{ outputs: { outcome: 'failed' } }, 'output outcome: passed -> failed'],
    [{ outputs: { outcome: 'passed', changed: 'true' } }, 'output changed: (absent) -> true'],
    [{ inputs: { environment: 'staging' } }, 'input environment: demo -> staging'],
    [{ target: { serving: '1.0.0' } }, 'target serving: (absent) -> 1.0.0'],
  ])('%j', (change, row) => {
    expect(rows(run(), run(change))).toEqual([`rollout: a release (rollout 1): ${row}`]);
  });

  test('a value of the record is one, prose and times and measurements are not', () => {
    const record = (version: string, more: object) => ({ version, phases: [{ name: 'rollout', ...more }] });
    const one = record('1.0.0', { summary: 'Rolled out.', endedAt: '2026-11-29T10:00:00Z', ms: 10 });
    const other = record('2.0.0', { summary: 'Done.', endedAt: '2026-11-30T10:00:00Z', ms: 20 });
    expect(rows(withRecord(one), withRecord(other))).toEqual([
      'rollout: a release (rollout 1): record version: 1.0.0 -> 2.0.0',
    ]);
  });
});

describe('what was renamed is the same', () => {
  test('inputs, their values and outputs', () => {
    const before = run({ inputs: { 'at-least': 'x', to: 'unsettled' }, outputs: { sayings: 'a' } });
    expect(
      rows(before, run({ inputs: { 'min-age': 'x', to: 'unfinished' }, outputs: { messages: 'a' } })),
    ).toEqual([]);
  });

  test('keys and values of the record, by their path', () => {
    const before = withRecord({ state: 'good', phases: [{ outcomes: 1, metrics: [{ state: 'good' }] }] });
    const after = withRecord({ state: 'good', phases: [{ checks: 1, metrics: [{ state: 'met' }] }] });
    expect(rows(before, after)).toEqual([]);
  });

  test('titles', () => {
    const titles = new Map([['a release', 'a first release']]);
    expect(rows(run(), run({ test: 'rollout: a first release', code: 1 }), { titles })).toHaveLength(1);
  });
});

test('an intended change explains the facts that it names, in the runs that it names, and no other', () => {
  const change: IntendedChange = {
    runs: /\(rollout \d+\)$/,
    facts: /^output outcome: passed -> /,
    reason: 'meant',
  };
  const unused: IntendedChange = { runs: /^watch/, facts: /./, reason: 'of nothing' };
  const after = run({ code: 1, outputs: { outcome: 'failed' } });
  const { differences, intended } = compareRuns([run()], [after], { ...allowed, intended: [unused, change] });
  expect(differences.map(({ what }) => what)).toEqual(['exit code']);
  expect(intended.get(change)?.map(({ what }) => what)).toEqual(['output outcome']);
  expect(intended.get(unused)).toEqual([]);
});

test('runs without a counterpart are listed, not compared', () => {
  const { compared, onlyBefore, onlyAfter } = compareRuns([run({ step: 2 })], [run({ step: 3 })], allowed);
  expect({ compared, onlyBefore, onlyAfter }).toEqual({
    compared: 0,
    onlyBefore: ['rollout: a release (rollout 2)'],
    onlyAfter: ['rollout: a release (rollout 3)'],
  });
});

test('inputs of today are translated for the old build', () => {
  expect(earlierInputs({ 'min-age': 'x', to: 'unfinished', version: 'unfinished' }, renames)).toEqual({
    'at-least': 'x',
    to: 'unsettled',
    version: 'unfinished',
  });
});
