import { afterEach, describe, expect, test } from '@jest/globals';
import { parseImage } from '@slipway/kernel';
import { stringify } from 'yaml';
import type { ClusterFixture, NamespaceFixture } from '../support/cluster/fixture.ts';
import { deployment, job } from '../support/cluster/manifests.ts';
import { namespaceEach } from '../support/cluster/namespaces.ts';
import { assertHeld, release } from '../support/cluster/release.ts';

let cluster: ClusterFixture;
let namespace: NamespaceFixture;

namespaceEach((given) => {
  ({ cluster, namespace } = given);
});

describe('a change that cannot be taken back', () => {
  const storage = (): string => `expandable-${namespace.name}`;

  afterEach(async () => {
    await cluster.kubectl(['delete', 'storageclass,persistentvolume', storage(), '--wait=false']);
  });

  /** A volume for the claim, of a class whose claims may grow. */
  async function createVolume(): Promise<void> {
    const accessModes = ['ReadWriteOnce'];
    const objects = [
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name: storage() },
        provisioner: 'kubernetes.io/no-provisioner',
        allowVolumeExpansion: true,
      },
      {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name: storage() },
        spec: {
          storageClassName: storage(),
          accessModes,
          capacity: { storage: '1Mi' },
          hostPath: { path: '/tmp' },
        },
      },
    ];
    const list = { apiVersion: 'v1', kind: 'List', items: objects };
    await cluster.kubectl(['create', '--filename=-'], JSON.stringify(list));
  }

  function writeData(size: string, settings: Record<string, unknown>, level: string): void {
    const object = (kind: string, name: string, more: object): string =>
      stringify({ apiVersion: 'v1', kind, metadata: { name }, ...more });
    const claim = {
      accessModes: ['ReadWriteOnce'],
      storageClassName: storage(),
      resources: { requests: { storage: size } },
    };
    namespace.write({
      'data.yaml': object('PersistentVolumeClaim', 'data', { spec: claim }),
      'settings.yaml': object('ConfigMap', 'settings', settings),
      'level.yaml': object('ConfigMap', 'level', { data: { level } }),
    });
  }

  const read = (object: string, path: string): Promise<string> =>
    namespace.kubectl(['get', object, `--output=jsonpath={${path}}`]);

  const left = [
    'PersistentVolumeClaim data stays at 2Mi: a claim cannot shrink',
    'ConfigMap settings stays as it is: it is immutable',
  ];

  test('is named, and everything else goes back: after a failed rollout, and in a rollback', async () => {
    await createVolume();
    namespace.writeWeb();
    writeData('1Mi', { data: { a: '1' } }, 'info');
    expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({ outcome: 'passed' });
    await namespace.kubectl(['wait', 'pvc/data', '--for=jsonpath={.status.phase}=Bound', '--timeout=30s']);

    const oneWay = { immutable: true, data: { a: '2' } };
    writeData('2Mi', oneWay, 'debug');
    namespace.writeWeb({ sidecar: { name: 'sidecar', image: `${cluster.registry}/nowhere:1` } });
    const bad = await release(namespace, cluster.images.two, 'r2');
    expect(bad).toMatchObject({ outcome: 'failed', oldServing: { serving: 2, of: 2 } });
    expect([...(bad.left ?? [])].sort()).toEqual([...left].sort());
    expect(await read('configmap/level', '.data.level')).toBe('info');

    namespace.writeWeb();
    writeData('2Mi', oneWay, 'debug');
    expect(await release(namespace, cluster.images.two, 'r3')).toMatchObject({ outcome: 'passed' });
    const desired = { name: 'web', image: parseImage(cluster.images.one), release: 'r1' };
    const back = await namespace.platform.roll(desired, {
      purpose: 'restore',
      to: null,
      assertHeld,
      later: [],
    });
    expect(back).toMatchObject({ outcome: 'passed', replicas: { length: 2 } });
    expect([...(back.left ?? [])].sort()).toEqual([...left].sort());
    expect(await read('configmap/level', '.data.level')).toBe('info');
    expect(await read('deployment/web', '.spec.template.spec.containers[0].image')).toBe(cluster.images.one);
  }, 240_000);

  test('in the workload itself fails the rollback of its service, with the reason', async () => {
    namespace.writeWeb({ replicas: 1 });
    expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({ outcome: 'passed' });
    await createVolume();
    await namespace.kubectl(['delete', 'deployment', 'web']);
    const other = deployment(cluster.images.two, { replicas: 0 }).replaceAll('app: web', 'tier: front');
    await namespace.kubectl(['create', '--filename=-'], other);
    const desired = { name: 'web', image: parseImage(cluster.images.one), release: 'r1' };
    expect(
      await namespace.platform.roll(desired, { purpose: 'restore', to: null, assertHeld, later: [] }),
    ).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining(
        'Deployment web cannot be changed in place: spec.selector is immutable',
      ),
    });
  }, 180_000);
});

test('two first releases that fail start nothing: nothing was proven to go back to', async () => {
  const image = `${cluster.registry}/web`;
  namespace.write({
    'web.yaml': deployment(image),
    'job.yaml': job(image, ['sh', '-c', 'exit 1']),
  });
  for (const [id, digest] of [
    ['r1', cluster.images.one],
    ['r2', cluster.images.two],
  ] as const)
    expect(await release(namespace, digest, id)).toMatchObject({ outcome: 'failed', oldServing: { of: 0 } });
  expect(await namespace.kubectl(['get', 'deployments,replicasets', '--output=name'])).toBe('');
}, 180_000);
