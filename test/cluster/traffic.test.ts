import { expect, test } from '@jest/globals';
import { parseImage } from '@slipway/kernel';
import { parse, stringify } from 'yaml';
import type { ClusterFixture, NamespaceFixture } from '../support/cluster/fixture.ts';
import { deployment, service } from '../support/cluster/manifests.ts';
import { namespaceEach } from '../support/cluster/namespaces.ts';
import { assertHeld, begin, release, watchService } from '../support/cluster/release.ts';

let cluster: ClusterFixture;
let namespace: NamespaceFixture;

namespaceEach((given) => {
  ({ cluster, namespace } = given);
});

const front = { app: 'web', tier: 'front' };

/** With these probes, a pod that is slow on a busy machine is neither killed nor taken from its Service. */
const lenientProbes = {
  livenessProbe: undefined,
  readinessProbe: { tcpSocket: { port: 8080 }, timeoutSeconds: 10 },
};

/** The Service and an Ingress, which lead to pods with the label `tier: front` or to all. */
function write({ isFront, sidecar = '' }: { isFront: boolean; sidecar?: string }): void {
  const image = `${cluster.registry}/web`;
  const web = parse(
    deployment(image, {
      container: lenientProbes,
      ...(sidecar === '' ? {} : { sidecar: { name: 'sidecar', image: sidecar } }),
    }),
  );
  const { spec, ...about } = parse(service);
  const ofFront = { ...about, metadata: { name: 'front' }, spec: { ports: spec.ports, selector: front } };
  if (isFront) web.spec.template.metadata.labels = front;
  const backend = { service: { name: isFront ? 'front' : 'web', port: { number: 80 } } };
  const ingress = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'web' },
    spec: { defaultBackend: backend },
  };
  namespace.write({
    'web.yaml': stringify(web),
    'service.yaml': stringify(
      isFront ? { ...about, spec: { ...spec, selector: front } } : { ...about, spec },
    ),
    ...(isFront ? { 'front.yaml': stringify(ofFront) } : {}),
    'ingress.yaml': stringify(ingress),
  });
}

const backend = (): Promise<string> =>
  namespace.kubectl(['get', 'ingress', 'web', '--output=jsonpath={.spec.defaultBackend.service.name}']);
const selector = async (): Promise<unknown> =>
  JSON.parse(await namespace.kubectl(['get', 'service', 'web', '--output=jsonpath={.spec.selector}']));

test('requests go to new pods only when these are ready, and the old version serves until then', async () => {
  write({ isFront: false });
  expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({ outcome: 'passed' });

  write({ isFront: true, sidecar: `${cluster.registry}/nowhere:1` });
  const stop = await watchService(cluster, namespace);
  const rolling = release(namespace, cluster.images.two, 'r2');
  await namespace.said(/0\/2 new ready, 2\/2 old serving/);
  expect([await selector(), await backend()]).toEqual([{ app: 'web' }, 'web']);
  expect(await rolling).toMatchObject({
    outcome: 'failed',
    oldServing: { serving: 2, of: 2, seen: 'ready endpoints of Service web' },
  });
  expect([await selector(), await backend()]).toEqual([{ app: 'web' }, 'web']);

  write({ isFront: true });
  expect(await release(namespace, cluster.images.two, 'r3')).toMatchObject({ outcome: 'passed' });
  expect([await selector(), await backend()]).toEqual([front, 'front']);
  expect(await stop()).toMatchObject({ failed: 0 });
}, 240_000);

test('requests go back to old pods that are gone only when these are ready again', async () => {
  const writeColour = (colour: string): void => {
    const web = parse(deployment(`${cluster.registry}/web`));
    web.metadata.name = `web-${colour}`;
    web.spec.selector.matchLabels = { app: 'web', colour };
    web.spec.template.metadata.labels = { app: 'web', colour };
    const { spec, ...about } = parse(service);
    const selecting = { ...about, spec: { ...spec, selector: { app: 'web', colour } } };
    namespace.write({ 'web.yaml': stringify(web), 'service.yaml': stringify(selecting) });
  };
  writeColour('blue');
  expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({ outcome: 'passed' });

  writeColour('green');
  const began = await begin(namespace, cluster.images.two, 'r2');
  const stop = await watchService(cluster, namespace);
  const desired = { name: 'web', image: parseImage(cluster.images.two), release: 'r2' };
  const rolled = await namespace.platform.roll(desired, {
    purpose: 'deploy',
    previous: began.previous.web ?? null,
    others: [],
    later: [],
    assertHeld,
    prove: async () => {
      await namespace.kubectl(['delete', 'deployment', 'web-blue']);
      return { ok: false, detail: 'it answered 500' };
    },
  });
  expect(rolled).toMatchObject({ outcome: 'failed', left: [], oldServing: { serving: 2, of: 2 } });
  expect(await selector()).toEqual({ app: 'web', colour: 'blue' });
  expect(await stop()).toMatchObject({ failed: 0 });
}, 240_000);

test('other ports and conditions wait for the new pods, and defaults of the server do not count', async () => {
  const writeShop = (host: string | null, targetPort: number | string, sidecar = ''): void => {
    const ports = [{ name: 'http', containerPort: 8080 }];
    const broken = sidecar === '' ? {} : { sidecar: { name: 'sidecar', image: sidecar } };
    const { spec, ...about } = parse(service);
    const backend = { service: { name: 'web', port: { number: 80 } } };
    const rule = { http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } };
    const ingress = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'web' },
      spec: { rules: [host === null ? rule : { host, ...rule }] },
    };
    namespace.write({
      'web.yaml': deployment(`${cluster.registry}/web`, {
        replicas: 1,
        container: { ...lenientProbes, ports },
        ...broken,
      }),
      'service.yaml': stringify({ ...about, spec: { ...spec, ports: [{ port: 80, targetPort }] } }),
      'ingress.yaml': stringify(ingress),
    });
  };
  const leads = (): Promise<string[]> =>
    Promise.all([
      namespace.kubectl(['get', 'service', 'web', '--output=jsonpath={.spec.ports[0].targetPort}']),
      namespace.kubectl(['get', 'ingress', 'web', '--output=jsonpath={.spec.rules[0].host}']),
    ]);
  writeShop('shop.example.com', 8080);
  expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({ outcome: 'passed' });
  expect(await release(namespace, cluster.images.two, 'r2')).toMatchObject({ outcome: 'passed' });
  expect(namespace.lines.join('\n')).not.toContain('is applied when');

  writeShop(null, 'http', `${cluster.registry}/nowhere:1`);
  const rolling = release(namespace, cluster.images.one, 'r3');
  await namespace.said(/0\/1 new ready, 1\/1 old serving/);
  expect(await leads()).toEqual(['8080', 'shop.example.com']);
  expect(await rolling).toMatchObject({
    outcome: 'failed',
    oldServing: { serving: 1, of: 1, seen: 'ready endpoints of Service web' },
  });
  expect(await leads()).toEqual(['8080', 'shop.example.com']);

  writeShop(null, 'http');
  expect(await release(namespace, cluster.images.one, 'r4')).toMatchObject({ outcome: 'passed' });
  expect(await leads()).toEqual(['http', '']);
}, 240_000);
