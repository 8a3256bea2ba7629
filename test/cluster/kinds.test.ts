import { describe, expect, test } from '@jest/globals';
import type { ClusterFixture, NamespaceFixture } from '../support/cluster/fixture.ts';
import {
  daemonSet,
  deployment,
  job,
  type Shape,
  service,
  statefulSet,
} from '../support/cluster/manifests.ts';
import { namespaceEach } from '../support/cluster/namespaces.ts';
import { release } from '../support/cluster/release.ts';

let cluster: ClusterFixture;
let namespace: NamespaceFixture;

// A pod of these kinds starts only when the old one has exited, on a node that runs other tests too.
const slowStart = { service: { 'start-timeout': 180_000 } };
namespaceEach((given) => {
  ({ cluster, namespace } = given);
}, slowStart);

const crash: Shape = { env: [{ name: 'MODE', value: 'crash' }] };
const image = (): string => `${cluster.registry}/web`;

/** Releases of the pods that are ready, as the cluster says. */
async function serving(): Promise<(string | null)[]> {
  const { replicas = [] } = (await namespace.platform.observe(['web'])).get('web') ?? {};
  return replicas.filter(({ healthy }) => healthy).map(({ release: of }) => of);
}

describe.each([
  { kind: 'StatefulSet', write: statefulSet, pods: 2 },
  { kind: 'DaemonSet', write: daemonSet, pods: 1 },
])('a $kind', ({ kind, write, pods }) => {
  test('is rolled out, and a bad release of it is explained and taken back', async () => {
    namespace.write({ 'web.yaml': write(image()), 'service.yaml': service });
    const first = await release(namespace, cluster.images.one, 'r1');
    expect(first).toMatchObject({ outcome: 'passed', replicas: { length: pods } });
    expect(await release(namespace, cluster.images.two, 'r2')).toMatchObject({
      outcome: 'passed',
      replicas: { length: pods },
    });
    expect(await serving()).toEqual(Array(pods).fill('r2'));
    namespace.write({ 'web.yaml': write(image(), crash) });
    const bad = await release(namespace, cluster.images.one, 'r3');
    expect(bad).toMatchObject({ outcome: 'failed' });
    expect('reason' in bad && bad.reason).toMatch(
      /container web of web-\w+ exited (twice|\d times) \(last exit code 1\)/,
    );
    expect('details' in bad && bad.details.join('\n')).toContain('DB_URL must be set');
    // These kinds take an old pod away first; what ran before is applied again, so all of them come back.
    expect('oldServing' in bad && bad.oldServing).toEqual({
      serving: pods,
      of: pods,
      seen: 'ready endpoints of Service web',
    });
    expect(await serving()).toEqual(Array(pods).fill('r2'));
    expect(await namespace.kubectl(['get', kind, 'web', '--output=name'])).toContain('/web');
  }, 300_000);
});

describe('a Job', () => {
  const prints = (code: number): string[] => ['sh', '-c', `echo preparing the tables; exit ${code}`];

  test('runs to its end before the service is rolled out, and again for each release', async () => {
    namespace.write({
      'web.yaml': deployment(image()),
      'job.yaml': job(image(), prints(0)),
      'service.yaml': service,
    });
    for (const [id, digest] of [
      ['r1', cluster.images.one],
      ['r2', cluster.images.two],
    ] as const)
      expect(await release(namespace, digest, id)).toMatchObject({ outcome: 'passed' });
    const times = '--output=jsonpath={.status.completionTime} {.metadata.annotations}';
    const [finishedAt = ''] = (await namespace.kubectl(['get', 'job', 'prepare', times])).split(' ');
    const sets = '--output=jsonpath={.items[*].metadata.creationTimestamp}';
    const newest = (await namespace.kubectl(['get', 'replicasets', sets])).split(' ').sort().at(-1) ?? '';
    expect(finishedAt <= newest).toBe(true);
    expect(namespace.lines.join('\n')).toContain('prepare 1/1 succeeded');
  }, 240_000);

  test('one that fails ends the release with its log, before the service is touched', async () => {
    namespace.write({
      'web.yaml': deployment(image()),
      'job.yaml': job(image(), prints(0)),
      'service.yaml': service,
    });
    expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({ outcome: 'passed' });
    namespace.write({ 'job.yaml': job(image(), prints(3)) });
    const bad = await release(namespace, cluster.images.two, 'r2');
    expect(bad).toMatchObject({ outcome: 'failed', oldServing: { serving: 2, of: 2 } });
    expect('reason' in bad && bad.reason).toMatch(/prepare.*code 3/);
    expect('details' in bad && bad.details.join('\n')).toContain('preparing the tables');
    expect(await serving()).toEqual(['r1', 'r1']);
  }, 240_000);
});
