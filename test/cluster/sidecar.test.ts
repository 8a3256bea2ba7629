import { beforeEach, describe, expect, test } from '@jest/globals';
import { parseImage } from '@slipway/kernel';
import { parse, stringify } from 'yaml';
import type { ClusterFixture, NamespaceFixture } from '../support/cluster/fixture.ts';
import { deployment, job, type Shape } from '../support/cluster/manifests.ts';
import { namespaceEach } from '../support/cluster/namespaces.ts';
import { assertHeld, begin, putBack, release } from '../support/cluster/release.ts';

let cluster: ClusterFixture;
let namespace: NamespaceFixture;

namespaceEach((given) => {
  ({ cluster, namespace } = given);
});
beforeEach(() => namespace.writeWeb());

const image = (): string => `${cluster.registry}/web`;
const crash: Shape = { env: [{ name: 'MODE', value: 'crash' }] };

/** A second Deployment next to `web`. */
function named(name: string, text: string): string {
  const object = parse(text);
  object.metadata.name = name;
  object.spec.selector.matchLabels.app = name;
  object.spec.template.metadata.labels.app = name;
  return stringify(object);
}

const names = (kind: string, selector = ''): Promise<string> =>
  namespace.kubectl(['get', kind, ...(selector ? [`--selector=${selector}`] : []), '--output=name']);

describe('a workload of no service', () => {
  const cache = (shape: Shape = {}): string =>
    named('cache', deployment(cluster.nodeImage, { replicas: 1, ...shape }));
  const idle: Shape = {
    container: {
      command: ['node', '-e', "require('http').createServer((q, s) => s.end()).listen(8080)"],
    },
  };

  test('is not restarted by a release that leaves it as it is', async () => {
    namespace.write({ 'cache.yaml': cache(idle) });
    expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({ outcome: 'passed' });
    const before = await names('pods', 'app=cache');
    expect(before).toMatch(/cache-/);
    expect(await release(namespace, cluster.images.two, 'r2')).toMatchObject({ outcome: 'passed' });
    expect(await names('pods', 'app=cache')).toBe(before);
  }, 240_000);

  test('is waited for when the release changes it, and goes back with it', async () => {
    namespace.write({ 'cache.yaml': cache(idle) });
    expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({ outcome: 'passed' });
    namespace.write({ 'cache.yaml': cache({ container: { command: ['/no/such/cmd'] } }) });
    const bad = await release(namespace, cluster.images.two, 'r2');
    expect(bad).toMatchObject({ outcome: 'failed', oldServing: { serving: 2, of: 2 } });
    expect('reason' in bad && bad.reason).toMatch(/cache-.*\/no\/such\/cmd/);
    const command = '--output=jsonpath={.spec.template.spec.containers[0].command[0]}';
    expect(await namespace.kubectl(['get', 'deployment', 'cache', command])).toBe('node');
  }, 240_000);
});

test('a CronJob of the service gets its image, and no rollout waits for it', async () => {
  const template = parse(job(image(), ['true'])).spec.template;
  const cron = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'cleanup' },
    spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template } } },
  };
  namespace.write({ 'cron.yaml': stringify(cron) });
  expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({
    outcome: 'passed',
    replicas: { length: 2 },
  });
  const path = '--output=jsonpath={.spec.jobTemplate.spec.template.spec.containers[0].image}';
  expect(await namespace.kubectl(['get', 'cronjob', 'cleanup', path])).toBe(cluster.images.one);
}, 180_000);

test('a new workload that crashes goes away again, and its sibling goes back', async () => {
  expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({ outcome: 'passed' });
  namespace.write({ 'worker.yaml': named('worker', deployment(image(), crash)) });
  const bad = await release(namespace, cluster.images.two, 'r2');
  expect(bad).toMatchObject({ outcome: 'failed', oldServing: { serving: 2, of: 2 } });
  expect('reason' in bad && bad.reason).toMatch(/^worker: container web of .* exited (twice|3 times)/);
  expect(await names('deployments')).toBe('deployment.apps/web');
  const template = '--output=jsonpath={.spec.template.spec.containers[0].image}';
  expect(await namespace.kubectl(['get', 'deployment', 'web', template])).toBe(cluster.images.one);
}, 240_000);

test('replicas belong to the autoscaler, also in a rollback to a release that had fewer', async () => {
  expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({ outcome: 'passed' });
  await namespace.kubectl(['autoscale', 'deployment/web', '--min=1', '--max=5', '--cpu-percent=80']);
  await namespace.kubectl(['scale', 'deployment/web', '--replicas=3']);
  const scaled = { outcome: 'passed', replicas: { length: 3 } };
  expect(await release(namespace, cluster.images.two, 'r2')).toMatchObject(scaled);
  const desired = { name: 'web', image: parseImage(cluster.images.one), release: 'r1' };
  const options = { purpose: 'restore', to: 'r1', assertHeld, later: [] } as const;
  const back = await namespace.platform.roll(desired, options);
  expect(back).toMatchObject(scaled);
}, 240_000);

/** The autoscaler that KEDA makes: it keeps one pod, and KEDA itself chooses zero. */
function kedaAutoscaler(name: string): string {
  const owner = { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name, uid: 'c0ffee' };
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name };
  return stringify({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name, ownerReferences: [owner] },
    spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 3 },
  });
}

test('what an autoscaler has scaled to zero is released, stays at zero and is not taken away by a rollback', async () => {
  const scaled = parse(deployment(image()));
  scaled.spec.replicas = undefined;
  const worker = named('worker', stringify(scaled));
  namespace.write({ 'web.yaml': worker });
  expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({
    outcome: 'passed',
    replicas: { length: 1 },
  });
  const toZero = ['scale', 'deployment', 'worker', '--replicas=0'];
  const lacking = async () => (await namespace.platform.observe(['web'])).get('web')?.withoutReplicas;
  await namespace.kubectl(toZero);
  expect(await release(namespace, cluster.images.two, 'r0')).toMatchObject({ outcome: 'failed' });
  await namespace.kubectl(toZero);
  await namespace.kubectl(['wait', 'pods', '--selector=app=worker', '--for=delete', '--timeout=60s']);
  expect(await lacking()).toEqual(['Deployment/worker']);
  await namespace.kubectl(['create', '--filename=-'], kedaAutoscaler('worker'));
  expect(await lacking()).toEqual([]);
  const stamp = await begin(namespace, cluster.images.two, 'r2');
  expect(stamp.previous.web).toEqual({ release: 'r1', image: parseImage(cluster.images.one) });
  expect(await release(namespace, cluster.images.two, 'r2')).toMatchObject({
    outcome: 'passed',
    replicas: { length: 0 },
  });
  expect(namespace.lines.join('\n')).toContain('worker is scaled to zero by its autoscaler');
  expect(await putBack(namespace, stamp)).toMatchObject({ outcome: 'passed', replicas: { length: 0 } });
  const spec = '--output=jsonpath={.spec.replicas} {.spec.template.spec.containers[0].image}';
  expect(await namespace.kubectl(['get', 'deployment', 'worker', spec])).toBe(`0 ${cluster.images.one}`);
}, 240_000);
