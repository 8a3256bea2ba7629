import { describe, expect, test } from '@jest/globals';
import { applyEvent, chooseRollback, type TargetState } from '../../../packages/release/src/index.ts';
import { after, entry, state } from '../../support/rollback-state.ts';

/* A rollback that is run again. */

const v1 = entry(1, 'proven');
const v2 = entry(2, 'proven');
const v3 = entry(3, 'proven');
const { provenAt } = v3;
/** The state after an event of the run 77, as the target holds it. */
const again = (target: TargetState, to: string, run: string | null = '77') =>
  chooseRollback(target, to, undefined, run);

test('goes back no further once it is done, whatever was released since', () => {
  const begun = after(state(v3, v2, v1), { kind: 'restore', sequence: 3, to: 2, run: '77' });
  const done = after(begun, { kind: 'restored', sequence: 3 });
  const reason = 'this run has taken 3.0.0 back already; a new run goes back further';
  expect(again(done, 'previous')).toEqual({ kind: 'nothing', reason, proven: null });
  const newer = { ...done, releases: [entry(4, 'proven'), ...done.releases] };
  expect(again(newer, 'previous')).toEqual({ kind: 'nothing', reason, proven: null });
  expect(again(done, 'previous', '78')).toMatchObject({ from: { sequence: 2 }, to: { sequence: 1 } });
  expect(again(done, 'previous', null)).toMatchObject({ from: { sequence: 2 }, to: { sequence: 1 } });
});

test('continues to where it went when it was cut off', () => {
  const cutOff = after(state(v3, v2, v1), { kind: 'restore', sequence: 3, to: 1, run: '77' });
  expect(again(cutOff, 'previous')).toMatchObject({ from: { sequence: 3 }, to: { sequence: 1 } });
  expect(again(cutOff, 'previous', '78')).toMatchObject({ from: { sequence: 3 }, to: { sequence: 2 } });
});

test('is done as well when another run completed it', () => {
  const cutOff = after(state(v3, v2, v1), { kind: 'restore', sequence: 3, to: 2, run: '77' });
  const taken = after(cutOff, { kind: 'restore', sequence: 3, to: 2, run: '78' });
  const done = after(taken, { kind: 'restored', sequence: 3 });
  for (const run of ['77', '78']) expect(again(done, 'previous', run)).toMatchObject({ kind: 'nothing' });
});

test('goes back no further when it only marked a release as failed', () => {
  const begun = entry(4, 'begun', { id: '4.0.0-4' });
  const target = state(begun, v3, v2);
  expect(again(target, 'previous')).toMatchObject({ kind: 'give-up' });
  const done = after(target, { kind: 'give-up', id: begun.id, run: '77' });
  expect(again(done, 'previous')).toMatchObject({ kind: 'nothing' });
});

describe('a rollback of a proven release that replaced nothing', () => {
  const begun = after(state(v3, v2, v1), { kind: 'restore', sequence: 3, to: 1, run: '77' });
  const calledOff = after(begun, { kind: 'call-off', sequence: 3 });

  test('is called off: the release is proven as before, and its run takes nothing else back', () => {
    expect(calledOff.releases[0]).toMatchObject({ phase: 'proven', restoredSequence: null });
    const reason = '3.0.0 serves, although this run was to take it back; a new run tries again';
    expect(again(calledOff, '1.0.0')).toEqual({ kind: 'nothing', reason, proven: null });
    expect(again(calledOff, 'previous', '78')).toMatchObject({ from: { sequence: 3 }, to: { sequence: 2 } });
    expect(applyEvent(calledOff, { kind: 'call-off', sequence: 3 }, new Date()).kind).toBe('unchanged');
  });

  test.each([
    ['of a release that was never proven', state(entry(3, 'restoring', { provenAt: null }), v2, v1)],
    ['whose database was replaced', state(entry(3, 'restoring', { oldDatabase: 'old', provenAt }), v2, v1)],
    ['whose migrations were taken back', state(entry(3, 'restoring', { reverted: true, provenAt }), v2, v1)],
    ['that is complete', after(begun, { kind: 'restored', sequence: 3 })],
  ])('%s is not', (_, target) => {
    expect(applyEvent(target, { kind: 'call-off', sequence: 3 }, new Date()).kind).toBe('refused');
  });

  test('remembers whether somebody asked for it, and what was begun to replace it fails', () => {
    expect(begun.releases[0]).toMatchObject({ asked: true });
    expect(calledOff.releases[0]).not.toHaveProperty('asked');
    const own = after(state(v3, v2, v1), { kind: 'restore', sequence: 3, to: 2, run: null });
    expect(own.releases[0]).not.toHaveProperty('asked');
    const replacing = { ...begun, releases: [entry(4, 'begun'), ...begun.releases] };
    const stopped = after(replacing, { kind: 'call-off', sequence: 3 });
    expect(stopped.releases.map(({ phase }) => phase)).toEqual(['failed', 'proven', 'proven', 'proven']);
  });

  test('is taken back by the name of what should have been replaced', () => {
    const choice = again(begun, '3.0.0', '78');
    expect(choice).toMatchObject({ kind: 'restore', from: { sequence: 3 }, to: { sequence: 3 } });
    expect(choice).toMatchObject({ services: v3.services });
    const different = [
      { provenAt: null },
      { provenAt, reverted: true as const },
      { provenAt, oldDatabase: 'old' },
    ];
    for (const one of different) {
      const target = state(entry(3, 'restoring', { restoredSequence: 2, ...one }), v2, v1);
      expect(() => again(target, '3.0.0', '78')).toThrow('there is no proven release "3.0.0"');
    }
  });
});
