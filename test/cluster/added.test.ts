import { expect, test } from '@jest/globals';
import { parseImage } from '@slipway/kernel';
import type { ClusterFixture, NamespaceFixture } from '../support/cluster/fixture.ts';
import { deployment } from '../support/cluster/manifests.ts';
import { namespaceEach } from '../support/cluster/namespaces.ts';
import { assertHeld, begin, putBack, release } from '../support/cluster/release.ts';
import { until } from '../support/until.ts';

/* What a release has added to a service that is rolled back. */

let cluster: ClusterFixture;
let namespace: NamespaceFixture;

namespaceEach((given) => {
  ({ cluster, namespace } = given);
});

/** A workload of the service under another name. */
function named(name: string, image = `${cluster.registry}/web`): string {
  return deployment(image, { replicas: 1 })
    .replaceAll('app: web', `app: ${name}`)
    .replace(/^( +name: )web$/m, `$1${name}`);
}

const deployments = async (): Promise<string[]> => {
  const text = await namespace.kubectl(['get', 'deployments', '--output=name']);
  return text.split('\n').filter(Boolean).sort();
};

test('it is removed once the older release serves, and what was there before is named', async () => {
  const { platform } = namespace;
  namespace.write({ 'web.yaml': named('web') });
  expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({ outcome: 'passed' });
  await namespace.kubectl(['apply', '--filename=-'], named('tool', cluster.images.one));
  const before = (await platform.store.now()).getTime();
  await until(async () => (await platform.store.now()).getTime() > before + 1000);
  const since = await platform.store.now();

  namespace.write({ 'web.yaml': named('web'), 'tool.yaml': named('tool'), 'worker.yaml': named('worker') });
  expect(await release(namespace, cluster.images.two, 'r2')).toMatchObject({ outcome: 'passed' });
  const restored = { name: 'web', image: parseImage(cluster.images.one), release: 'r1' };
  const options = { purpose: 'restore', to: 'r1', assertHeld, later: [] } as const;
  expect(await platform.roll(restored, options)).toMatchObject({ ok: true });
  expect(await deployments()).toEqual(['tool', 'web', 'worker'].map((name) => `deployment.apps/${name}`));
  // What the checkout has is not what runs.
  expect((await platform.observe(['web'], ['r1'])).get('web')?.replicas).toHaveLength(1);
  expect((await platform.observe(['web'])).get('web')?.replicas).toHaveLength(3);

  expect(await platform.removeAdded({ ids: ['r2'], since }, [restored])).toMatchObject({
    left: ['Deployment tool was there before, and stays as the newer release left it'],
  });
  expect(await deployments()).toEqual(['deployment.apps/tool', 'deployment.apps/web']);
}, 240_000);

test('a service that a release added is removed by what that release has saved', async () => {
  namespace.write({ 'web.yaml': named('web') });
  expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({ outcome: 'passed' });
  namespace.write({ 'other.yaml': named('other') });
  const { platform } = namespace;
  // As when the service was only renamed: its workload is that of the restored one.
  const restored = { name: 'site', image: parseImage(cluster.images.one), release: 'r1' };
  expect(await platform.remove('web', 'r1', [restored])).toMatchObject({ left: [] });
  expect(await deployments()).toEqual(['deployment.apps/web']);
  expect(await platform.remove('web', 'r1', [])).toMatchObject({ left: [] });
  expect(await deployments()).toEqual([]);
}, 120_000);

const damage = ['patch', '--type=merge', '--patch={"binaryData":{"text.gz":"bm90IGd6aXA="}}'];

test.each([
  ['is deleted', ['delete']],
  ['is damaged', damage],
])(
  'a release of which what was saved %s is saved as it is live',
  async (_, verb) => {
    namespace.write({ 'web.yaml': named('web') });
    expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({ outcome: 'passed' });
    const stored = ['get', 'configmaps', '--selector=slipway.dev/stored-document', '--output=name'];
    const names = (await namespace.kubectl(stored)).split('\n').filter(Boolean);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) await namespace.kubectl([...verb, name]);
    const again = await begin(namespace, cluster.images.two, 'r2');
    expect(again.previous.web?.release).toBe('r1');
    expect(await putBack(namespace, again)).toMatchObject({ ok: true });
  },
  120_000,
);
