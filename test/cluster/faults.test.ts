import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { parseImage } from '@slipway/kernel';
import { parse, stringify } from 'yaml';
import type { ClusterFixture, NamespaceFixture } from '../support/cluster/fixture.ts';
import { hurriedClock } from '../support/cluster/hurried-clock.ts';
import { deployment } from '../support/cluster/manifests.ts';
import { clusterForAll } from '../support/cluster/namespaces.ts';
import { assertHeld, begin, putBack, release, watchService } from '../support/cluster/release.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

let cluster: ClusterFixture;
let namespace: NamespaceFixture;

const makeNamespace = clusterForAll((started) => {
  cluster = started;
});

const proxies: TcpProxy[] = [];
afterEach(() => Promise.all(proxies.splice(0).map((proxy) => proxy.stop())));

/** A way to the API server that can be cut, and the kubeconfig that leads over it. */
async function openWay(): Promise<TcpProxy & { kubeconfig: string }> {
  const config = parse(readFileSync(cluster.kubeconfig, 'utf8'));
  const { hostname: host, port } = new URL(config.clusters[0].cluster.server);
  const proxy = await startTcpProxy({ host, port: Number(port) });
  proxies.push(proxy);
  config.clusters[0].cluster.server = `https://127.0.0.1:${proxy.port}`;
  const kubeconfig = path.join(tmpdir(), `kubeconfig-${proxy.port}`);
  writeFileSync(kubeconfig, stringify(config));
  return { ...proxy, kubeconfig };
}

describe('losing the API server', () => {
  test('for a while is not a failure', async () => {
    const way = await openWay();
    namespace = await makeNamespace({ kubeconfig: way.kubeconfig });
    const slow = { MODE: 'slow', SECONDS: '10' };
    namespace.writeWeb({ env: Object.entries(slow).map(([name, value]) => ({ name, value })) });
    const rolling = release(namespace, cluster.images.one, 'r1');
    await namespace.said(/0\/2 new ready/);
    way.cut();
    await namespace.said(/retrying until the deadline/);
    way.restore();
    expect(await rolling).toMatchObject({ outcome: 'passed', replicas: { length: 2 } });
    expect(namespace.lines.join('\n')).toContain('the cluster answers again');
  }, 240_000);

  test('until the deadline is inconclusive: nothing is known, and nothing is claimed', async () => {
    const [way, clock] = [await openWay(), hurriedClock()];
    const service = { 'start-timeout': 8000 };
    namespace = await makeNamespace({ kubeconfig: way.kubeconfig, service, clock });
    namespace.writeWeb({ env: [{ name: 'MODE', value: 'never-ready' }] });
    const rolling = release(namespace, cluster.images.one, 'r1');
    await namespace.said(/0\/2 new ready/);
    way.cut();
    clock.hurry();
    const result = await rolling;
    expect(result).toMatchObject({ outcome: 'inconclusive' });
    expect('reason' in result && result.reason).toMatch(/^cannot inspect the cluster/);
  }, 240_000);
});

test('losing the API server between two steps of a rollout is not a failure either', async () => {
  const way = await openWay();
  namespace = await makeNamespace({ kubeconfig: way.kubeconfig });
  namespace.writeWeb();
  await begin(namespace, cluster.images.one, 'r1');
  way.cut();
  const desired = { name: 'web', image: parseImage(cluster.images.one), release: 'r1' };
  const rolling = namespace.platform.roll(desired, {
    purpose: 'deploy',
    previous: null,
    others: [],
    assertHeld,
    later: [],
  });
  await namespace.said(/retrying$/m);
  way.restore();
  expect(await rolling).toMatchObject({ outcome: 'passed', replicas: { length: 2 } });
}, 180_000);

test('losing the API server for good reports that the state of the old version is unknown', async () => {
  const [way, clock] = [await openWay(), hurriedClock()];
  const service = { 'start-timeout': 8000 };
  namespace = await makeNamespace({ kubeconfig: way.kubeconfig, service, clock });
  namespace.writeWeb();
  expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({ outcome: 'passed' });
  namespace.writeWeb({ env: [{ name: 'MODE', value: 'never-ready' }] });
  const rolling = release(namespace, cluster.images.two, 'r2');
  await namespace.said(/0\/2 new ready, 2\/2 old serving/);
  way.cut();
  clock.hurry();
  const result = await rolling;
  expect(result).toMatchObject({ outcome: 'inconclusive', oldServing: { serving: null, of: 2 } });
}, 240_000);

/** The container of the test app with a line in its log. */
function saying(line: string): { command: string[] } {
  const program = `data:text/javascript,console.log(${JSON.stringify(line)})`;
  return { command: ['node', '--import', program, '/app/app.mjs'] };
}

describe('what ran before comes back', () => {
  test('a release goes back to exactly what was applied for it, ConfigMaps and replicas included', async () => {
    namespace = await makeNamespace();
    const config = (level: string): string =>
      stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'app' }, data: { LEVEL: level } });
    namespace.writeWeb({ replicas: 3 });
    namespace.write({ 'config.yaml': config('info') });
    expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({
      outcome: 'passed',
      replicas: { length: 3 },
    });
    const container = saying('release two begins, password=hunter2secret');
    namespace.writeWeb({ replicas: 1, env: [{ name: 'NEW', value: 'x' }], container });
    namespace.write({ 'config.yaml': config('debug') });
    const stop = await watchService(cluster, namespace);
    expect(await release(namespace, cluster.images.two, 'r2')).toMatchObject({
      outcome: 'passed',
      replicas: { length: 1 },
    });
    const desired = { name: 'web', image: parseImage(cluster.images.one), release: 'r1' };
    const back = await namespace.platform.roll(desired, {
      purpose: 'restore',
      to: null,
      assertHeld,
      later: [],
    });
    expect(back).toMatchObject({ outcome: 'passed', replicas: { length: 3 } });
    const log = 'log' in back ? (back.log ?? []).map(String).join('\n') : '';
    expect(log).toMatch(/^last log lines of web-\S+\/web:\n {2}release two begins, /);
    expect(log).not.toContain('hunter2secret');
    expect(await stop()).toMatchObject({ failed: 0 });
    const live = JSON.parse(await namespace.kubectl(['get', 'deployment', 'web', '--output=json']));
    expect(live.spec.template.spec.containers[0]).toMatchObject({ image: cluster.images.one });
    expect(live.spec.template.spec.containers[0].env ?? []).toEqual([]);
    expect(await namespace.kubectl(['get', 'configmap', 'app', '--output=jsonpath={.data.LEVEL}'])).toBe(
      'info',
    );
    expect(
      await namespace.platform.roll(desired, { purpose: 'restore', to: null, assertHeld, later: [] }),
    ).toMatchObject({
      outcome: 'skipped',
      replicas: { length: 3 },
    });
  }, 300_000);

  test('what Slipway did not make comes back as it was, and a first release is taken away again', async () => {
    namespace = await makeNamespace();
    namespace.writeWeb();
    await namespace.kubectl(
      ['apply', '--filename=-'],
      deployment(cluster.images.one, { spec: { minReadySeconds: 2 }, container: saying('as it was') }),
    );
    await namespace.kubectl(['rollout', 'status', 'deployment/web', '--timeout=60s']);
    const began = await begin(namespace, cluster.images.two, 'r1');
    expect(began.previous.web?.release).toBeNull();
    const desired = { name: 'web', image: parseImage(cluster.images.two), release: 'r1' };
    const { web: previous = null } = began.previous;
    expect(
      await namespace.platform.roll(desired, {
        purpose: 'deploy',
        previous,
        others: [],
        assertHeld,
        later: [],
      }),
    ).toMatchObject({
      outcome: 'passed',
    });
    expect(await putBack(namespace, began)).toMatchObject({
      outcome: 'passed',
      replicas: { length: 2 },
    });
    const live = JSON.parse(await namespace.kubectl(['get', 'deployment', 'web', '--output=json']));
    expect(live.spec.minReadySeconds).toBe(2);
    expect(live.spec.template.metadata.annotations ?? {}).not.toHaveProperty('slipway.dev/release');
    const { log } = await namespace.platform.remove('web', 'r1', []);
    expect(log.map(String)).toContain('  as it was');
    expect(await namespace.kubectl(['get', 'deployments', '--output=name'])).toBe('');
  }, 300_000);
});
