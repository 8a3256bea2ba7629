import { describe, expect, test } from '@jest/globals';
import { sentenceOf } from '../../../packages/kubernetes/src/cluster/left-objects.ts';
import { readRefusal } from '../../../packages/kubernetes/src/cluster/refusal.ts';
import type { KubernetesObject } from '../../../packages/kubernetes/src/manifests/index.ts';

function object(kind: string, name: string, more: object = {}): KubernetesObject {
  return { apiVersion: 'v1', kind, metadata: { name }, ...more };
}

/** What is said of an object that stays, by what the API server printed and what the cluster has. */
function said(desired: KubernetesObject, live: KubernetesObject, words: string): string {
  const refusal = readRefusal(words);
  expect(refusal?.isOneWay).toBe(true);
  return refusal ? sentenceOf({ object: desired, refusal }, live) : '';
}

describe('an object that cannot go back', () => {
  test.each(['field can not be less than previous value', 'field can not be less than status.capacity'])(
    'a claim that grew: %s',
    (words) => {
      const live = object('PersistentVolumeClaim', 'data', {
        spec: { resources: { requests: { storage: '2Gi' } } },
      });
      const printed = `The PersistentVolumeClaim "data" is invalid: spec.resources.requests.storage: Forbidden: ${words}`;
      expect(said(object('PersistentVolumeClaim', 'data'), live, printed)).toBe(
        'PersistentVolumeClaim data stays at 2Gi: a claim cannot shrink',
      );
    },
  );

  test('a ConfigMap that is immutable now', () => {
    const live = object('ConfigMap', 'settings', { immutable: true });
    const printed =
      'The ConfigMap "settings" is invalid: data: Forbidden: field is immutable when `immutable` is set';
    expect(said(object('ConfigMap', 'settings'), live, printed)).toBe(
      'ConfigMap settings stays as it is: it is immutable',
    );
  });

  test.each([
    [
      'Service',
      'The Service "web" is invalid: spec.clusterIPs[0]: Invalid value: []string{"None"}: may not change once set',
      'spec.clusterIPs[0]: Invalid value: []string{"None"}: may not change once set',
    ],
    [
      'Job',
      'The Job "web" is invalid: spec.template: Invalid value: core.PodTemplateSpec{…}: field is immutable',
      'spec.template is immutable',
    ],
    [
      'StatefulSet',
      'The StatefulSet "web" is invalid: spec: Forbidden: updates to statefulset spec for fields other than replicas are forbidden',
      'updates to statefulset spec for fields other than replicas are forbidden',
    ],
    [
      'PersistentVolumeClaim',
      'Error from server (Forbidden): persistentvolumeclaims "web" is forbidden: only dynamically provisioned pvc can be resized',
      'only dynamically provisioned pvc can be resized',
    ],
  ])('any other immutable field: %s', (kind, printed, why) => {
    expect(said(object(kind, 'web'), object(kind, 'web'), printed)).toBe(
      `${kind} web stays as it is: ${why}`,
    );
  });
});

test.each([
  `The configmaps "settings" is invalid: : ValidatingAdmissionPolicy 'labels' with binding 'labels' denied request: no label`,
  'admission webhook "policy.example.com" denied the request: no label',
  'exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2',
])('a policy or a quota can change: %s', (words) => {
  expect(readRefusal(`Error from server (Forbidden): x "y" is forbidden: ${words}`)?.isOneWay ?? false).toBe(
    false,
  );
  expect(readRefusal(words)?.isOneWay ?? false).toBe(false);
});
