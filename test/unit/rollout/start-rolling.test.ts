import { expect, test } from '@jest/globals';
import { parseImage, withDigest } from '@slipway/kernel';
import type { RunningReplica, RunningService, SavedRelease } from '@slipway/platform';
import {
  applyEvent,
  beginRelease,
  emptyState,
  type ReleaseEntry,
  type ReleaseEvent,
  type TargetState,
} from '@slipway/release';
import { startRolling } from '../../../actions/rollout/src/start-rolling.ts';
import { releaseEntry } from '../../support/releases.ts';

/* What a release is said to replace: what was proven, or what Slipway did not make, and never what a release left. */

const digest = (of: string): string => `sha256:${of.repeat(64)}`;
const image = (of: string) => parseImage(`r.example.com/web@${digest(of)}`);
const replica = (of: string, release: string | null, healthy = true): RunningReplica => ({
  id: `${of}-${release}`,
  name: of,
  image: image(of),
  release,
  healthy,
});

interface Found {
  releases?: readonly ReleaseEntry[];
  replicas?: readonly RunningReplica[];
  declared?: RunningService['declared'];
}

/** The entry of release 9.0.0-9 once it rolls, and what was saved for it. */
async function roll({ releases = [], replicas = [], declared = null }: Found) {
  const own = releaseEntry({ sequence: 9, phase: 'begun' });
  let state: TargetState = { ...emptyState('shop', 'production'), sequence: 9, releases: [own, ...releases] };
  let saved: SavedRelease | undefined;
  const transaction = {
    get state() {
      return state;
    },
    async send(event: ReleaseEvent) {
      const decision = applyEvent(state, event, new Date(0));
      if (decision.kind !== 'changed') throw new Error(`${event.kind}: ${decision.kind}`);
      ({ state } = decision);
      return decision;
    },
  };
  const platform = {
    observe: async () =>
      new Map([['web', { name: 'web', replicas, declared, withoutReplicas: [], unreached: null }]]),
    saveRelease: async (release: SavedRelease) => {
      saved = release;
    },
  };
  const { id, version, commit } = own;
  const record = beginRelease({ id, version, commit, app: 'shop', environment: 'production' });
  const images = new Map([['web', withDigest(image('9'), digest('9'))]]);
  const log = { annotate: () => undefined };
  const entry = await startRolling({ platform, transaction }, { record, release: own, images, log });
  return { previous: entry.previous.web, saved };
}

const failed = releaseEntry({ sequence: 2, phase: 'failed' });
const services = { web: { image: image('1'), release: '1.0.0-1' } };
const proven = releaseEntry({ sequence: 1, services });

test.each<[string, Found, string | null]>([
  ['what ran before Slipway', { replicas: [replica('1', null)] }, '1'],
  [
    'what ran before Slipway, and not what a failed release left next to it',
    { releases: [failed], replicas: [replica('2', failed.id), replica('2', failed.id), replica('1', null)] },
    '1',
  ],
  [
    'what ran before Slipway, although only what a failed release left is healthy',
    { releases: [failed], replicas: [replica('2', failed.id), replica('1', null, false)] },
    '1',
  ],
  [
    'nothing, where only what a failed release left runs',
    { releases: [failed], replicas: [replica('2', failed.id)] },
    null,
  ],
  [
    'nothing, where what a failed release declared has never run',
    { releases: [failed], declared: { image: image('2'), release: failed.id } },
    null,
  ],
  ['what is scaled to zero', { declared: { image: image('1'), release: null } }, '1'],
  [
    'what most healthy replicas run',
    { replicas: [replica('2', null), replica('1', null), replica('1', null)] },
    '1',
  ],
  ['a release of a state that was lost', { replicas: [replica('1', 'lost-1')] }, '1'],
  [
    'the proven release, whatever else was found',
    {
      releases: [failed, proven],
      replicas: [replica('2', failed.id), replica('3', null), replica('3', null)],
    },
    '1',
  ],
  [
    'what a proven release runs of a service that the newest one has dropped',
    {
      releases: [releaseEntry({ sequence: 2, id: '2.0.0-2', services: {} }), proven],
      replicas: [replica('1', proven.id)],
    },
    '1',
  ],
  [
    'nothing, where the service of an older release is not running any more',
    {
      releases: [
        releaseEntry({ sequence: 2, id: '2.0.0-2', services: {} }),
        releaseEntry({ sequence: 1, services, previous: { web: { image: image('0'), release: '0.9.0-1' } } }),
        releaseEntry({ sequence: 0, id: '0.9.0-1' }),
      ],
    },
    null,
  ],
  [
    'what an earlier release that failed had found, when it does not run any more',
    {
      releases: [
        releaseEntry({
          sequence: 2,
          phase: 'failed',
          previous: { web: { image: image('1'), release: null } },
        }),
      ],
    },
    '1',
  ],
])('a release replaces %s', async (_, found, expected) => {
  const { previous, saved } = await roll(found);
  expect(previous?.image.digest ?? null).toBe(expected && digest(expected));
  // Saved before the first change, so that a rollback needs nothing but the target.
  expect(saved).toMatchObject({ release: '9.0.0-1', previous: { web: previous ?? null } });
});
