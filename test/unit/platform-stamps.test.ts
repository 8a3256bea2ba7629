import { expect, test } from '@jest/globals';
import type { Stamp } from '../../packages/platform/src/index.ts';
import { prunable } from '../../packages/platform/src/stamp.ts';

/** Newest first: v for verified, s for started, r for restored, c for verified with contracts. */
function named(states: string) {
  return [...states].map((letter, index) => ({
    name: `${index}${letter}`,
    stamp: {
      state: letter === 's' ? 'started' : letter === 'r' ? 'restored' : 'verified',
      ...(letter === 'c' ? { contracts: ['002'] } : {}),
    } as Stamp,
  }));
}

test.each<[string, string, string[]]>([
  ['ten stay', 'vsvsvsvsvs', []],
  ['older ones go', 'vsvsvsvsvsvs', ['10v', '11s']],
  ['the last verified one stays', 'srsrsrsrsrvsv', ['11s', '12v']],
  ['the last one that tells of contracts stays', 'vsvsvsvsvssccs', ['10s', '12c', '13s']],
  ['both stay', 'srsrsrsrsrvscsc', ['11s', '13s', '14c']],
  ['a release that was not verified proves nothing', 'vsvsvsvsvsv', ['10v']],
])('of the stamps on a target, %s', (_what, states, gone) => {
  expect(prunable(named(states)).map(({ name }) => name)).toEqual(gone);
});
