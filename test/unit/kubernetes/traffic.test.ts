import { describe, expect, test } from '@jest/globals';
import type { KubernetesObject } from '../../../packages/kubernetes/src/manifests/index.ts';
import {
  deferredTraffic,
  type TrafficPod,
  trafficChanges,
} from '../../../packages/kubernetes/src/traffic/traffic-changes.ts';

type Labels = Record<string, string>;

function service(name: string, selector: Labels): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector } };
}

function deployment(name: string, labels: Labels): KubernetesObject {
  const template = { metadata: { labels } };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec: { template } };
}

function ingress(...backends: string[]): KubernetesObject {
  const paths = backends.map((name) => ({ path: `/${name}`, backend: { service: { name } } }));
  const spec = { rules: [{ host: 'shop.example.com', http: { paths } }] };
  return { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'web' }, spec };
}

const pods = (count: number, labels: Labels, ready = true): TrafficPod[] =>
  Array.from({ length: count }, () => ({ labels, ready }));

/** What waits, as `Service/web: Deployment/web`. */
function deferred(
  objects: KubernetesObject[],
  live: KubernetesObject[],
  running: TrafficPod[],
  workloads: KubernetesObject[],
  others: KubernetesObject[] = [],
): string[] {
  return deferredTraffic(trafficChanges(objects, live, others), workloads, running).map(
    ({ object, leadsTo }) => `${object.kind}/${object.metadata.name}: ${[...leadsTo].join(', ')}`,
  );
}

const old = { app: 'web' };
const front = { app: 'web', tier: 'front' };
const web = deployment('web', front);

describe('a Service', () => {
  test('that selects only new pods waits for them', () => {
    expect(deferred([service('web', front)], [service('web', old)], pods(2, old), [web])).toEqual([
      'Service/web: Deployment/web',
    ]);
  });

  test('that would lead to fewer ready pods than now waits for all of them', () => {
    const running = [...pods(3, old), ...pods(1, front)];
    expect(deferred([service('web', front)], [service('web', old)], running, [web])).toHaveLength(1);
    expect(deferred([service('web', front)], [service('web', old)], pods(3, front), [web])).toEqual([]);
  });

  test('that goes back to pods that are ready goes first', () => {
    const running = [...pods(2, old), ...pods(2, front, false)];
    const before = deployment('web', old);
    expect(deferred([service('web', old)], [service('web', front)], running, [before])).toEqual([]);
  });

  test('that goes back to pods that are gone follows them', () => {
    const before = deployment('web', { app: 'web', tier: 'back' });
    const back = service('web', { app: 'web', tier: 'back' });
    expect(deferred([back], [service('web', front)], pods(2, front), [before])).toEqual([
      'Service/web: Deployment/web',
    ]);
  });

  test.each([
    ['is new', []],
    ['is unchanged', [service('web', front)]],
  ])('that %s waits for nothing', (_, live) => {
    expect(deferred([service('web', front)], live, pods(2, old), [web])).toEqual([]);
  });

  test('that gets a selector, in place of addresses that others set, waits for its pods', () => {
    const byHand = { ...service('web', {}), spec: { type: 'ExternalName', externalName: 'old.example.com' } };
    expect(deferred([service('web', front)], [byHand], [], [web])).toEqual(['Service/web: Deployment/web']);
    expect(deferred([service('web', front)], [byHand], pods(1, front), [web])).toEqual([]);
  });

  test('that has no ready pods now waits for nothing', () => {
    expect(deferred([service('web', front)], [service('web', old)], pods(2, old, false), [web])).toEqual([]);
  });

  test('that leads to no workload of the release waits for nothing', () => {
    expect(deferred([service('web', front)], [service('web', old)], pods(2, old), [])).toEqual([]);
  });
});

describe('a route', () => {
  const services = [service('web', old), service('front', front)];

  test('to a new Service waits for the pods of that Service', () => {
    const objects = [...services, ingress('front')];
    const live = [service('web', old), ingress('web')];
    expect(deferred(objects, live, pods(2, old), [web])).toEqual(['Ingress/web: Deployment/web']);
    expect(deferred(objects, live, pods(2, front), [web])).toEqual([]);
  });

  test.each([
    ['that the release does not have', []],
    ['that the release changes as well', [service('stable', front)]],
  ])('that comes from a Service %s waits for the new pods', (_, more) => {
    const objects = [service('front', front), ingress('front'), ...more];
    const stable = service('stable', old);
    const live = [ingress('stable'), ...(more.length > 0 ? [stable] : [])];
    expect(deferred(objects, live, pods(2, old), [web], [stable])).toContain('Ingress/web: Deployment/web');
    expect(deferred(objects, live, [...pods(2, old), ...pods(1, front)], [web], [stable])).toContain(
      'Ingress/web: Deployment/web',
    );
  });

  const split = (stable: number, canary: number) => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'web' },
    spec: {
      rules: [
        {
          backendRefs: [
            { name: 'web', port: 80, weight: stable },
            { name: 'front', port: 80, weight: canary },
          ],
        },
      ],
    },
  });

  test.each([
    ['another share of the requests', split(50, 50), split(90, 10), true],
    ['its first requests', split(0, 100), split(100, 0), true],
    ['the same share', split(90, 10), split(90, 10), false],
  ])('that gives a Service %s', (_, next, now, waits) => {
    const waiting = deferred([...services, next], [...services, now], pods(2, old), [web]);
    expect(waiting).toHaveLength(waits ? 1 : 0);
  });

  test('that sends another path to the same Service waits for its pods', () => {
    const moved = (path: string): KubernetesObject => {
      const paths = [
        { path: '/', backend: { service: { name: 'web' } } },
        { path, backend: { service: { name: 'front' } } },
      ];
      return { ...ingress(), spec: { rules: [{ http: { paths } }] } };
    };
    const live = [...services, moved('/beta')];
    expect(deferred([...services, moved('/api')], live, pods(2, old), [web])).toHaveLength(1);
    expect(deferred([...services, moved('/beta')], live, pods(2, old), [web])).toEqual([]);
  });

  test('whose host has the name of the Service is not taken for one to it', () => {
    const named = (...backends: string[]) => {
      const { spec, ...one } = ingress(...backends);
      return { ...one, spec: { ...Object(spec), tls: [{ hosts: ['front.example.com'], name: 'front' }] } };
    };
    const objects = [...services, named('front')];
    expect(deferred(objects, [service('web', old), named('web')], pods(2, old), [web])).toHaveLength(1);
  });

  test('to two Services waits for the workloads of both', () => {
    const objects = [...services, service('api', { app: 'api' }), ingress('front', 'api')];
    const api = deployment('api', { app: 'api' });
    expect(deferred(objects, [service('web', old), ingress('web')], pods(2, old), [web, api])).toEqual([
      'Ingress/web: Deployment/web, Deployment/api',
    ]);
  });

  test.each([
    ['HTTPRoute', { rules: [{ backendRefs: [{ name: 'front', port: 80 }] }] }],
    ['IngressRoute', { routes: [{ match: 'Host(`a`)', services: [{ name: 'front', port: 80 }] }] }],
    ['VirtualService', { http: [{ route: [{ destination: { host: 'front.shop.svc.cluster.local' } }] }] }],
    ['Route', { to: { kind: 'Service', name: 'front' } }],
    ['Ingress', { backend: { serviceName: 'front', servicePort: 80 } }],
  ])('of the kind %s is read', (kind, spec) => {
    const route = { apiVersion: 'example.com/v1', kind, metadata: { name: 'web' } };
    const live = [service('web', old), { ...route, spec: {} }];
    expect(deferred([...services, { ...route, spec }], live, pods(2, old), [web])).toEqual([
      `${kind}/web: Deployment/web`,
    ]);
  });
});
