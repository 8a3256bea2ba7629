import { expect, test } from '@jest/globals';
import { parseImage } from '@slipway/kernel';
import type { Neighbour } from '@slipway/platform';
import { emptyState, encodeState, type ReleaseEntry } from '@slipway/release';
import { requireOwnTarget } from '../../../packages/transaction/src/require-own-target.ts';
import { releaseEntry } from '../../support/releases.ts';

const image = parseImage(`r.example.com/web@sha256:${'a'.repeat(64)}`);
const web = { web: { image, release: '1.0.0-1' } };

function neighbour(releases: readonly ReleaseEntry[], owner = { app: 'shop', environment: 'production' }) {
  const state = { ...emptyState(owner.app, owner.environment), releases };
  return {
    owner,
    text: encodeState(state, 'writer'),
    removal: `docker volume rm ${owner.environment}`,
    sharedWith: async (services: readonly string[], release: { services: readonly string[] }) =>
      services.filter((one) => release.services.includes(one)),
  };
}

/** @returns what is refused, with the hint, and what is only said. */
async function deploy(neighbours: readonly Neighbour[]): Promise<{ refused: string; warnings: string[] }> {
  const warnings: string[] = [];
  const log = { warn: (line: unknown) => warnings.push(String(line)) };
  const config = { app: 'shop', services: { web: {}, api: {} } };
  const scope = { title: 'Compose project "shop"', key: 'compose.project' };
  const platform = { scope, neighbours: async () => [...neighbours] };
  const refused = await requireOwnTarget({ config, environment: 'staging', log }, platform).then(
    () => '',
    ({ message, hint }: Error & { hint: string }) => `${message}\n${hint}`,
  );
  return { refused, warnings };
}

test('the replicas of another environment are not replaced', async () => {
  expect(await deploy([neighbour([releaseEntry({ sequence: 1, services: web })])])).toEqual({
    warnings: [],
    refused: [
      'Compose project "shop" runs web of shop in production (1.0.0): a release of shop in staging would replace it',
      'Set compose.project for the environment "staging" to a name that no other one has. Nothing was changed. When nobody deploys shop to production there any more, delete that state: docker volume rm production',
    ].join('\n'),
  });
});

test.each<[string, boolean, Parameters<typeof neighbour>]>([
  [
    'what another application runs',
    true,
    [[releaseEntry({ sequence: 1, services: web })], { app: 'till', environment: 'staging' }],
  ],
  ['what a rollout has begun', true, [[releaseEntry({ sequence: 1, services: web, phase: 'rolling' })]]],
  [
    'what is being restored',
    true,
    [[releaseEntry({ sequence: 2, services: web, phase: 'restoring' }), releaseEntry({ sequence: 1 })]],
  ],
  [
    'what an older release runs, since the newer one failed',
    true,
    [[releaseEntry({ sequence: 2, phase: 'failed' }), releaseEntry({ sequence: 1, services: web })]],
  ],
  [
    'a service that this application does not have',
    false,
    [[releaseEntry({ sequence: 1, services: { cart: web.web } })]],
  ],
  [
    'a service that the release in service does not have any more',
    false,
    [[releaseEntry({ sequence: 2 }), releaseEntry({ sequence: 1, services: web })]],
  ],
  [
    'a first release that was taken back',
    false,
    [[releaseEntry({ sequence: 1, services: web, phase: 'restored' })]],
  ],
  ['a release that was refused', false, [[releaseEntry({ sequence: 1, phase: 'failed' })]]],
  ['a state without a release', false, [[]]],
])('whether this is a conflict: %s', async (_, isOne, given) => {
  expect((await deploy([neighbour(...given)])).refused !== '').toBe(isOne);
});

test('each of several is named', async () => {
  const releases = [releaseEntry({ sequence: 1, services: web })];
  const both = [neighbour(releases), neighbour(releases, { app: 'till', environment: 'staging' })];
  expect((await deploy(both)).refused).toContain(
    'runs web of shop in production (1.0.0) and web of till in staging (1.0.0): a release',
  );
});

test('a state that a newer Slipway wrote is said, and refuses nothing', async () => {
  const newer = { ...neighbour([]), text: '{"schema":2,"app":"shop","environment":"production"}' };
  const { refused, warnings } = await deploy([newer]);
  expect(refused).toBe('');
  expect(warnings.join()).toContain(
    'cannot see what shop in production runs on this target: a newer Slipway',
  );
});
