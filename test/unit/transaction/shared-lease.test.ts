import { expect, test } from '@jest/globals';
import { Fault, systemClock } from '@slipway/kernel';
import {
  isLockedBySibling,
  type SharedLease,
  workInShared,
} from '../../../packages/transaction/src/shared-lease.ts';
import { TargetLocked, TargetOvertaken } from '../../../packages/transaction/src/target-errors.ts';
import { until } from '../../support/until.ts';

const holder = (run: string) => ({ run, attempt: '1', job: 'watch', runner: 'b', actor: 'sam', url: '' });
const lockedBy = (run: string) =>
  new TargetLocked(`the target is locked by run ${run}`, { holder: holder(run) });

/** Each attempt to take the lease is answered by the next of these; the last one is repeated. */
function shared(...answers: (Error | 'held')[]) {
  const overtaken = new AbortController();
  const seen = { attempts: 0, held: 0, left: 0, overtaken };
  const given: SharedLease = {
    run: '7',
    // Waits are over at once.
    clock: { ...systemClock, sleep: (_, signal) => systemClock.sleep(1, signal) },
    signal: new AbortController().signal,
    async hold(work) {
      const answer = answers[Math.min(seen.attempts++, answers.length - 1)];
      if (answer instanceof Error) throw answer;
      seen.held++;
      await work(overtaken.signal);
      seen.left++;
    },
  };
  return { ...given, seen };
}

test('a lease that a sibling leaves is held until the work is done', async () => {
  const one = shared(lockedBy('7'), new Fault('no answer'), 'held');
  const result = workInShared(one, async () => {
    await until(() => one.seen.held === 1);
    return 'done';
  });
  expect(await result).toBe('done');
  expect(one.seen).toMatchObject({ attempts: 3, held: 1, left: 1 });
});

test('work that is done first takes no lease', async () => {
  const one = shared(lockedBy('7'));
  expect(await workInShared(one, async () => 'done')).toBe('done');
  expect(one.seen.held).toBe(0);
});

const endless = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));

test('another run that holds it stops the work, and is named', async () => {
  const one = shared(lockedBy('7'), lockedBy('8'));
  await expect(workInShared(one, endless)).rejects.toThrow('the target is locked by run 8');
});

test('so does another run that takes it', async () => {
  const one = shared(lockedBy('7'), 'held');
  const work = workInShared(one, endless);
  await until(() => one.seen.held === 1);
  one.seen.overtaken.abort(new TargetOvertaken('another run has taken over the target'));
  await expect(work).rejects.toThrow(TargetOvertaken);
});

test('a sibling is a job of the same run; nobody else may be in the way', () => {
  expect(isLockedBySibling(lockedBy('7'), '7')).toBe(true);
  expect(isLockedBySibling(new TargetLocked('many take it', { holder: null }), '7')).toBe(true);
  expect(isLockedBySibling(lockedBy('8'), '7')).toBe(false);
  expect(isLockedBySibling(new Fault('no answer'), '7')).toBe(false);
});
