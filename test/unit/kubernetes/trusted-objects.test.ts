import { expect, test } from '@jest/globals';
import { OutsideText, parseImage, Redactor } from '../../../packages/kernel/src/index.ts';
import { clusterWideCustom } from '../../../packages/kubernetes/src/cluster/custom-scopes.ts';
import { Kubectl } from '../../../packages/kubernetes/src/cluster/kubectl.ts';
import type { KubernetesObject } from '../../../packages/kubernetes/src/manifests/index.ts';
import {
  assertRuns,
  trustedObjects,
} from '../../../packages/kubernetes/src/release-history/trusted-objects.ts';
import { exited } from '../../support/command-result.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const image = `registry.example.com/web@${digest}`;

function object(kind: string, more: object = {}, metadata: object = {}): KubernetesObject {
  return { apiVersion: 'v1', kind, metadata: { name: 'web', ...metadata }, ...more };
}

function deployment(...images: string[]): KubernetesObject {
  const containers = images.map((one, at) => ({ name: `c${at}`, image: one }));
  return { ...object('Deployment', { spec: { template: { spec: { containers } } } }), apiVersion: 'apps/v1' };
}

const release = (shared: KubernetesObject[], ...web: KubernetesObject[]) => ({ shared, services: { web } });
const trusted = (shared: KubernetesObject[], ...web: KubernetesObject[]) =>
  trustedObjects(release(shared, ...web), 'r1', { namespace: 'shop', custom: new Set() });

test('what lies outside the namespace is not applied', () => {
  const inside = [object('ConfigMap', {}, { namespace: 'shop' }), object('Service')];
  const namespace = object('Namespace', {}, { name: 'shop' });
  const outside = [object('ClusterRoleBinding'), object('Namespace', {}, { name: 'kube-system' })];
  expect(trusted([...inside, namespace, ...outside], deployment(image))).toMatchObject({
    shared: [...inside, namespace],
    outside,
  });
});

test('a custom resource outside namespaces is asked for, by its group', async () => {
  const redactor = new Redactor();
  const text = (words: string) => OutsideText.of(words, redactor);
  const asked: string[] = [];
  const resources = [
    { kind: 'ClusterPolicy', name: 'clusterpolicies', namespaced: false },
    { kind: 'Policy', name: 'policies', namespaced: true },
  ];
  const kubectl = new Kubectl(
    async ({ argv }) => {
      const path = argv.at(-1) ?? '';
      asked.push(path);
      if (path !== '/apis/kyverno.io/v1')
        return exited(1, { stderr: 'Error from server (NotFound): the server could not find it' });
      const stdout = text(JSON.stringify({ kind: 'APIResourceList', resources }));
      return { ok: true, state: 'exited', code: 0, ms: 1, stdout, stderr: text('') };
    },
    { kubectl: ['kubectl'] },
    { namespace: 'shop' },
  );
  const kyverno = (kind: string) => ({ ...object(kind), apiVersion: 'kyverno.io/v1' });
  const policy = kyverno('ClusterPolicy');
  const gone = { ...object('Thing'), apiVersion: 'gone.example.com/v1' };
  const strange = { ...object('Thing'), apiVersion: '../api/v1' };
  const shared = [policy, kyverno('Policy'), gone, strange, object('Service'), deployment(image)];
  const custom = await clusterWideCustom(kubectl, shared);
  expect([...custom]).toEqual([policy]);
  expect(asked).toEqual(['/apis/kyverno.io/v1', '/apis/gone.example.com/v1']);
  expect(trustedObjects(release(shared), 'r1', { namespace: 'shop', custom }).outside).toEqual([policy]);
});

test.each([
  [
    'another namespace',
    [object('RoleBinding', {}, { namespace: 'kube-system' })],
    'has namespace "kube-system"',
  ],
  ['a list', [object('List', { items: [object('ClusterRoleBinding')] })], 'List/web is a list'],
  ['a Secret', [object('Secret')], 'Secret/web is a Secret'],
])('%s is refused, with its name', (_, shared, words) => {
  expect(() => trusted(shared)).toThrow(words);
});

test('a service has nothing but workloads', () => {
  expect(() => trusted([], object('RoleBinding'))).toThrow('RoleBinding/web runs no image');
});

test.each([
  ['another repository', deployment(`elsewhere.example.com/web@${digest}`)],
  ['another digest', deployment(`registry.example.com/web@sha256:${'b'.repeat(64)}`)],
  ['a tag', deployment('registry.example.com/web:latest')],
])('a workload that runs %s is not the release', (_, workload) => {
  const desired = { name: 'web', image: parseImage(image), release: 'r1' };
  expect(() => assertRuns(release([], workload), desired)).toThrow(
    `the manifests that are saved for release r1 do not run ${image} in Deployment/web`,
  );
  expect(() => assertRuns(release([], deployment('sidecar:1', image)), desired)).not.toThrow();
});

test('an image that never had a digest is held by its repository', () => {
  const desired = { name: 'web', image: parseImage('registry.example.com/web:1'), release: null };
  expect(() => assertRuns(release([], deployment('registry.example.com/web:1')), desired)).not.toThrow();
  expect(() => assertRuns(release([], deployment('elsewhere.example.com/web:1')), desired)).toThrow();
});
