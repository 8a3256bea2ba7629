import { expect, test } from '@jest/globals';
import { chooseRollback, type TargetState } from '../../../packages/release/src/index.ts';
import { after, entry, state } from '../../support/rollback-state.ts';

/* A rollback that is run again. */

const v1 = entry(1, 'proven');
const v2 = entry(2, 'proven');
const v3 = entry(3, 'proven');
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
