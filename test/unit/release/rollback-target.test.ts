import { describe, expect, test } from '@jest/globals';
import {
  chooseNextRollback,
  chooseRollback,
  type ReleaseEntry,
  type TargetState,
} from '../../../packages/release/src/index.ts';
import { after, entry, service, state } from '../../support/rollback-state.ts';

const v1 = entry(1, 'proven');
const v2 = entry(2, 'proven');
const only = (id: string, hasFailed = false) => ({ id, hasFailed });

describe('putting back an unfinished release', () => {
  test.each<[string, TargetState, Parameters<typeof chooseRollback>[2], string]>([
    ['nothing was ever released', state(), undefined, 'no release was started'],
    ['the newest is proven', state(v2, v1), undefined, '2.0.0 is proven'],
    ['it was rolled back before', state(entry(2, 'restored'), v1), undefined, 'was already rolled back'],
    [
      'the unfinished one belongs to another run',
      state(entry(3, 'rolling'), v2),
      only('2.5.0-1'),
      'changed nothing',
    ],
    [
      'its own is proven, and another one unfinished',
      state(entry(3, 'rolling'), v2),
      only('2.0.0-1'),
      'the release 2.0.0 is proven, and 3.0.0-1 is unfinished',
    ],
    [
      'its own was rolled back by a newer one, which is unfinished',
      state(entry(3, 'rolling'), entry(2, 'restored'), v1),
      only('2.0.0-1'),
      'the release 2.0.0 was already rolled back, and 3.0.0-1 is unfinished',
    ],
    [
      'its own serves until a newer one has replaced it',
      state(entry(3, 'begun'), entry(2, 'serving'), v1),
      only('2.0.0-1'),
      'the release 2.0.0 is to be replaced by a newer release, and 3.0.0-1 is unfinished',
    ],
  ])('nothing to do: %s', (_, target, which, words) => {
    expect(chooseRollback(target, 'unfinished', which)).toMatchObject({
      kind: 'nothing',
      reason: expect.stringContaining(words),
    });
  });

  test.each<ReleaseEntry['phase']>(['rolling', 'serving'])('what it replaced is restored: %s', (phase) => {
    const target = chooseRollback(state(entry(2, phase), v1), 'unfinished', only('2.0.0-1'));
    expect(target).toMatchObject({ kind: 'restore', to: v1, services: { web: service(1) } });
  });

  test.each<ReleaseEntry['phase']>(['begun', 'migrated'])(
    'one that changed no service is given up: %s',
    (phase) => {
      expect(chooseRollback(state(entry(2, phase), v1), 'unfinished')).toMatchObject({ kind: 'give-up' });
    },
  );

  test('a first release leaves nothing running', () => {
    expect(chooseRollback(state(entry(1, 'rolling')), 'unfinished')).toMatchObject({
      to: null,
      services: { web: null },
    });
  });

  test('a rollback that was cut off continues to where it went', () => {
    const cutOff = entry(3, 'restoring', { restoredSequence: 1, provenAt: v1.provenAt });
    expect(chooseRollback(state(cutOff, v2, v1), 'unfinished')).toMatchObject({ to: v1 });
  });

  test('a rollback that was cut off is found under a newer release that failed', () => {
    const cutOff = entry(2, 'restoring', { restoredSequence: 1, provenAt: v1.provenAt });
    const target = chooseRollback(state(entry(3, 'failed'), cutOff, v1), 'unfinished');
    expect(target).toMatchObject({ kind: 'restore', from: cutOff, to: v1 });
  });

  test('a proven release goes back only for a run that found it bad later', () => {
    const target = chooseRollback(state(v2, v1), 'unfinished', only('2.0.0-1', true));
    expect(target).toMatchObject({ kind: 'restore', from: v2, to: v1 });
    expect(chooseRollback(state(v2, v1), 'unfinished', only('2.0.0-1'))).toMatchObject({ kind: 'nothing' });
  });
});

describe('what a rollback of the next release would restore', () => {
  test('the proven release, with all of its services', () => {
    const failed = entry(3, 'failed');
    expect(chooseNextRollback(state(failed, v2, v1))).toMatchObject({
      kind: 'restore',
      to: v2,
      services: { web: service(2) },
      contracted: null,
    });
  });

  test('a release that contracted the schema since is in the way', () => {
    const failed = entry(3, 'restored', { database: 'contract' });
    expect(chooseNextRollback(state(failed, v2, v1))).toMatchObject({ to: v2, contracted: failed });
  });

  test('what an unfinished release replaced, also under one that was only begun', () => {
    const target = chooseNextRollback(state(entry(4, 'begun'), entry(3, 'serving'), v2, v1));
    expect(target).toMatchObject({ from: { sequence: 3 }, to: v2 });
  });

  test('nothing before a release is proven', () => {
    expect(chooseNextRollback(state(entry(1, 'failed')))).toMatchObject({ kind: 'nothing' });
  });

  test('nothing after a first release that never finished', () => {
    expect(chooseNextRollback(state(entry(1, 'rolling')))).toMatchObject({
      kind: 'nothing',
      reason: 'nothing was proven before 1.0.0, which never finished',
    });
  });
});

describe('a schema that was contracted since', () => {
  const contract = (of: ReleaseEntry): ReleaseEntry => ({ ...of, database: 'contract' });
  const failed = entry(3, 'restored');
  const begun = entry(3, 'rolling');
  test.each<[string, ReleaseEntry[], string, string | null]>([
    ['by the release itself', [contract(begun), v2, v1], 'unfinished', '3.0.0'],
    ['by the one that comes back', [begun, contract(v2), v1], 'unfinished', null],
    ['by one that is skipped', [failed, contract(v2), v1], 'previous', '2.0.0'],
    ['by one that failed', [contract(failed), v2, v1], '1.0.0', '3.0.0'],
    ['by one that failed in its migrations', [contract(entry(3, 'failed')), v2, v1], 'previous', '3.0.0'],
    ['before the target', [v2, contract(v1)], 'unfinished', null],
    [
      'by a first release, after which nothing serves again',
      [contract(entry(1, 'rolling'))],
      'unfinished',
      null,
    ],
    ['never', [failed, v2, v1], 'previous', null],
  ])('%s', (_, releases, to, version) => {
    const target = chooseRollback(state(...releases), to);
    expect(target.kind === 'restore' ? (target.contracted?.version ?? null) : null).toBe(version);
  });
});

describe('the entry that says which contract migrations the one that comes back has run on', () => {
  const begun = entry(2, 'rolling');
  const over = entry(1, 'rolling', { previous: { web: service(0) } });
  test.each<[string, ReleaseEntry[], string, ReleaseEntry | null]>([
    ['by which it was proven', [begun, v1], 'unfinished', v1],
    ['that of the one that was asked for', [v2, v1], 'previous', v1],
    ['the one that found it there, when it has none', [over], 'unfinished', over],
    ['none, when nothing comes back', [entry(1, 'rolling')], 'unfinished', null],
  ])('%s', (_, releases, to, proof) => {
    expect(chooseRollback(state(...releases), to)).toMatchObject({ proof });
  });
});

describe('rolling back on demand', () => {
  test('previous is the last proven release before the one that runs', () => {
    expect(chooseRollback(state(v2, v1), 'previous')).toMatchObject({ to: v1 });
  });

  test('a failed release in between is never the target', () => {
    expect(chooseRollback(state(entry(3, 'restored'), v2, v1), 'previous')).toMatchObject({
      from: v2,
      to: v1,
    });
  });

  test('while a release changes services, previous is the proven one', () => {
    expect(chooseRollback(state(entry(3, 'rolling'), v2, v1), 'previous')).toMatchObject({ to: v2 });
  });

  test('a release that was only begun is given up, and goes back no further', () => {
    const begun = entry(3, 'begun');
    expect(chooseRollback(state(begun, v2, v1), 'previous')).toEqual({ kind: 'give-up', from: begun });
  });

  test('by name, over a release that was only begun', () => {
    expect(chooseRollback(state(entry(3, 'begun'), v2, v1), '1.0.0')).toMatchObject({ from: v2, to: v1 });
  });

  test.each(['1.0.0', 'v1.0.0', '1.0.0-1'])('the proven release by its name is nothing to do: %s', (name) => {
    expect(chooseRollback(state(entry(2, 'failed'), v1), name)).toEqual({
      kind: 'nothing',
      reason: '1.0.0 is the proven release',
      proven: v1,
    });
  });

  test('a release that was rolled back is restored by its name alone', () => {
    const withdrawn = entry(2, 'restored', { provenAt: v1.provenAt });
    const target = state(entry(3, 'proven'), withdrawn, v1);
    expect(chooseRollback(target, 'previous')).toMatchObject({ to: v1 });
    expect(chooseRollback(target, '2.0.0')).toMatchObject({ to: withdrawn });
  });

  test('a release whose migrations were taken back is not restored without them', () => {
    const reverted = entry(2, 'restored', { provenAt: v1.provenAt, database: 'expand', reverted: true });
    expect(() => chooseRollback(state(reverted, v1), '2.0.0')).toThrow('no proven release "2.0.0"');
  });

  test('nor one without migrations that came after them', () => {
    const expanded = entry(2, 'proven', { database: 'expand' });
    const begun = { kind: 'restore', sequence: 3, to: 1, run: null } as const;
    const restoring = after(state(entry(3, 'proven'), expanded, v1), begun);
    const { releases } = after(restoring, { kind: 'reverted', sequence: 3 });
    expect(releases.map(({ reverted }) => reverted)).toEqual([true, true, undefined]);
  });

  test.each(['1.0.0', 'v1.0.0', '1.0.0-1'])('by name: %s', (name) => {
    expect(chooseRollback(state(v2, v1), name)).toMatchObject({ to: v1 });
  });

  test('a service that the older release did not have becomes what was found before it', () => {
    const worker = { worker: service(2) };
    const wider = entry(2, 'proven', {
      services: { web: service(2), ...worker },
      previous: { web: service(1), worker: null },
    });
    const newest = entry(3, 'proven', {
      services: { web: service(3), worker: service(3) },
      previous: { web: service(2), ...worker },
    });
    expect(chooseRollback(state(newest, wider, v1), '1.0.0')).toMatchObject({
      services: { web: service(1), worker: null },
    });
  });

  test.each<[string, TargetState, string, string]>([
    ['nothing was released', state(), 'previous', 'there is no release of Slipway on the target'],
    [
      'nothing is proven any more',
      state(entry(1, 'restored')),
      'previous',
      'no release is proven on the target',
    ],
    ['nothing was proven before', state(v1), 'previous', 'no proven release before'],
    ['nobody knows it', state(v2, v1), '9.9.9', 'no proven release "9.9.9"'],
    ['it was never proven', state(entry(2, 'rolling'), v1), '2.0.0', 'no proven release "2.0.0"'],
  ])('refused: %s', (_, target, to, words) => {
    expect(() => chooseRollback(target, to)).toThrow(words);
  });
});

test('what a release found that cannot be read goes back without the proven ones before it', () => {
  const v3 = entry(3, 'serving', { previous: { web: service(2) }, previousSequence: 2 });
  const damaged = state(v3, v1);
  expect(chooseRollback(damaged, 'own')).toMatchObject({ to: null, services: { web: service(2) } });
  const done = after(after(damaged, { kind: 'restore', sequence: 3, to: null, run: null }), {
    kind: 'restored',
    sequence: 3,
  });
  expect(done.releases.map(({ phase }) => phase)).toEqual(['restored', 'proven']);
});
