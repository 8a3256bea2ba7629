import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Registry, startRegistry } from '@slipway/test-services';
import { cases } from '../support/cluster/cases.ts';
import type { ClusterFixture, NamespaceFixture } from '../support/cluster/fixture.ts';
import { namespaceEach } from '../support/cluster/namespaces.ts';
import { release, type Seen, watchService } from '../support/cluster/release.ts';

let ground: ClusterFixture;
let locked: Registry;
let plot: NamespaceFixture;
let stopWatching: () => Promise<Seen>;

const makeNamespace = namespaceEach((given) => {
  ({ ground, plot } = given);
});
beforeAll(async () => {
  locked = await startRegistry({ auth: { username: 'reader', password: 'correct-horse' } });
});
afterAll(() => locked?.stop());

/** Version 1 serves, seen from outside all the time. */
beforeEach(async () => {
  plot.writeWeb();
  expect(await release(plot, ground.images.one, 'r1')).toMatchObject({
    outcome: 'passed',
    replicas: { length: 2 },
  });
  stopWatching = await watchService(ground, plot);
}, 240_000);
afterEach(() => stopWatching?.());

describe('a bad release says why, and the old version serves on', () => {
  test.each(cases)(
    '$name',
    async (one) => {
      for (const object of one.with ?? [])
        await plot.kubectl(['apply', '--filename=-'], JSON.stringify(object));
      plot.writeWeb(one.shape(ground, locked.address));
      const result = await release(plot, ground.images.two, 'r2');
      const seen = await stopWatching();
      if (!('reason' in result)) throw new Error(`it was rolled out: ${JSON.stringify(result)}`);
      expect(result.reason).toMatch(one.says);
      expect(result.outcome).toBe('failed');
      expect(result.hint).not.toBe('');
      if (one.details) expect(result.details.join('\n')).toMatch(one.details);
      expect(result.details.join('\n')).not.toMatch(/hunter2secret|s3cr3t-pw/);
      expect(result.oldServing).toEqual({ serving: 2, of: 2 });
      expect(seen).toMatchObject({ failed: 0 });
      expect(seen.requests).toBeGreaterThan(5);
      const left = await plot.platform.observe(['web']);
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
    await plot.clear();
    plot = await makeNamespace({ service: { 'start-timeout': 12_000 } });
    plot.writeWeb();
    await release(plot, ground.images.one, 'r1');
    const stop = await watchService(ground, plot);
    plot.writeWeb({ env: [{ name: 'MODE', value: 'never-ready' }] });
    const result = await release(plot, ground.images.two, 'r2');
    expect(result).toMatchObject({ outcome: 'failed', oldServing: { serving: 2, of: 2 } });
    expect('reason' in result && result.reason).toMatch(/readiness probe .*503/);
    expect(await stop()).toMatchObject({ failed: 0 });
  }, 240_000);
});
