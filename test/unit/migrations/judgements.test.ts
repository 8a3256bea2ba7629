import { describe, expect, test } from '@jest/globals';
import {
  fingerprintOf,
  judgeDrift,
  judgeProjections,
  judgeStaging,
  type Migration,
  type ProjectionState,
} from '@slipway/migrations';
import { diffSchemas } from '@slipway/postgres';
import { noted } from '../../support/journal.ts';

describe('two schemas', () => {
  const before = {
    'table public.t': {
      '': '',
      'column a': 'integer',
      'column b': 'text',
      'index public.i': 'CREATE INDEX i',
    },
    'view public.v': { '': 'SELECT 1' },
  };
  test('are equal', () => {
    expect(diffSchemas(before, structuredClone(before))).toEqual([]);
  });

  test('differ by objects and by parts of an object', () => {
    const after = {
      'table public.t': { '': '', 'column a': 'bigint', 'column b': 'text', 'column c': 'text' },
      'schema s': { '': '' },
    };
    expect(diffSchemas(before, after)).toEqual([
      '+ schema s',
      '- table public.t: column a integer',
      '+ table public.t: column a bigint',
      '+ table public.t: column c text',
      '- table public.t: index public.i CREATE INDEX i',
      '- view public.v',
    ]);
  });
});

describe('drift', () => {
  const kept = {
    release: 'r1',
    server: '15',
    applied: 'a',
    keptAt: '2026-01-01 00:00:00.5',
    schema: { 'table t': { 'column a': 'integer' } },
  };
  const ran = (version: string, release: string, startedAt: string, finished = true) => ({
    version,
    release,
    startedAt: `2026-01-01 ${startedAt}`,
    finished,
  });
  const now = { ...kept, journal: [ran('001', 'r1', '00:00:00.25')] };
  const changed = { ...now, schema: { 'table t': { 'column b': 'integer' } } };
  test.each([
    ['first', null, { ...now, journal: [] }, 'no release has kept its schema yet'],
    ['none', kept, now, 'the schema is as r1 left it'],
    [
      'drifted',
      kept,
      changed,
      'the schema is not as r1 left it: - table t: column a integer; + table t: column b integer',
    ],
    ['unknown', null, now, 'no release has kept it, although r1 has run here'],
    [
      'unknown',
      { ...kept, server: '16' },
      now,
      'r1 kept it in the words of PostgreSQL 16, and the server is 15 now',
    ],
    [
      'unknown',
      { ...kept, applied: 'b' },
      changed,
      'since r1 kept it, migrations were run or undone past Slipway. What differs: - table t: column a integer; + table t: column b integer',
    ],
    [
      'unknown',
      { ...kept, applied: 'b' },
      {
        ...now,
        journal: [
          ...now.journal,
          ran('002', 'r2', '00:00:00.625'),
          ran('003', 'r3', '00:00:01'),
          ran('004', 'r3', '00:00:02', false),
        ],
      },
      'since r1 kept it, r2 has run 002, r3 has run 003 and begun 004, and was ended before it could keep it again',
    ],
  ])('is %s', (state, before, found, detail) => {
    const prefix = state === 'unknown' ? 'whether the schema was changed by hand cannot be told: ' : '';
    expect(judgeDrift(before, found)).toEqual({ state, detail: `${prefix}${detail}` });
  });

  test('of many lines shows the first', () => {
    const many = Object.fromEntries(Array.from({ length: 25 }, (_, at) => [`column ${at}`, 'integer']));
    const { detail } = judgeDrift(kept, {
      ...now,
      schema: { 'table t': { 'column a': 'integer', ...many } },
    });
    expect(detail).toMatch(/; and 5 more$/);
  });

  test('is accepted by a name that the order of the parts does not change, and any part does', () => {
    const one = { a: { x: '1', y: '2' }, b: { '': '' } };
    expect(fingerprintOf(one)).toMatch(/^schema-[0-9a-f]{12}$/);
    expect(fingerprintOf({ b: { '': '' }, a: { y: '2', x: '1' } })).toBe(fingerprintOf(one));
    expect(fingerprintOf({ ...one, a: { x: '1', y: '3' } })).not.toBe(fingerprintOf(one));
  });
});

describe('projections', () => {
  const state = (openFailures: number | null, positions: Record<string, number> | null): ProjectionState => ({
    openFailures,
    positions: positions && new Map(Object.entries(positions).map(([key, at]) => [key, BigInt(at)])),
  });
  test.each<[string, ProjectionState, ProjectionState, string[]]>([
    ['as before', state(2, { a: 5 }), state(2, { a: 5 }), []],
    ['better', state(2, { a: 5 }), state(0, { a: 9, b: 1 }), []],
    ['not there, before and after', state(null, null), state(null, null), []],
    ['made by this very release', state(null, null), state(0, { a: 0 }), []],
    [
      'with more failures',
      state(0, null),
      state(3, null),
      ['3 more events than before could not be applied to a projection'],
    ],
    [
      'with a checkpoint that fell',
      state(0, { a: 5 }),
      state(0, { a: 4 }),
      ['the checkpoint of projection a fell from 5 to 4'],
    ],
    ['with a checkpoint less', state(0, { a: 5 }), state(0, {}), ['the checkpoint of projection a is gone']],
    [
      'gone',
      state(0, { a: 5 }),
      state(null, null),
      ['the table of projection failures is gone', 'the table of projection checkpoints is gone'],
    ],
  ])('%s', (_what, before, after, problems) => {
    expect(judgeProjections(before, after)).toEqual(problems);
  });
});

describe('staging', () => {
  const pending = {
    version: '003',
    file: 'migrations/003.sql',
    sha256: 'text',
    checksum: 'sum',
  } as Migration;
  const applied = (checksum: string | null, state: 'applied' | 'failed' = 'applied') => ({
    version: '003',
    checksum,
    state,
  });
  test.each([
    ['has it from the same text', { rows: [applied('sum')], journal: [] }, 0, null],
    ['has it, by the journal alone', { rows: [applied(null)], journal: [noted('003')] }, 0, null],
    ['has it long enough', { rows: [applied('sum')], journal: [noted('003')] }, 60_000, null],
    ['has it not', { rows: [], journal: [] }, 0, 'was not applied on staging'],
    ['has no table at all', { rows: null, journal: [] }, 0, 'was not applied on staging'],
    ['failed in it', { rows: [applied('sum', 'failed')], journal: [] }, 0, 'failed on staging'],
    ['has another text', { rows: [applied('other')], journal: [] }, 0, 'with another text'],
    [
      'has another text by the journal',
      { rows: [applied(null)], journal: [noted('003', 'x')] },
      0,
      'with another text',
    ],
    [
      'cannot say from which text',
      { rows: [applied(null)], journal: [] },
      0,
      'nothing there says from which text',
    ],
    [
      'has it too short a time',
      { rows: [applied('sum')], journal: [noted('003')] },
      90_000,
      'too short a time ago; 30',
    ],
    ['cannot say since when', { rows: [applied('sum')], journal: [] }, 1, 'nothing on staging says when'],
  ])('%s', (_what, staging, atLeast, problem) => {
    const problems = judgeStaging([pending], staging, atLeast);
    if (problem === null) expect(problems).toEqual([]);
    else expect(problems).toEqual([expect.stringContaining(problem)]);
  });
});
