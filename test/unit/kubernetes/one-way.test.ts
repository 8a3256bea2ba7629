import { describe, expect, test } from '@jest/globals';
import { leftOf, sentenceOf } from '../../../packages/kubernetes/src/cluster/left-objects.ts';
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

test.each([
  'The Service "web" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
  'The Ingress "web" is invalid: spec.rules[0].host: Invalid value: "is immutable": a lowercase RFC 1123 subdomain',
  'The Deployment "web" is invalid: spec.template.spec.containers[0].image: Required value',
  'The HTTPRoute "web" is invalid: spec.rules: Too many: 17: must have at most 16 items',
  'The Pod "web" is invalid: spec.priorityClassName: Forbidden: no PriorityClass with name high was found',
])('what is invalid now may be valid later: %s', (words) => {
  expect(readRefusal(words)?.isOneWay).toBe(false);
});

test.each([
  'The Service "web" is invalid: spec.clusterIPs[0]: Invalid value: ["10.0.0.1"]: may not change once set',
  'The RoleBinding "web" is invalid: roleRef: Invalid value: {"kind":"Role","name":"a"}: cannot change roleRef',
  'The PersistentVolumeClaim "web" is invalid: spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
  'The StorageClass "web" is invalid: parameters: Forbidden: updates to parameters are forbidden.',
  'The PriorityClass "web" is invalid: value: Forbidden: may not be changed in an update.',
  'The Deployment "web" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"web"}}: field is immutable',
  'The Database "web" is invalid: spec.engine: Invalid value: "object": Value is immutable',
])('an object that never accepts the change: %s', (words) => {
  expect(readRefusal(words)?.isOneWay).toBe(true);
});

describe('an object that leads requests and cannot go back', () => {
  const words =
    'The Service "web" is invalid: spec.clusterIPs[0]: Invalid value: []string{"None"}: may not change once set';
  const service = (spec: object) =>
    object('Service', 'web', { spec: { ports: [{ port: 80, targetPort: 8080 }], ...spec } });
  const wanted = service({ clusterIP: 'None', selector: { app: 'web' } });
  const left = (one: KubernetesObject, live: KubernetesObject | undefined) => {
    const refusal = readRefusal(words.replaceAll('Service', one.kind));
    return refusal && leftOf({ object: one, refusal }, live);
  };

  test('and leads where the restored release does stays as it is', () => {
    const ports = [{ port: 80, protocol: 'TCP', targetPort: 8080, nodePort: 30_080 }];
    const live = service({ type: 'NodePort', clusterIP: '10.0.0.1', ports, selector: { app: 'web' } });
    expect(left(wanted, live)).toMatchObject({ oneWay: [expect.any(String)], refused: [] });
  });

  test.each([
    ['other pods', service({ clusterIP: '10.0.0.1', selector: { app: 'web', tier: 'front' } })],
    ['all of its pods', service({ clusterIP: '10.0.0.1', selector: {} })],
    ['another port', service({ selector: { app: 'web' }, ports: [{ port: 80, targetPort: 9090 }] })],
  ])('and leads to %s keeps the release from being restored', (_, live) => {
    expect(left(wanted, live)).toMatchObject({
      oneWay: [],
      refused: [expect.stringMatching(/^Service web still leads elsewhere: spec\.clusterIPs/)],
    });
  });

  test.each([
    ['another Service', { rules: [{ backendRefs: [{ name: 'front', port: 80, weight: 1 }] }] }, true],
    [
      'the same one with another weight',
      { rules: [{ backendRefs: [{ name: 'web', port: 80, weight: 3 }] }] },
      true,
    ],
    [
      'the same one, with defaults',
      { rules: [{ backendRefs: [{ group: '', name: 'web', port: 80, weight: 1 }] }] },
      false,
    ],
  ])('and is a route to %s', (_, spec, isElsewhere) => {
    const route = {
      ...object('HTTPRoute', 'web'),
      spec: { rules: [{ backendRefs: [{ name: 'web', port: 80 }] }] },
    };
    expect(left(route, { ...route, spec })?.refused).toHaveLength(isElsewhere ? 1 : 0);
  });

  test('and that nobody may read is not taken for well', () => {
    expect(left(wanted, undefined)?.refused).toEqual([
      expect.stringMatching(/^Service web may lead elsewhere: /),
    ]);
  });
});
