import { beforeEach, describe, expect, test } from '@jest/globals';
import { parseImage } from '@slipway/kernel';
import type { ClusterFixture, NamespaceFixture } from '../support/cluster/fixture.ts';
import { deployment } from '../support/cluster/manifests.ts';
import { namespaceEach } from '../support/cluster/namespaces.ts';
import { assertHeld, begin, putBack, release, settle } from '../support/cluster/release.ts';

let cluster: ClusterFixture;
let namespace: NamespaceFixture;

const makeNamespace = namespaceEach((given) => {
  ({ cluster, namespace } = given);
});
beforeEach(() => namespace.writeWeb());

const image = (): Promise<string> =>
  namespace.kubectl([
    'get',
    'deployment',
    'web',
    '--output=jsonpath={.spec.template.spec.containers[0].image} {.spec.minReadySeconds}',
  ]);

describe('a first release over what others made', () => {
  /** By a tag, which means another image by the time it is brought back. */
  async function createPreexisting(): Promise<void> {
    const [repository, digest] = cluster.images.one.split('@');
    await namespace.kubectl(
      ['apply', '--filename=-'],
      deployment(`${repository}:1`, { spec: { minReadySeconds: 2 } }),
    );
    await namespace.kubectl(['rollout', 'status', 'deployment/web', '--timeout=90s']);
    const running = (await namespace.platform.observe(['web'])).get('web')?.replicas[0];
    expect(running).toMatchObject({ image: { digest }, release: null });
  }

  test('that is interrupted and starts again still knows what ran before', async () => {
    await createPreexisting();
    const { previous } = await begin(namespace, cluster.images.two, 'r1');
    const desired = { name: 'web', image: parseImage(cluster.images.two), release: 'r1' };
    const options = {
      purpose: 'deploy',
      previous: previous.web ?? null,
      others: [],
      assertHeld,
      later: [],
    } as const;
    expect(await namespace.platform.roll(desired, options)).toMatchObject({ outcome: 'passed' });
    // The same run again, as after a runner that died: what is live now is half of the release itself.
    const stamp = await begin(namespace, cluster.images.two, 'r1');
    expect(stamp.previous.web?.release).toBeNull();
    const { platform } = await makeNamespace({ on: namespace });
    const back = await putBack({ ...namespace, platform }, stamp);
    expect(back).toMatchObject({ outcome: 'passed', replicas: { length: 2 } });
    expect(await image()).toBe(`${cluster.images.one} 2`);
  }, 240_000);
});

test('a run that is started again long after another release took its place knows what runs now', async () => {
  const releases = [
    ['r1', cluster.images.one],
    ['r2', cluster.images.two],
    ['r3', cluster.images.one],
  ] as const;
  for (const [id, digest] of releases) {
    const stamp = await begin(namespace, digest, id);
    const name = { name: 'web', image: parseImage(digest), release: id };
    const options = {
      purpose: 'deploy',
      previous: stamp.previous.web ?? null,
      others: [],
      assertHeld,
      later: [],
    } as const;
    expect(await namespace.platform.roll(name, options)).toMatchObject({ outcome: 'passed' });
    settle(namespace, stamp);
  }
  expect((await begin(namespace, cluster.images.two, 'r2')).previous.web?.release).toBe('r3');
  const source = (id: string) =>
    namespace.platform.findRestoreSource(
      { name: 'web', image: parseImage(cluster.images.one), release: id },
      id,
    );
  expect(await source('r3')).toEqual({
    hasImage: null,
    configuration: '2 objects are saved',
    isSaved: true,
    left: [],
    refused: [],
  });
  await expect(source('r0')).rejects.toThrow('no manifests are saved on the target for release r0');
}, 240_000);

test('a namespace that comes with the manifests exists before anything is saved in it', async () => {
  await cluster.kubectl(['delete', 'namespace', namespace.name, '--wait=true']);
  const manifest = `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${namespace.name}\n`;
  namespace.write({ 'namespace.yaml': manifest });
  expect((await namespace.platform.check(['web'], 'deploy')).evidence).toContain('3 objects');
  expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({
    outcome: 'passed',
    replicas: { length: 2 },
  });
  namespace.writeWeb({ container: { envFrom: [{ secretRef: { name: 'nowhere' } }] } });
  await expect(namespace.platform.check(['web'], 'deploy')).rejects.toThrow(/secret nowhere/);
}, 240_000);
