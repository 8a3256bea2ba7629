import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type Entry,
  judge,
  none,
  parseEntries,
  prunable,
  successor,
  versionOf,
} from '../../../packages/compose/src/state/volume-log.ts';

/** Entries by number and letter: `1a 2b` are two that follow each other, `5c<x` one that replaced a value `x`. */
function entries(written: string): Entry[] {
  let before = none;
  return written.split(' ').flatMap((one): Entry[] => {
    const [, number = '', nonce = '', replaced] = /^(\d+)(\w)(?:<(\w+))?$/.exec(one) ?? [];
    if (number === '') return [];
    const entry = { name: `state-${number}`, number: Number(number), nonce, replaced: replaced ?? before };
    before = nonce;
    return [entry];
  });
}

describe('what became of a write', () => {
  const mine = { number: 3, nonce: 'm' };
  test.each<[string, string, ReturnType<typeof judge>]>([
    ['it follows the value that was read', '1a 2b 3m', 'replaced'],
    ['others have built on it since', '2b 3m 4d 5e', 'replaced'],
    ['they have, and what it replaced is pruned', '3m<b 4d 5e', 'replaced'],
    ['somebody else was first', '1a 2b 3x', 'conflict'],
    ['somebody else was first, and was replaced already', '2b 3x 4y', 'conflict'],
    ['its number had been pruned and was free again', '3m<b 17p<o 18q', 'stale'],
    ['it came too late by one, after a value of another', '2x 3m<b', 'stale'],
    ['everything was deleted before it', '3m<b', 'stale'],
    ['somebody was late as well, and has its number now', '3x<b 17p<o 18q', 'unknown'],
    ['it is not there', '1a 2b', 'unknown'],
    ['it is not there, and neither is what was written at that time', '17p<o 18q', 'unknown'],
    ['nothing is there', '', 'unknown'],
  ])('%s', (_what, written, verdict) => {
    expect(judge(entries(written), mine)).toBe(verdict);
  });

  test('the first value replaces none', () => {
    expect(judge(entries('1m'), { number: 1, nonce: 'm' })).toBe('replaced');
    expect(judge(entries('1m 30x<y'), { number: 1, nonce: 'm' })).toBe('stale');
  });
});

test('values are read in the order of their numbers, and other volumes are left out', () => {
  const lines = ['s-10 n10 n9', 's-9 n9 n8', 's-x n n', 's-11  ', 's-0 n n', 's n n', ''];
  expect(parseEntries(lines.join('\n')).map(({ number }) => number)).toEqual([9, 10]);
});

test('a version names the value that follows it', () => {
  expect(successor(versionOf({ number: 7, nonce: 'n' }))).toEqual({ number: 8, replaced: 'n' });
  expect(successor(null)).toEqual({ number: 1, replaced: none });
  expect(successor('something else')).toBeNull();
});

test('old values are pruned in lots, and the newest stay', () => {
  const numbers = (count: number) =>
    Array.from({ length: count }, (_, at) => ({ name: '', number: at + 1, nonce: 'n', replaced: 'n' }));
  expect(prunable(numbers(16))).toEqual([]);
  expect(prunable(numbers(17)).map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

/**
 * Writers against an engine that creates a name once, in any order of their steps: read; create; look what became of it;
 * clean up. Each waits between two steps for as long as the schedule wants.
 */
function play(schedule: readonly number[], retained: number) {
  let volumes: Entry[] = [];
  const created: Entry[] = [];
  const results: { nonce: string; verdict: ReturnType<typeof judge> }[] = [];
  function* writer(id: number): Generator<void> {
    for (let round = 0; ; round++) {
      const read = volumes.at(-1);
      yield;
      const next = successor(read ? versionOf(read) : null) ?? { number: 1, replaced: none };
      const mine = { ...next, name: `s-${next.number}`, nonce: `${id}.${round}` };
      if (!volumes.some(({ number }) => number === mine.number)) {
        volumes = [...volumes, mine].sort((a, b) => a.number - b.number);
        created.push(mine);
      }
      yield;
      const seen = volumes;
      const verdict = judge(seen, mine);
      results.push({ nonce: mine.nonce, verdict });
      yield;
      const gone = verdict === 'stale' ? [mine] : verdict === 'replaced' ? prunable(seen, retained) : [];
      for (const one of gone) {
        volumes = volumes.filter(({ number }) => number !== one.number);
        yield;
      }
    }
  }
  const writers = [0, 1, 2, 3].map(writer);
  for (const turn of schedule) writers[turn]?.next();
  return { volumes, created, results };
}

/** The nonces of the value that is there now and of all that came before it. */
function historyOf({ volumes, created }: ReturnType<typeof play>): Set<string> {
  const history = new Set<string>();
  for (let at = volumes.at(-1); at; ) {
    history.add(at.nonce);
    const before = at.replaced;
    at = created.find(({ nonce }) => nonce === before);
  }
  return history;
}

test.each([2, 8])('no result is untrue in any order of events, with %i values retained', (retained) => {
  const schedules = fc.array(fc.nat(3), { minLength: 40, maxLength: 400, size: 'max' });
  fc.assert(
    fc.property(schedules, (schedule) => {
      const played = play(schedule, retained);
      const history = historyOf(played);
      for (const { nonce, verdict } of played.results) {
        if (verdict === 'replaced') expect(history).toContain(nonce);
        if (verdict === 'conflict' || verdict === 'stale') expect(history).not.toContain(nonce);
      }
      const replaced = played.created.filter(({ nonce }) => history.has(nonce)).map((one) => one.replaced);
      expect(new Set(replaced).size).toBe(replaced.length);
    }),
    { numRuns: 500 },
  );
});
