import { readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import type { ClusterFixture, NamespaceFixture, NamespaceOptions } from '../support/cluster/fixture.ts';
import { deployment, type Shape } from '../support/cluster/manifests.ts';
import { clusterForAll } from '../support/cluster/namespaces.ts';
import { release } from '../support/cluster/release.ts';

let cluster: ClusterFixture;
let namespace: NamespaceFixture;

const makeNamespace = clusterForAll((started) => {
  cluster = started;
});

async function prepare(options: NamespaceOptions = {}, shape: Shape = {}): Promise<void> {
  namespace = await makeNamespace(options);
  namespace.writeWeb(shape);
}

/** A copy of the kubeconfig with something changed. */
function kubeconfig(change: (config: Record<string, Record<string, unknown>[]>) => void): string {
  const config = parse(readFileSync(cluster.kubeconfig, 'utf8'));
  change(config);
  const file = path.join(namespace.workspace, 'kubeconfig-changed');
  writeFileSync(file, stringify(config));
  return file;
}

/** What the check of the platform says, one sentence and a remedy, and that nothing was made. */
async function refusal(): Promise<{ message: string; hint: string }> {
  const error = (await namespace.platform.check(['web'], 'deploy').then(
    () => new Error('the check passed'),
    (thrown: Error) => thrown,
  )) as Error & { hint?: string };
  expect(error.name).toBe('UserError');
  expect(error.hint).toBeTruthy();
  return { message: error.message, hint: error.hint ?? '' };
}

async function unchanged(): Promise<void> {
  const kinds = 'deployments,services,pods,replicasets';
  expect(await namespace.kubectl(['get', kinds, '--output=name', '--ignore-not-found'])).toBe('');
}

/** The same namespace by another kubeconfig. */
async function reopen(change: (config: Record<string, Record<string, unknown>[]>) => void): Promise<void> {
  namespace = await makeNamespace({ kubeconfig: kubeconfig(change), on: namespace });
  namespace.writeWeb();
}

describe('the way to the cluster', () => {
  test('a kubeconfig that is not there', async () => {
    await prepare({ kubeconfig: '/nonexistent/kubeconfig' });
    expect((await refusal()).message).toMatch(/kubeconfig .*nonexistent.* is unreadable/);
    await unchanged();
  }, 120_000);

  test('a context that does not exist', async () => {
    await prepare({ config: { context: 'elsewhere' } });
    expect((await refusal()).message).toContain('the kubeconfig has no context "elsewhere"');
    await unchanged();
  }, 120_000);

  test('a server that does not answer', async () => {
    await prepare();
    await reopen((config) => {
      for (const { cluster } of config.clusters ?? [])
        (cluster as { server: string }).server = 'https://127.0.0.1:9';
    });
    const { message, hint } = await refusal();
    expect(message).toMatch(/connection refused|connection to the server/);
    expect(hint).toContain('Check the server address');
    await unchanged();
  }, 120_000);

  test('a login that is wrong or expired', async () => {
    await prepare();
    await reopen((config) => {
      for (const one of config.users ?? []) one.user = { token: 'expired.token.value' };
    });
    expect((await refusal()).message).toContain('rejected the login');
    await unchanged();
  }, 120_000);

  test('a namespace that is not there', async () => {
    await prepare({ config: { namespace: 'nowhere' } });
    expect((await refusal()).message).toContain('namespace "nowhere" does not exist');
    await unchanged();
  }, 120_000);

  test('a login without rights: each missing verb is named', async () => {
    await prepare();
    await reopen((config) => {
      for (const { user } of config.users ?? []) (user as { as: string }).as = 'nobody-special';
    });
    const { message } = await refusal();
    for (const right of [
      'list pods',
      'get pods/log',
      'list events',
      'patch deployments',
      'create configmaps',
      'update configmaps',
      'update leases',
    ])
      expect(message).toContain(right);
    await unchanged();
  }, 120_000);
});

test('a login that may not create pods may deploy, with a warning about what was not checked', async () => {
  await prepare();
  const rules = [
    { apiGroups: ['apps', 'batch', 'autoscaling'], resources: ['*'], verbs: ['*'] },
    { apiGroups: [''], resources: ['pods', 'events'], verbs: ['list'] },
    { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
    { apiGroups: [''], resources: ['configmaps', 'services'], verbs: ['*'] },
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] },
  ];
  const objects = [
    { kind: 'Role', metadata: { name: 'deployer' }, rules },
    {
      kind: 'RoleBinding',
      metadata: { name: 'deployer' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'deployer' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'deployer' }],
    },
  ];
  for (const object of objects)
    await namespace.kubectl(
      ['apply', '--filename=-'],
      JSON.stringify({ apiVersion: 'rbac.authorization.k8s.io/v1', ...object }),
    );
  await reopen((config) => {
    for (const { user } of config.users ?? []) (user as { as: string }).as = 'deployer';
  });
  expect((await namespace.platform.check(['web'], 'deploy')).evidence).toContain(
    '1 service can be rolled out',
  );
  const logged = namespace.lines.join('\n');
  expect(logged).toContain('this login may not create pods: whether they would be admitted was not checked');
  expect(logged).toContain('this login may not list secrets');
  expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({
    outcome: 'passed',
    replicas: { length: 2 },
  });
}, 180_000);

describe('the manifests', () => {
  test('invalid YAML, by file and line', async () => {
    await prepare();
    namespace.write({ 'broken.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a\n' });
    expect((await refusal()).message).toMatch(/k8s\/broken\.yaml:\d+:/);
    await unchanged();
  }, 120_000);

  test('the same object twice', async () => {
    await prepare();
    namespace.write({ 'again.yaml': deployment(`${cluster.registry}/web`) });
    expect((await refusal()).message).toMatch(
      /k8s\/web\.yaml:1: Deployment\/web is already defined at k8s\/again\.yaml:1/,
    );
    await unchanged();
  }, 120_000);

  test('an image that no workload uses', async () => {
    await prepare();
    namespace.write({ 'web.yaml': deployment(`${cluster.registry}/another`) });
    expect((await refusal()).message).toMatch(/web.*another/s);
    await unchanged();
  }, 120_000);

  test('zero replicas and paused are refused before anything is applied', async () => {
    await prepare({}, { replicas: 0, spec: { paused: true, replicas: 0 } });
    const { message } = await refusal();
    expect(message).toMatch(/replicas/);
    expect(message).toMatch(/paused/);
    await expect(release(namespace, cluster.images.one, 'r1')).rejects.toThrow(/replicas/);
    await unchanged();
  }, 120_000);

  test('a field that the schema of the cluster does not know', async () => {
    await prepare({}, { container: { readynessProbe: { httpGet: { path: '/', port: 8080 } } } });
    expect((await refusal()).message).toMatch(/readynessProbe/);
    await unchanged();
  }, 120_000);

  test('pods that could not be made: missing parts and quota', async () => {
    await prepare(
      {},
      {
        env: [{ name: 'DB_URL', valueFrom: { secretKeyRef: { name: 'app', key: 'DB_URL' } } }],
        pod: {
          serviceAccountName: 'deployer',
          volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }],
        },
      },
    );
    const { message } = await refusal();
    for (const part of ['app', 'deployer', 'data']) expect(message).toContain(part);
    await unchanged();
  }, 120_000);

  test('a pod that LimitRange refuses', async () => {
    await prepare({}, { container: { resources: { limits: { memory: '256Mi' } } } });
    const limits = [{ type: 'Container', max: { memory: '128Mi' } }];
    await namespace.kubectl(
      ['apply', '--filename=-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'l' }, spec: { limits } }),
    );
    expect((await refusal()).message).toContain('maximum memory usage per Container is 128Mi');
    await unchanged();
  }, 120_000);

  test('lint findings are logged, and refused where lint is enforced', async () => {
    await prepare({}, { container: { lifecycle: null, readinessProbe: null } });
    await namespace.platform.check(['web'], 'deploy');
    expect(namespace.lines.join('\n')).toMatch(/k8s\/web\.yaml:\d+: Deployment\/web: .*readiness/);
    await prepare({ config: { lint: 'enforce' } }, { container: { lifecycle: null, readinessProbe: null } });
    expect((await refusal()).message).toMatch(/preStop/);
  }, 120_000);
});

describe('objects that other tools manage', () => {
  const apply = (object: string, ...flags: string[]): Promise<string> =>
    namespace.kubectl(['apply', '--filename=-', ...flags], object);

  test.each([
    ['Argo CD', { 'argocd.argoproj.io/instance': 'shop' }, /argocd app/],
    ['Flux', { 'kustomize.toolkit.fluxcd.io/name': 'shop' }, /flux/],
    ['Helm', { 'app.kubernetes.io/managed-by': 'Helm' }, /helm/],
  ])(
    '%s owns the Deployment',
    async (tool, labels, command) => {
      await prepare();
      await apply(deployment(cluster.images.one));
      await namespace.kubectl([
        'label',
        'deployment/web',
        ...Object.entries(labels).map(([k, v]) => `${k}=${v}`),
      ]);
      await namespace.kubectl(['annotate', 'deployment/web', 'meta.helm.sh/release-name=shop']);
      const { message, hint } = await refusal();
      expect(message).toContain(tool);
      expect(hint).toMatch(command);
    },
    60_000,
  );

  test('another field manager owns a field: both are named, and force takes it over', async () => {
    await prepare();
    await apply(
      deployment(cluster.images.one, { spec: { minReadySeconds: 4 } }),
      '--server-side',
      '--field-manager=theirs',
    );
    namespace.writeWeb({ spec: { minReadySeconds: 1 } });
    const { message, hint } = await refusal();
    expect(message).toMatch(/spec\.minReadySeconds.*"theirs"/s);
    expect(hint).toContain('force-conflicts');
  }, 120_000);

  test('a Deployment that kubectl apply made is taken over without a conflict', async () => {
    await prepare();
    await apply(deployment(cluster.images.one));
    await namespace.kubectl(['rollout', 'status', 'deployment/web', '--timeout=60s']);
    await namespace.platform.check(['web'], 'deploy');
    const result = await release(namespace, cluster.images.two, 'r1');
    expect([result.outcome, 'reason' in result && result.reason]).toEqual(['passed', false]);
  }, 240_000);

  test('a Deployment that somebody paused', async () => {
    await prepare();
    expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({ outcome: 'passed' });
    await namespace.kubectl(['rollout', 'pause', 'deployment/web']);
    const { message, hint } = await refusal();
    expect(message).toContain('paused');
    expect(hint).toContain('kubectl rollout resume deployment/web');
  }, 180_000);
});
