import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RolloutResult } from '@slipway/platform';
import { type Registry, startRegistry } from '@slipway/test-services';
import { type Case, cases } from '../support/cluster/cases.ts';
import {
  type ClusterFixture,
  makeNamespace,
  type NamespaceFixture,
  type NamespaceOptions,
} from '../support/cluster/fixture.ts';
import { clusterForAll } from '../support/cluster/namespaces.ts';
import { release, type Seen, watchService } from '../support/cluster/release.ts';

/** Most of the time of a case is spent waiting, for a backoff or a probe. */
const atATime = 3;

let cluster: ClusterFixture;
let locked: Registry;

clusterForAll((started) => {
  cluster = started;
});
beforeAll(async () => {
  locked = await startRegistry({ auth: { username: 'reader', password: 'correct-horse' } });
});
afterAll(() => locked?.stop());

/** What a bad release has come to, after version 1 served and while it was seen from outside. */
interface Played {
  result: RolloutResult;
  seen: Seen;
  /** The releases of the replicas that are ready afterwards. */
  ready: (string | null)[];
}

async function play(
  prepare: (namespace: NamespaceFixture) => Promise<void>,
  options: NamespaceOptions = {},
): Promise<Played> {
  const namespace = await makeNamespace(cluster, options);
  try {
    namespace.writeWeb();
    expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({
      outcome: 'passed',
      replicas: { length: 2 },
    });
    const stop = await watchService(cluster, namespace);
    await prepare(namespace);
    const result = await release(namespace, cluster.images.two, 'r2').finally(stop);
    const seen = await stop();
    const web = (await namespace.platform.observe(['web'])).get('web');
    const ready = web?.replicas.filter(({ healthy }) => healthy) ?? [];
    return { result, seen, ready: ready.map((one) => one.release) };
  } finally {
    await namespace.clear();
  }
}

const playCase = (one: Case): Promise<Played> =>
  play(async (namespace) => {
    for (const object of one.with ?? [])
      await namespace.kubectl(['apply', '--filename=-'], JSON.stringify(object));
    namespace.writeWeb(one.shape(cluster, locked.address));
  });

function expectOldServing({ result, seen, ready }: Played): void {
  if (result.ok) throw new Error(`it was rolled out: ${JSON.stringify(result)}`);
  expect(result.outcome).toBe('failed');
  expect(result.oldServing).toMatchObject({ serving: 2, of: 2 });
  expect(seen).toMatchObject({ failed: 0 });
  expect(seen.requests).toBeGreaterThan(5);
  expect(ready).toEqual(['r1', 'r1']);
}

describe('a bad release says why, and the old version serves on', () => {
  const playing = new Map<number, Promise<Played>>();
  afterAll(() => Promise.allSettled(playing.values()));

  function begin(one: Case | undefined, at: number): void {
    if (!one || playing.has(at)) return;
    const played = playCase(one);
    played.catch(() => undefined);
    playing.set(at, played);
  }

  test.each(cases.map((one, at) => ({ ...one, at })))(
    '$name',
    async ({ at, says, details }) => {
      for (const next of [...cases.keys()].slice(at, at + atATime)) begin(cases[next], next);
      const played = await playing.get(at);
      if (!played) throw new Error('it was not played');
      expectOldServing(played);
      const { result } = played;
      if (result.ok) return;
      expect(result.reason).toMatch(says);
      expect(result.hint).not.toBe('');
      const shown = result.details.join('\n');
      if (details) expect(shown).toMatch(details);
      expect(shown).not.toMatch(/hunter2secret|s3cr3t-pw/);
    },
    240_000,
  );

  test('readiness never passes: the deadline says what the probe last answered', async () => {
    const shape = { env: [{ name: 'MODE', value: 'never-ready' }] };
    const played = await play(async (namespace) => namespace.writeWeb(shape), {
      service: { 'start-timeout': 12_000 },
    });
    expectOldServing(played);
    expect(played.result).toMatchObject({ reason: expect.stringMatching(/readiness probe .*503/) });
  }, 240_000);
});
