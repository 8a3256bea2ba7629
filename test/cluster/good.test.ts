import { describe, expect, test } from '@jest/globals';
import type { ClusterFixture, NamespaceFixture } from '../support/cluster/fixture.ts';
import type { Shape } from '../support/cluster/manifests.ts';
import { namespaceEach } from '../support/cluster/namespaces.ts';
import { release, watchService } from '../support/cluster/release.ts';

let cluster: ClusterFixture;
let namespace: NamespaceFixture;

const makeNamespace = namespaceEach((given) => {
  ({ cluster, namespace } = given);
});

async function first(shape: Shape = {}): Promise<void> {
  namespace.writeWeb(shape);
  expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({
    outcome: 'passed',
    replicas: { length: 2 },
  });
}

describe('what is good stays good', () => {
  test('a rollout loses no request and every pod is proven to run the digest', async () => {
    await first();
    const stop = await watchService(cluster, namespace);
    expect(await release(namespace, cluster.images.two, 'r2')).toMatchObject({
      outcome: 'passed',
      replicas: { length: 2 },
    });
    expect(await stop()).toMatchObject({ failed: 0 });
    const pods = (await namespace.platform.observe(['web'])).get('web')?.replicas ?? [];
    expect(pods.map(({ image, release: of, healthy }) => [image.digest, of, healthy])).toEqual(
      Array(2).fill([cluster.images.two.split('@')[1], 'r2', true]),
    );
    expect(namespace.lines.join('\n')).toMatch(/web [01]\/2 new ready, 2\/2 old serving/);
  }, 240_000);

  test('the same release again changes nothing', async () => {
    await first();
    const before = await namespace.kubectl(['get', 'pods', '--output=name']);
    expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({
      outcome: 'skipped',
      replicas: { length: 2 },
    });
    expect(await namespace.kubectl(['get', 'pods', '--output=name'])).toBe(before);
  }, 180_000);

  test('a slow start, one pod after the other', async () => {
    await first();
    namespace.writeWeb({ env: [{ name: 'MODE', value: 'slow' }] });
    expect(await release(namespace, cluster.images.two, 'r2')).toMatchObject({ outcome: 'passed' });
  }, 300_000);

  test.each([1, 2])(
    '%s crashes and then fine',
    async (crashes) => {
      await first();
      const state = { name: 'state', emptyDir: {} };
      namespace.writeWeb({
        env: [{ name: 'CRASHES', value: String(crashes) }],
        pod: { volumes: [state] },
        container: { volumeMounts: [{ name: 'state', mountPath: '/state' }] },
        replicas: 2,
      });
      const result = await release(namespace, cluster.images.two, 'r2');
      expect(result).toMatchObject({ outcome: 'passed' });
    },
    150_000,
  );

  test('a secret that appears seconds later', async () => {
    await first();
    namespace.writeWeb({
      env: [{ name: 'DB_URL', valueFrom: { secretKeyRef: { name: 'late', key: 'DB_URL' } } }],
    });
    const rolling = release(namespace, cluster.images.two, 'r2');
    await namespace.said(/secret "late" not found/);
    await namespace.kubectl(['create', 'secret', 'generic', 'late', '--from-literal=DB_URL=postgres://x']);
    expect(await rolling).toMatchObject({ outcome: 'passed' });
  }, 240_000);
});

describe('what rollout status calls a success and is none', () => {
  test('ready at first and killed by its liveness probe seconds later', async () => {
    await first();
    namespace.writeWeb({ env: [{ name: 'MODE', value: 'liveness' }], spec: { minReadySeconds: 8 } });
    const stop = await watchService(cluster, namespace);
    const result = await release(namespace, cluster.images.two, 'r2');
    expect(result).toMatchObject({ outcome: 'failed', oldServing: { serving: 2, of: 2 } });
    expect('reason' in result && result.reason).toMatch(/liveness probe/);
    // What the bad pod itself was asked while it was being killed is lost; the old ones serve all the rest.
    const { requests, failed } = await stop();
    expect(failed).toBeLessThan(requests / 4);
  }, 240_000);

  test('the same without minReadySeconds: found in the hold, and the old version is brought back', async () => {
    namespace = await makeNamespace({ service: { 'stable-for': undefined } });
    await first();
    namespace.writeWeb({ env: [{ name: 'MODE', value: 'liveness' }] });
    const result = await release(namespace, cluster.images.two, 'r2');
    expect(result).toMatchObject({ outcome: 'failed', oldServing: { serving: 2, of: 2 } });
    expect('reason' in result && result.reason).toMatch(/liveness probe|was ready, then exited/);
  }, 240_000);

  test('zero replicas', async () => {
    await first();
    namespace.writeWeb({ replicas: 0 });
    await expect(namespace.platform.check(['web'], 'deploy')).rejects.toThrow(
      /Deployment\/web has replicas: 0/,
    );
  }, 180_000);

  test('somebody else undoes it during the rollout', async () => {
    await first();
    namespace.writeWeb({ env: [{ name: 'MODE', value: 'never-ready' }] });
    const rolling = release(namespace, cluster.images.two, 'r2');
    await namespace.said(/0\/2 new ready, 2\/2 old serving/);
    await namespace.kubectl(['rollout', 'undo', 'deployment/web']);
    const result = await rolling;
    expect(result).toMatchObject({ outcome: 'failed', oldServing: { serving: 2, of: 2 } });
    expect('reason' in result && result.reason).toMatch(/somebody|something else/i);
  }, 240_000);
});
