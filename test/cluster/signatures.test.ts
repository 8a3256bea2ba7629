import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Registry, startRegistry } from '@slipway/test-services';
import { cases } from '../support/cluster/cases.ts';
import type { ClusterFixture, NamespaceFixture } from '../support/cluster/fixture.ts';
import { namespaceEach } from '../support/cluster/namespaces.ts';
import { release, type Seen, watchService } from '../support/cluster/release.ts';

let cluster: ClusterFixture;
let locked: Registry;
let namespace: NamespaceFixture;
let stopWatching: () => Promise<Seen>;

const makeNamespace = namespaceEach((given) => {
  ({ cluster, namespace } = given);
});
beforeAll(async () => {
  locked = await startRegistry({ auth: { username: 'reader', password: 'correct-horse' } });
});
afterAll(() => locked?.stop());

/** Version 1 serves, seen from outside all the time. */
beforeEach(async () => {
  namespace.writeWeb();
  expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({
    outcome: 'passed',
    replicas: { length: 2 },
  });
  stopWatching = await watchService(cluster, namespace);
}, 240_000);
afterEach(() => stopWatching?.());

describe('a bad release says why, and the old version serves on', () => {
  test.each(cases)(
    '$name',
    async (one) => {
      for (const object of one.with ?? [])
        await namespace.kubectl(['apply', '--filename=-'], JSON.stringify(object));
      namespace.writeWeb(one.shape(cluster, locked.address));
      const result = await release(namespace, cluster.images.two, 'r2');
      const seen = await stopWatching();
      if (!('reason' in result)) throw new Error(`it was rolled out: ${JSON.stringify(result)}`);
      expect(result.reason).toMatch(one.says);
      expect(result.outcome).toBe('failed');
      expect(result.hint).not.toBe('');
      if (one.details) expect(result.details.join('\n')).toMatch(one.details);
      expect(result.details.join('\n')).not.toMatch(/hunter2secret|s3cr3t-pw/);
      expect(result.oldServing).toMatchObject({ serving: 2, of: 2 });
      expect(seen).toMatchObject({ failed: 0 });
      expect(seen.requests).toBeGreaterThan(5);
      const left = await namespace.platform.observe(['web']);
      expect(
        left
          .get('web')
          ?.replicas.filter(({ healthy }) => healthy)
          .map(({ release: of }) => of),
      ).toEqual(['r1', 'r1']);
    },
    150_000,
  );

  test('readiness never passes: the deadline says what the probe last answered', async () => {
    await stopWatching();
    await namespace.clear();
    namespace = await makeNamespace({ service: { 'start-timeout': 12_000 } });
    namespace.writeWeb();
    await release(namespace, cluster.images.one, 'r1');
    const stop = await watchService(cluster, namespace);
    namespace.writeWeb({ env: [{ name: 'MODE', value: 'never-ready' }] });
    const result = await release(namespace, cluster.images.two, 'r2');
    expect(result).toMatchObject({ outcome: 'failed', oldServing: { serving: 2, of: 2 } });
    expect('reason' in result && result.reason).toMatch(/readiness probe .*503/);
    expect(await stop()).toMatchObject({ failed: 0 });
  }, 240_000);
});
