import { expect, test } from '@jest/globals';
import { Cancelled, Fault, UserError } from '@slipway/kernel';
import { TargetLocked, TargetOvertaken, TargetUnreachable } from '@slipway/transaction';
import { reasonOf } from '../../../actions/rollback/src/reason.ts';

test.each<[string, unknown, string]>([
  ['another run holds the lease', new TargetLocked('run 1', { holder: null }), 'locked'],
  ['another run took the lease', new TargetOvertaken('run 1'), 'locked'],
  ['the target does not answer', new TargetUnreachable('no answer'), 'target-unreachable'],
  ['the target stopped answering', new Fault('no answer'), 'target-unreachable'],
  ['nothing can be restored', new UserError('no proven release'), 'refused'],
  ['a cancellation', new Cancelled('a wait'), ''],
  ['a bug', new TypeError('x is undefined'), ''],
])('%s, before and after the first change', (_, error, reason) => {
  expect(reasonOf(error, { begun: false })).toBe(reason);
  expect(reasonOf(error, { begun: true })).toBe('half-way');
});
