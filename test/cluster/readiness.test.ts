import { expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import type { ClusterFixture, NamespaceFixture } from '../support/cluster/fixture.ts';
import { deployment, type Shape } from '../support/cluster/manifests.ts';
import { namespaceEach } from '../support/cluster/namespaces.ts';
import { release } from '../support/cluster/release.ts';

let cluster: ClusterFixture;
let namespace: NamespaceFixture;

namespaceEach(
  (given) => {
    ({ cluster, namespace } = given);
  },
  { service: { workloads: ['Deployment/web'] } },
);

/** A Deployment of no service, next to `web`. */
function other(name: string, shape: Shape): string {
  const object = parse(deployment(cluster.images.one, { replicas: 1, ...shape }));
  object.metadata.name = name;
  object.spec.selector.matchLabels.app = name;
  object.spec.template.metadata.labels.app = name;
  return stringify(object);
}

const broken: Shape = { container: { command: ['/no/such/cmd'] } };

test('a workload of no service that never became ready fails each attempt of its release', async () => {
  namespace.writeWeb({ replicas: 1 });
  namespace.write({ 'cache.yaml': other('cache', broken) });
  for (const [id, image] of [
    ['r1', cluster.images.one],
    ['r2', cluster.images.two],
  ] as const) {
    const result = await release(namespace, image, id);
    expect(result).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/cache.*no\/such\/cmd/),
    });
  }
}, 180_000);

test('what never serves does not get the requests, and the release that sends them there fails', async () => {
  const edge = (app: string): string =>
    stringify({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'edge' },
      spec: { selector: { app }, ports: [{ port: 80, targetPort: 8080, protocol: 'TCP' }] },
    });
  namespace.writeWeb({ replicas: 1 });
  namespace.write({ 'edge.yaml': edge('web') });
  expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({ outcome: 'passed' });

  namespace.write({ 'edge.yaml': edge('cache'), 'cache.yaml': other('cache', { spec: { paused: true } }) });
  expect(await release(namespace, cluster.images.two, 'r2')).toMatchObject({
    outcome: 'failed',
    reason: 'Service/edge was not applied: Deployment/cache, which it leads to, is not ready',
    oldServing: { serving: 1, of: 1 },
  });
  expect(await namespace.kubectl(['get', 'service', 'edge', '--output=jsonpath={.spec.selector.app}'])).toBe(
    'web',
  );
}, 180_000);
