import { describe, expect, test } from '@jest/globals';
import { parseImage } from '@slipway/kernel';
import { parse, stringify } from 'yaml';
import type { ClusterFixture, NamespaceFixture } from '../support/cluster/fixture.ts';
import { deployment, type Shape } from '../support/cluster/manifests.ts';
import { namespaceEach } from '../support/cluster/namespaces.ts';
import { assertHeld, release } from '../support/cluster/release.ts';

let cluster: ClusterFixture;
let namespace: NamespaceFixture;

namespaceEach(
  (given) => {
    ({ cluster, namespace } = given);
  },
  { service: { workloads: ['Deployment/web'] } },
);

const ports = [{ port: 80, targetPort: 8080, protocol: 'TCP' }];
const old = { app: 'web' };
const front = { app: 'web', tier: 'front' };

function service(name: string, spec: object): string {
  return stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports, ...spec } });
}

function settings(more: object): string {
  return stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, ...more });
}

const stays = 'ConfigMap settings stays as it is: it is immutable';

test('a release of which nothing is saved is refused, and nothing is changed', async () => {
  namespace.write({ 'web.yaml': deployment(`${cluster.registry}/web`, { replicas: 1 }) });
  expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({ outcome: 'passed' });
  const before = await namespace.kubectl([
    'get',
    'deployment',
    'web',
    '--output=jsonpath={.metadata.generation}',
  ]);
  const desired = { name: 'web', image: parseImage(cluster.images.two), release: 'r0' };
  const refused = 'web cannot be restored: no manifests are saved on the target for release r0';
  const { platform } = namespace;
  await expect(
    platform.roll(desired, { purpose: 'restore', to: null, assertHeld, later: [] }),
  ).rejects.toThrow(refused);
  await expect(platform.findRestoreSource(desired, 'r0')).rejects.toThrow(refused);
  await expect(platform.findRestoreSource({ ...desired, release: 'r1' }, 'r1')).rejects.toThrow(
    `the manifests that are saved for release r1 do not run ${cluster.images.two} in Deployment/web`,
  );
  expect(
    await namespace.kubectl(['get', 'deployment', 'web', '--output=jsonpath={.metadata.generation}']),
  ).toBe(before);
}, 120_000);

test('a Service that cannot go back and leads elsewhere fails the restore, and is named', async () => {
  const port = 31_000 + Math.floor(Math.random() * 1500);
  const fixed = [{ ...ports[0], nodePort: port }];
  namespace.write({
    'web.yaml': deployment(`${cluster.registry}/web`, { replicas: 1 }),
    'public.yaml': service('public', { type: 'NodePort', selector: old, ports: fixed }),
    'peers.yaml': service('peers', { clusterIP: 'None', selector: old }),
    'same.yaml': service('same', { clusterIP: 'None', selector: old }),
  });
  expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({ outcome: 'passed' });

  await namespace.kubectl(['delete', 'service', 'public', 'peers', 'same']);
  const newer = [
    service('public', { selector: front }),
    service('peers', { selector: front }),
    service('same', { selector: old }),
  ];
  await namespace.kubectl(['create', '--filename=-'], newer.join('---\n'));
  const squatter = service('squatter', { type: 'NodePort', selector: { app: 'other' }, ports: fixed });
  await namespace.kubectl(['create', '--filename=-'], squatter);

  const desired = { name: 'web', image: parseImage(cluster.images.one), release: 'r1' };
  expect(await namespace.platform.findRestoreSource(desired, 'r1')).toMatchObject({
    left: [expect.stringMatching(/^Service same stays as it is: /)],
    refused: [
      expect.stringMatching(/^Service peers still leads elsewhere: /),
      expect.stringMatching(/^Service public is invalid: /),
    ],
  });
  const back = await namespace.platform.roll(desired, {
    purpose: 'restore',
    to: null,
    assertHeld,
    later: [],
  });
  expect(back).toMatchObject({
    outcome: 'failed',
    reason: expect.stringMatching(/Service public is invalid: .*provided port is already allocated/),
    left: [expect.stringMatching(/^Service same stays as it is: .*may not change once set$/)],
  });
  expect(back).toMatchObject({
    reason: expect.stringMatching(/Service peers still leads elsewhere: .*may not change once set/),
  });
}, 240_000);

describe('what could not go back is named although', () => {
  test('a workload of the service cannot either', async () => {
    const port = 32_500 + Math.floor(Math.random() * 200);
    const fixed = [{ ...ports[0], nodePort: port }];
    namespace.write({
      'web.yaml': deployment(`${cluster.registry}/web`, { replicas: 1 }),
      'settings.yaml': settings({ data: { a: '1' } }),
      'public.yaml': service('public', { type: 'NodePort', selector: old, ports: fixed }),
    });
    expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({ outcome: 'passed' });
    await namespace.kubectl(['delete', 'deployment/web', 'service/public', 'configmap/settings']);
    const newer = [
      deployment(cluster.images.two, { replicas: 0 }).replaceAll('app: web', 'tier: front'),
      service('public', { selector: front }),
      service('squatter', { type: 'NodePort', selector: { app: 'other' }, ports: fixed }),
      settings({ immutable: true, data: { a: '2' } }),
    ];
    // The port is taken before the Service that is created after it could be given the same one.
    await namespace.kubectl(['create', '--filename=-'], newer.toReversed().join('---\n'));
    const desired = { name: 'web', image: parseImage(cluster.images.one), release: 'r1' };
    expect(
      await namespace.platform.roll(desired, { purpose: 'restore', to: null, assertHeld, later: [] }),
    ).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('spec.selector is immutable'),
      left: [stays, expect.stringMatching(/^Service public is invalid: .*already allocated/)],
    });
  }, 180_000);

  test('a workload of no service does not become ready', async () => {
    const env = [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'token', key: 'token' } } }];
    const shape: Shape = { replicas: 1, env };
    const cache = parse(deployment(cluster.images.one, shape));
    cache.metadata.name = 'cache';
    cache.spec.selector.matchLabels.app = 'cache';
    cache.spec.template.metadata.labels.app = 'cache';
    namespace.write({
      'web.yaml': deployment(`${cluster.registry}/web`, { replicas: 1 }),
      'settings.yaml': settings({ data: { a: '1' } }),
      'cache.yaml': stringify(cache),
    });
    await namespace.kubectl(['create', 'secret', 'generic', 'token', '--from-literal=token=1']);
    expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({ outcome: 'passed' });
    await namespace.kubectl(['delete', 'secret/token', 'configmap/settings']);
    await namespace.kubectl(['create', '--filename=-'], settings({ immutable: true, data: { a: '2' } }));
    await namespace.kubectl(['delete', 'pod', '--selector=app=cache', '--wait=false']);
    await namespace.kubectl(['wait', 'deployment/cache', '--for=condition=Available=false', '--timeout=30s']);
    const desired = { name: 'web', image: parseImage(cluster.images.one), release: 'r1' };
    expect(
      await namespace.platform.roll(desired, { purpose: 'restore', to: null, assertHeld, later: [] }),
    ).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/cache.*token/),
      left: [stays],
    });
  }, 180_000);
});
