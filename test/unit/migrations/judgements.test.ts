import { describe, expect, test } from '@jest/globals';
import { Redactor } from '@slipway/kernel';
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

const redactor = new Redactor();
redactor.add('Kw82mXpQzR4tY9');

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
    expect(diffSchemas(before, structuredClone(before), redactor)).toEqual([]);
  });

  test('differ by objects and by parts of an object', () => {
    const after = {
      'table public.t': { '': '', 'column a': 'bigint', 'column b': 'text', 'column c': 'text' },
      'schema s': { '': '' },
    };
    expect(diffSchemas(before, after, redactor)).toEqual([
      '+ schema s',
      '- table public.t: column a integer',
      '+ table public.t: column a bigint',
      '+ table public.t: column c text',
      '- table public.t: index public.i CREATE INDEX i',
      '- view public.v',
    ]);
  });

  test('show no part of a secret in a long definition', () => {
    const after = { ...before, 'view public.w': { '': `SELECT '${'-'.repeat(145)}Kw82mXpQzR4tY9'` } };
    const changed = { ...after, 'view public.w': { '': `SELECT '${'='.repeat(145)}Kw82mXpQzR4tY9'` } };
    expect(diffSchemas(after, changed, redactor).join()).not.toMatch(/Kw8/);
  });
});

describe('drift', () => {
  const saved = {
    release: 'r1',
    server: '15',
    applied: 'a',
    savedAt: '2026-01-01 00:00:00.5',
    schema: { 'table t': { 'column a': 'integer' } },
  };
  const ran = (version: string, release: string, startedAt: string, finished = true) => ({
    version,
    release,
    startedAt: `2026-01-01 ${startedAt}`,
    finished,
  });
  const now = { ...saved, journal: [ran('001', 'r1', '00:00:00.25')] };
  const changed = { ...now, schema: { 'table t': { 'column b': 'integer' } } };
  test.each([
    ['first', null, { ...now, journal: [] }, 'no release has saved a schema to compare with yet'],
    ['none', saved, now, 'the schema is as release r1 left it'],
    [
      'drifted',
      saved,
      changed,
      'the schema is not as release r1 left it: - table t: column a integer; + table t: column b integer',
    ],
    ['unknown', null, now, 'no schema was saved, although release r1 has run on this database'],
    [
      'unknown',
      { ...saved, server: '16' },
      now,
      'release r1 saved it from PostgreSQL 16, and the server is PostgreSQL 15 now',
    ],
    [
      'unknown',
      { ...saved, applied: 'b' },
      changed,
      'since release r1 saved it, migrations were run or reverted outside of Slipway. Differences: - table t: column a integer; + table t: column b integer',
    ],
    [
      'unknown',
      { ...saved, applied: 'b' },
      {
        ...now,
        journal: [
          ...now.journal,
          ran('002', 'r2', '00:00:00.625'),
          ran('003', 'r3', '00:00:01'),
          ran('004', 'r3', '00:00:02', false),
        ],
      },
      'since release r1 saved it, release r2 has applied 002, release r3 has applied 003 and started 004, and stopped before the schema was saved again',
    ],
  ])('is %s', (state, before, found, detail) => {
    const prefix = state === 'unknown' ? 'cannot determine whether the schema was changed by hand: ' : '';
    expect(judgeDrift(before, found, redactor)).toEqual({ state, detail: `${prefix}${detail}` });
  });

  test('of many lines shows the first', () => {
    const many = Object.fromEntries(Array.from({ length: 25 }, (_, at) => [`column ${at}`, 'integer']));
    const found = { ...now, schema: { 'table t': { 'column a': 'integer', ...many } } };
    const { detail } = judgeDrift(saved, found, redactor);
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
      ['3 more events than before failed in a projection'],
    ],
    [
      'with a checkpoint that fell',
      state(0, { a: 5 }),
      state(0, { a: 4 }),
      ['the checkpoint of projection a moved back from 5 to 4'],
    ],
    [
      'with a checkpoint less',
      state(0, { a: 5 }),
      state(0, {}),
      ['the checkpoint of projection a disappeared'],
    ],
    [
      'gone',
      state(0, { a: 5 }),
      state(null, null),
      ['the table of projection failures disappeared', 'the table of projection checkpoints disappeared'],
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
    ['has it with the same content', { rows: [applied('sum')], journal: [] }, 0, null],
    ['has it, by the journal alone', { rows: [applied(null)], journal: [noted('003')] }, 0, null],
    ['has it long enough', { rows: [applied('sum')], journal: [noted('003')] }, 60_000, null],
    ['has it not', { rows: [], journal: [] }, 0, 'was not applied on staging'],
    ['has no table at all', { rows: null, journal: [] }, 0, 'was not applied on staging'],
    ['failed in it', { rows: [applied('sum', 'failed')], journal: [] }, 0, 'failed on staging'],
    ['has another text', { rows: [applied('other')], journal: [] }, 0, 'with different content'],
    [
      'has another text by the journal',
      { rows: [applied(null)], journal: [noted('003', 'x')] },
      0,
      'with different content',
    ],
    [
      'cannot say from which text',
      { rows: [applied(null)], journal: [] },
      0,
      'it is unknown with which content',
    ],
    [
      'has it too short a time',
      { rows: [applied('sum')], journal: [noted('003')] },
      90_000,
      'too recently; wait 30',
    ],
    [
      'cannot say since when',
      { rows: [applied('sum')], journal: [] },
      1,
      'it is unknown when it was applied',
    ],
  ])('%s', (_what, staging, atLeast, problem) => {
    const problems = judgeStaging([pending], staging, atLeast);
    if (problem === null) expect(problems).toEqual([]);
    else expect(problems).toEqual([expect.stringContaining(problem)]);
  });
});
