import { expect, test } from '@jest/globals';
import { parseImage } from '../../../packages/kernel/src/index.ts';
import type { KubernetesObject } from '../../../packages/kubernetes/src/manifests/index.ts';
import {
  assertRuns,
  trustedObjects,
} from '../../../packages/kubernetes/src/release-history/trusted-objects.ts';

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
  trustedObjects(release(shared, ...web), 'r1', 'shop');

test('what lies outside the namespace is not applied', () => {
  const inside = [object('ConfigMap', {}, { namespace: 'shop' }), object('Service')];
  const namespace = object('Namespace', {}, { name: 'shop' });
  const outside = [object('ClusterRoleBinding'), object('Namespace', {}, { name: 'kube-system' })];
  expect(trusted([...inside, namespace, ...outside], deployment(image))).toMatchObject({
    shared: [...inside, namespace],
    outside,
  });
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
