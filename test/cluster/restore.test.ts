import { expect, test } from '@jest/globals';
import { parseImage } from '@slipway/kernel';
import { stringify } from 'yaml';
import type { ClusterFixture, NamespaceFixture } from '../support/cluster/fixture.ts';
import { deployment } from '../support/cluster/manifests.ts';
import { namespaceEach } from '../support/cluster/namespaces.ts';
import { assertHeld, release } from '../support/cluster/release.ts';

let cluster: ClusterFixture;
let namespace: NamespaceFixture;

namespaceEach((given) => {
  ({ cluster, namespace } = given);
});

const ports = [{ port: 80, targetPort: 8080, protocol: 'TCP' }];
const old = { app: 'web' };
const front = { app: 'web', tier: 'front' };

function service(name: string, spec: object): string {
  return stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports, ...spec } });
}

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
  const back = await namespace.platform.roll(desired, { purpose: 'restore', assertHeld, later: [] });
  expect(back).toMatchObject({
    outcome: 'failed',
    reason: expect.stringMatching(/Service public is invalid: .*provided port is already allocated/),
    left: [expect.stringMatching(/^Service same stays as it is: .*may not change once set$/)],
  });
  expect(back).toMatchObject({
    reason: expect.stringMatching(/Service peers still leads elsewhere: .*may not change once set/),
  });
}, 240_000);
