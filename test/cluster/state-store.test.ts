import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { StateStore } from '@slipway/platform';
import { emptyState, encodeState } from '@slipway/release';
import { requireOwnTarget } from '@slipway/transaction';
import type { ClusterFixture, NamespaceFixture } from '../support/cluster/fixture.ts';
import { deployment } from '../support/cluster/manifests.ts';
import { namespaceEach } from '../support/cluster/namespaces.ts';
import { begin } from '../support/cluster/release.ts';
import { loseFirstAnswer, openStore, type StoreLocation } from '../support/open-store.ts';
import { releaseEntry } from '../support/releases.ts';
import { runWriters } from '../support/store-writers.ts';

let cluster: ClusterFixture;
let namespace: NamespaceFixture;
let store: StateStore;

const makeOne = namespaceEach((given) => {
  ({ cluster, namespace } = given);
});
beforeEach(() => {
  ({ store } = namespace.platform);
});

const location = (): StoreLocation => ({
  target: {
    name: 'kubernetes',
    config: {
      namespace: namespace.name,
      manifests: ['k8s'],
      kubeconfig: cluster.kubeconfig,
      'fail-fast': 'balanced',
      lint: 'warn',
      'force-conflicts': false,
    },
  },
  env: {},
});

test('of twenty processes at the same moment one writes the first value, and no later write is lost', async () => {
  const results = await runWriters(Array.from({ length: 20 }, () => ({ location: location(), act: 'race' })));
  expect(results.toSorted()).toEqual([...Array.from({ length: 19 }, () => 'conflict'), 'replaced']);
  expect((await (await openStore(location())).state.read())?.text).toMatch(/^40 by /);
}, 600_000);

test('a register is empty before the first write, has what was written last, and refuses an old version', async () => {
  for (const register of [store.state, store.lease]) {
    expect(await register.read()).toBeNull();
    expect(await register.replace('one', null)).toBe('replaced');
    expect(await register.replace('again', null)).toBe('conflict');
    const first = await register.read();
    expect(await register.replace('two', first?.version ?? null)).toBe('replaced');
    expect(await register.replace('late', first?.version ?? null)).toBe('conflict');
    expect((await register.read())?.text).toBe('two');
  }
  const { version } = (await store.state.read()) ?? { version: '' };
  await namespace.kubectl(['delete', 'configmap', '--selector=slipway.dev/store']);
  expect(await store.state.replace('late', version)).toBe('conflict');
  expect(await store.state.read()).toBeNull();
}, 60_000);

test('kubectl get lease shows the holder', async () => {
  expect(await store.lease.replace('{}', null, 'run 18273645, attempt 1\nby octocat')).toBe('replaced');
  const holder = '--output=jsonpath={.items[*].spec.holderIdentity}';
  expect(await namespace.kubectl(['get', 'lease', '--selector=slipway.dev/store', holder])).toBe(
    'run 18273645, attempt 1 by octocat',
  );
  const { version } = (await store.lease.read()) ?? { version: '' };
  expect(await store.lease.replace('{}', version)).toBe('replaced');
  expect(await namespace.kubectl(['get', 'lease', '--selector=slipway.dev/store', holder])).toBe('');
}, 60_000);

test('the value of a writer that was killed before it had the answer is there', async () => {
  expect(await runWriters([{ location: location(), act: 'die' }])).toEqual([null]);
  const { state } = await openStore(location());
  const left = await state.read();
  expect(left?.text).toBe('dead');
  expect(await state.replace('alive', left?.version ?? null)).toBe('replaced');
}, 60_000);

test.each(['sent', 'unsent'] as const)(
  'a write whose answer was lost is not made twice: %s',
  async (when) => {
    for (const word of ['create', 'replace']) {
      const { state } = await openStore(location(), (exec) => loseFirstAnswer(exec, [word], when));
      const before = await state.read();
      expect(await state.replace(word, before?.version ?? null)).toBe('replaced');
      expect((await state.read())?.text).toBe(word);
    }
  },
  60_000,
);

test('the state survives the deletion of everything that kubectl calls all', async () => {
  namespace.writeWeb();
  await namespace.kubectl(['apply', `--filename=${namespace.workspace}/k8s`]);
  await store.state.replace('the state', null);
  await store.lease.replace('the state', null);
  await namespace.kubectl(['delete', 'all', '--all', '--wait=false']);
  expect((await store.state.read())?.text).toBe('the state');
  expect((await store.lease.read())?.text).toBe('the state');
}, 60_000);

test('documents are replaced, and are deleted with their release', async () => {
  await store.saveDocument('1.0.0-1', 'manifests', 'first');
  await store.saveDocument('1.0.0-1', 'manifests', 'second');
  await store.saveDocument('2.0.0-1', 'manifests', 'other');
  expect(await store.readDocument('1.0.0-1', 'manifests')).toBe('second');
  expect(await store.readDocument('1.0.0-1', 'none')).toBeNull();
  await store.pruneDocuments(['2.0.0-1']);
  expect(await store.readDocument('1.0.0-1', 'manifests')).toBeNull();
  expect(await store.readDocument('2.0.0-1', 'manifests')).toBe('other');
  const large = randomBytes(1_000_000).toString('base64');
  await expect(store.saveDocument('2.0.0-1', 'log', large)).rejects.toThrow('it is too large');
}, 60_000);

test('the clock of the cluster is read without creating anything', async () => {
  const before = Date.now();
  const read = (await store.now()).getTime();
  expect(read).toBeGreaterThanOrEqual(before - 2000);
  expect(read).toBeLessThanOrEqual(Date.now() + 1000);
  expect(await namespace.kubectl(['get', 'leases', '--output=name'])).toBe('');
});

test('a namespace that comes with the manifests is created for the state of the first release', async () => {
  await cluster.kubectl(['delete', 'namespace', namespace.name, '--wait=true']);
  await expect(store.state.replace('x', null)).rejects.toThrow();
  namespace.write({
    'namespace.yaml': `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${namespace.name}\n`,
  });
  expect(await store.state.read()).toBeNull();
  expect(await store.state.replace('first', null)).toBe('replaced');
  expect((await store.state.read())?.text).toBe('first');
}, 120_000);

test('a damaged state is named', async () => {
  await store.state.replace('good', null);
  const [name = ''] = (
    await namespace.kubectl(['get', 'configmap', '--selector=slipway.dev/store', '--output=name'])
  ).split('\n');
  await namespace.kubectl(['patch', name, '--patch', '{"binaryData":{"text.gz":"AAAA"}}']);
  await expect(store.state.read()).rejects.toThrow(
    `cannot read the state of web in test: the content of ConfigMap ${name.replace('configmap/', '')} is damaged`,
  );
}, 60_000);

describe('the state of another environment in the namespace', () => {
  const log = { warn: () => undefined };
  /** What a release in the environment staging is refused for; empty when it is not. */
  const refusal = ({ platform }: NamespaceFixture): Promise<string> =>
    requireOwnTarget(
      { config: { app: 'web', services: { web: {} } }, environment: 'staging', log },
      platform,
    ).then(
      () => '',
      ({ message, hint }: Error & { hint: string }) => `${message}. ${hint}`,
    );
  let staging: NamespaceFixture;
  beforeEach(async () => {
    namespace.writeWeb();
    const { services } = await begin(namespace, cluster.images.one, '1.0.0-1');
    const state = { ...emptyState('web', 'test'), releases: [releaseEntry({ sequence: 1, services })] };
    await store.state.replace(encodeState(state, 'writer'), null);
    staging = await makeOne({ on: namespace, environment: 'staging' });
  });

  test('is a conflict when its release has the same workload, and none once it is deleted', async () => {
    staging.writeWeb();
    const refused = await refusal(staging);
    expect(refused).toContain(
      `namespace "${namespace.name}" runs web of web in test (1.0.0): a release of web in staging would replace it`,
    );
    expect(refused).toContain('Set kubernetes.namespace for the environment "staging" to a name');
    const [, command = ''] =
      /delete that state: kubectl (--namespace \S+ delete configmap \S+)$/.exec(refused) ?? [];
    await cluster.kubectl(command.split(' '));
    expect(await refusal(staging)).toBe('');
  }, 60_000);

  test('is none when its workloads have other names', async () => {
    const image = `${cluster.registry}/web`;
    staging.write({ 'web.yaml': deployment(image).replace('name: web', 'name: staging-web') });
    expect(await refusal(staging)).toBe('');
  }, 60_000);

  test('is none when it is damaged', async () => {
    staging.writeWeb();
    const patch = ['--patch', '{"binaryData":{"text.gz":"AAAA"}}'];
    const name = await namespace.kubectl([
      'get',
      'configmap',
      '--selector=slipway.dev/store',
      '--output=name',
    ]);
    await namespace.kubectl(['patch', name.trim(), ...patch]);
    expect(await refusal(staging)).toBe('');
    expect(staging.lines.join()).toContain('is not known: cannot read the state in ConfigMap');
  }, 60_000);
});

test('a service whose workload the manifests do not have any more is left while it wants pods', async () => {
  namespace.writeWeb();
  await begin(namespace, cluster.images.one, '1.0.0-1');
  const apply = ['apply', '--filename=-'];
  await namespace.kubectl(apply, deployment(cluster.images.one));
  const left = () => namespace.platform.findLeft('1.0.0-1', ['web']);
  expect(await left()).toEqual([]);
  const image = `${cluster.registry}/web`;
  namespace.write({ 'web.yaml': deployment(image).replace('name: web', 'name: shop') });
  const removal = `kubectl --namespace ${namespace.name} delete Deployment/web`;
  expect(await left()).toEqual([{ name: 'web', replicas: ['Deployment/web'], removal }]);
  await namespace.kubectl(apply, deployment(cluster.images.one, { replicas: 0 }));
  expect(await left()).toEqual([]);
}, 60_000);
