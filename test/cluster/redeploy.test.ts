import { beforeEach, describe, expect, test } from '@jest/globals';
import { parseImage } from '@slipway/kernel';
import type { ClusterFixture, NamespaceFixture } from '../support/cluster/fixture.ts';
import { deployment } from '../support/cluster/manifests.ts';
import { namespaceEach } from '../support/cluster/namespaces.ts';
import { begin, putBack, release, settle } from '../support/cluster/release.ts';

let ground: ClusterFixture;
let plot: NamespaceFixture;

const makeNamespace = namespaceEach((given) => {
  ({ ground, plot } = given);
});
beforeEach(() => plot.writeWeb());

const image = (): Promise<string> =>
  plot.kubectl([
    'get',
    'deployment',
    'web',
    '--output=jsonpath={.spec.template.spec.containers[0].image} {.spec.minReadySeconds}',
  ]);

describe('a first release over what others made', () => {
  /** By a tag, which means another image by the time it is brought back. */
  async function createPreexisting(): Promise<void> {
    const [repository, digest] = ground.images.one.split('@');
    await plot.kubectl(
      ['apply', '--filename=-'],
      deployment(`${repository}:1`, { spec: { minReadySeconds: 2 } }),
    );
    await plot.kubectl(['rollout', 'status', 'deployment/web', '--timeout=90s']);
    const running = (await plot.platform.observe(['web'])).get('web')?.replicas[0];
    expect(running).toMatchObject({ image: { digest }, release: null });
  }

  test('that is interrupted and starts again still knows what ran before', async () => {
    await createPreexisting();
    expect(await release(plot, ground.images.two, 'r1')).toMatchObject({ outcome: 'passed' });
    // The same run again, as after a runner that died: what is live now is half of the release itself.
    const stamp = await begin(plot, ground.images.two, 'r1');
    expect(stamp.previous.web?.release).toBeNull();
    const { platform } = await makeNamespace({ on: plot });
    const back = await putBack({ ...plot, platform }, stamp);
    expect(back).toMatchObject({ outcome: 'passed', replicas: { length: 2 } });
    expect(await image()).toBe(`${ground.images.one} 2`);
  }, 240_000);
});

test('a run that is started again long after another release took its place knows what runs now', async () => {
  const releases = [
    ['r1', ground.images.one],
    ['r2', ground.images.two],
    ['r3', ground.images.one],
  ] as const;
  for (const [id, digest] of releases) {
    const stamp = await begin(plot, digest, id);
    const name = { name: 'web', image: parseImage(digest), release: id };
    expect(await plot.platform.roll(name, { purpose: 'deploy' })).toMatchObject({ outcome: 'passed' });
    await settle(plot, stamp);
  }
  expect((await begin(plot, ground.images.two, 'r2')).previous.web?.release).toBe('r3');
}, 240_000);

test('a namespace that comes with the manifests exists before anything is saved in it', async () => {
  await ground.kubectl(['delete', 'namespace', plot.namespace, '--wait=true']);
  const namespace = `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${plot.namespace}\n`;
  plot.write({ 'namespace.yaml': namespace });
  expect((await plot.platform.check(['web'], 'deploy')).evidence).toContain('3 objects');
  expect(await release(plot, ground.images.one, 'r1')).toMatchObject({
    outcome: 'passed',
    replicas: { length: 2 },
  });
  plot.writeWeb({ container: { envFrom: [{ secretRef: { name: 'nowhere' } }] } });
  await expect(plot.platform.check(['web'], 'deploy')).rejects.toThrow(/secret nowhere/);
}, 240_000);
