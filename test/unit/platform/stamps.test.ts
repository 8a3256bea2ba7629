import { expect, test } from '@jest/globals';
import { encodeStamp, prunable, type Stamp, stampSchema } from '../../../packages/platform/src/index.ts';

/** Newest first: v for verified, s for started, r for restored, c for verified with contract migrations. */
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
  ['the last one that lists contract migrations stays', 'vsvsvsvsvssccs', ['10s', '12c', '13s']],
  ['both stay', 'srsrsrsrsrvscsc', ['11s', '13s', '14c']],
  ['a release that was not verified proves nothing', 'vsvsvsvsvsv', ['10v']],
])('of the stamps on a target, %s', (_what, states, gone) => {
  expect(prunable(named(states)).map(({ name }) => name)).toEqual(gone);
});

test.each<[string, object]>([
  ['a digest', { image: 'host:5000/app', digest: `sha256:${'a'.repeat(64)}`, release: '1.0.0-1' }],
  ['a tag alone, built in place', { image: 'app:latest', digest: null, release: null }],
  [
    'an image that is known by its id alone',
    { image: `sha256:${'b'.repeat(64)}`, digest: null, release: null },
  ],
  ['a template that nobody filled in', { image: '{{ .image }}', digest: null, release: null }],
])('what a stamp says of an image is read and written unchanged: %s', (_what, service) => {
  const written = {
    ...{ schema: 1, app: 'a', environment: 'e', release: '1-1', version: '1', commit: 'c', state: 'started' },
    ...{ at: '2026-11-24T00:00:00.000Z', services: { web: service }, previous: { web: service, new: null } },
    database: 'none',
  };
  expect(JSON.parse(encodeStamp(stampSchema.parse(written)))).toEqual(written);
});
