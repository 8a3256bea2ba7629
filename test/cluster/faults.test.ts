import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { parseImage } from '@slipway/kernel';
import { parse, stringify } from 'yaml';
import type { ClusterFixture, NamespaceFixture } from '../support/cluster/fixture.ts';
import { deployment } from '../support/cluster/manifests.ts';
import { clusterForAll } from '../support/cluster/namespaces.ts';
import { begin, release, watchService } from '../support/cluster/release.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

let ground: ClusterFixture;
let plot: NamespaceFixture;

const makeNamespace = clusterForAll((laid) => {
  ground = laid;
});

const proxies: TcpProxy[] = [];
afterEach(() => Promise.all(proxies.splice(0).map((proxy) => proxy.stop())));

/** A way to the API server that can be cut, and the kubeconfig that leads over it. */
async function openWay(): Promise<TcpProxy & { kubeconfig: string }> {
  const config = parse(readFileSync(ground.kubeconfig, 'utf8'));
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
    plot = await makeNamespace({ kubeconfig: way.kubeconfig });
    plot.writeWeb({ env: [{ name: 'MODE', value: 'slow' }] });
    const rolling = release(plot, ground.images.one, 'r1');
    await plot.said(/0\/2 new ready/);
    way.cut();
    await plot.said(/retrying until the deadline/);
    way.restore();
    expect(await rolling).toMatchObject({ outcome: 'passed', replicas: { length: 2 } });
    expect(plot.lines.join('\n')).toContain('the cluster answers again');
  }, 240_000);

  test('until the deadline is inconclusive: nothing is known, and nothing is claimed', async () => {
    const way = await openWay();
    plot = await makeNamespace({ kubeconfig: way.kubeconfig, service: { 'start-timeout': 8000 } });
    plot.writeWeb({ env: [{ name: 'MODE', value: 'never-ready' }] });
    const rolling = release(plot, ground.images.one, 'r1');
    await plot.said(/0\/2 new ready/);
    way.cut();
    const result = await rolling;
    expect(result).toMatchObject({ outcome: 'inconclusive' });
    expect('reason' in result && result.reason).toMatch(/^cannot inspect the cluster/);
  }, 240_000);
});

test('losing the API server between two steps of a rollout is not a failure either', async () => {
  const way = await openWay();
  plot = await makeNamespace({ kubeconfig: way.kubeconfig });
  plot.writeWeb();
  await begin(plot, ground.images.one, 'r1');
  way.cut();
  const desired = { name: 'web', image: parseImage(ground.images.one), release: 'r1' };
  const rolling = plot.platform.roll(desired, { purpose: 'deploy' });
  await plot.said(/retrying$/m);
  way.restore();
  expect(await rolling).toMatchObject({ outcome: 'passed', replicas: { length: 2 } });
}, 180_000);

test('losing the API server for good reports that the state of the old version is unknown', async () => {
  const way = await openWay();
  plot = await makeNamespace({ kubeconfig: way.kubeconfig, service: { 'start-timeout': 8000 } });
  plot.writeWeb();
  expect(await release(plot, ground.images.one, 'r1')).toMatchObject({ outcome: 'passed' });
  plot.writeWeb({ env: [{ name: 'MODE', value: 'never-ready' }] });
  const rolling = release(plot, ground.images.two, 'r2');
  await plot.said(/0\/2 new ready, 2\/2 old serving/);
  way.cut();
  const result = await rolling;
  expect(result).toMatchObject({ outcome: 'inconclusive', oldServing: { serving: null, of: 2 } });
}, 240_000);

describe('what ran before comes back', () => {
  test('a release goes back to exactly what was applied for it, ConfigMaps and replicas included', async () => {
    plot = await makeNamespace();
    const config = (level: string): string =>
      stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'app' }, data: { LEVEL: level } });
    plot.writeWeb({ replicas: 3 });
    plot.write({ 'config.yaml': config('info') });
    expect(await release(plot, ground.images.one, 'r1')).toMatchObject({
      outcome: 'passed',
      replicas: { length: 3 },
    });
    plot.writeWeb({ replicas: 1, env: [{ name: 'NEW', value: 'x' }] });
    plot.write({ 'config.yaml': config('debug') });
    const stop = await watchService(ground, plot);
    expect(await release(plot, ground.images.two, 'r2')).toMatchObject({
      outcome: 'passed',
      replicas: { length: 1 },
    });
    const desired = { name: 'web', image: parseImage(ground.images.one), release: 'r1' };
    expect(await plot.platform.roll(desired, { purpose: 'restore' })).toMatchObject({
      outcome: 'passed',
      replicas: { length: 3 },
    });
    expect(await stop()).toMatchObject({ failed: 0 });
    const live = JSON.parse(await plot.kubectl(['get', 'deployment', 'web', '--output=json']));
    expect(live.spec.template.spec.containers[0]).toMatchObject({ image: ground.images.one });
    expect(live.spec.template.spec.containers[0].env ?? []).toEqual([]);
    expect(await plot.kubectl(['get', 'configmap', 'app', '--output=jsonpath={.data.LEVEL}'])).toBe('info');
    expect(await plot.platform.roll(desired, { purpose: 'restore' })).toMatchObject({
      outcome: 'skipped',
      replicas: { length: 3 },
    });
  }, 300_000);

  test('what Slipway did not make comes back as it was, and a first release is taken away again', async () => {
    plot = await makeNamespace();
    plot.writeWeb();
    await plot.kubectl(
      ['apply', '--filename=-'],
      deployment(ground.images.one, { spec: { minReadySeconds: 2 } }),
    );
    await plot.kubectl(['rollout', 'status', 'deployment/web', '--timeout=60s']);
    expect(await release(plot, ground.images.two, 'r1')).toMatchObject({ outcome: 'passed' });
    const [stamp] = await plot.platform.stamps('web', 'test');
    const before = stamp?.previous.web;
    if (!before) throw new Error('the stamp does not say what ran before');
    expect(before.release).toBeNull();
    const back = { name: 'web', image: before.image, release: null };
    expect(await plot.platform.roll(back, { purpose: 'restore' })).toMatchObject({
      outcome: 'passed',
      replicas: { length: 2 },
    });
    const live = JSON.parse(await plot.kubectl(['get', 'deployment', 'web', '--output=json']));
    expect(live.spec.minReadySeconds).toBe(2);
    expect(live.spec.template.metadata.annotations ?? {}).not.toHaveProperty('slipway.dev/release');
    await plot.platform.remove('web');
    expect(await plot.kubectl(['get', 'deployments', '--output=name'])).toBe('');
  }, 300_000);
});
