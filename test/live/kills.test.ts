import { expect, test } from '@jest/globals';
import { kills } from '../../bench/kills/bench.ts';

/* A seeded sample of `npm run bench -- kills`, by its code: the shipped bundles on a real engine, killed. */

test('releases and rollbacks that are killed leave one proven version, and lose no request', async () => {
  const said: string[] = [];
  const result = await kills(
    {
      ...{ platform: 'compose', seed: 3, stories: ['smoke'], from: 0, sample: 2, only: undefined, timed: 0 },
      signal: new AbortController().signal,
    },
    (line) => said.push(line),
  );
  const broken = result.played.flatMap(({ violations }) => violations);
  expect({ broken, said: broken.length > 0 ? said : [] }).toEqual({ broken: [], said: [] });
  expect(result.played.some(({ kill }) => kill.met)).toBe(true);
  expect(result.boundaries.length).toBeGreaterThan(20);
}, 600_000);
