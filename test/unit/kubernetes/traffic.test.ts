import { describe, expect, test } from '@jest/globals';
import type { KubernetesObject } from '../../../packages/kubernetes/src/manifests/index.ts';
import type { TrafficPod } from '../../../packages/kubernetes/src/traffic/deferred-traffic.ts';
import { trafficChanges } from '../../../packages/kubernetes/src/traffic/traffic-changes.ts';
import { deferred, deployment, ingress, pods, service } from './traffic-objects.ts';

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

describe('a Service with other ports', () => {
  const http = { port: 80, targetPort: 8080 };
  const to = (...ports: object[]) => service('web', front, ports);
  const waiting = (next: KubernetesObject, live: KubernetesObject, running = pods(2, front)) =>
    deferred([next], [live], running, [web]);

  test.each([
    ['to another port of the pods', to({ port: 80, targetPort: 9090 }), true],
    ['to a port by its name', to({ port: 80, targetPort: 'http' }), true],
    ['to a port that it had', to({ port: 8080 }), true],
    ['to one port more', to(http, { port: 81, targetPort: 8081 }), false],
    ['where the server adds defaults', to({ ...http, protocol: 'TCP', nodePort: 30_080 }), false],
  ])('%s', (_, next, waits) => {
    expect(waiting(next, to(http))).toEqual(waits ? ['Service/web: Deployment/web'] : []);
  });

  test('waits until most of the ready pods are those of the release', () => {
    const next = to({ port: 80, targetPort: 9090 });
    const mixed = (own: number) => [...pods(2, front), ...pods(own, front, true, 'r2')];
    expect(waiting(next, to(http), mixed(1))).toHaveLength(1);
    expect(waiting(next, to(http), mixed(2))).toEqual([]);
    expect(waiting(next, to(http), pods(2, front, false))).toEqual([]);
  });

  test('of a workload that carries no release waits for it', () => {
    const { spec, ...cache } = deployment('cache', front);
    const shared = { ...cache, spec: { template: { metadata: { labels: front } } } };
    const running = [{ labels: front, ready: true, release: null }];
    expect(deferred([to({ port: 80, targetPort: 9090 })], [to(http)], running, [shared])).toEqual([
      'Service/web: Deployment/cache',
    ]);
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

  describe('under other conditions', () => {
    const rule = (match: object, name: string) => ({
      matches: [match],
      backendRefs: [{ name, port: 80 }],
    });
    const canary = (...rules: object[]): KubernetesObject => ({ ...split(1, 0), spec: { rules } });
    const header = { headers: [{ name: 'x-canary', value: '1' }] };
    const all = rule({}, 'web');
    const running = [...pods(2, old), ...pods(1, front)];
    const waiting = (next: KubernetesObject, live: KubernetesObject) =>
      deferred([...services, next], [...services, live], running, [web]);

    test.each([
      ['that takes the requests of all', rule({}, 'front'), rule(header, 'front')],
      ['that takes those with a header alone', rule(header, 'front'), rule({}, 'front')],
      ['that takes other ones', rule({ path: { value: '/a' } }, 'front'), rule(header, 'front')],
    ])('%s waits for the new pods', (_, next, now) => {
      expect(waiting(canary(next, all), canary(now, all))).toEqual(['HTTPRoute/web: Deployment/web']);
    });

    test('that loses a way waits for the pods of the others', () => {
      const shorter = canary(rule({}, 'front'));
      expect(waiting(shorter, canary(rule({}, 'front'), rule(header, 'front')))).toEqual([
        'HTTPRoute/web: Deployment/web',
      ]);
    });

    test.each([
      ['a host', { hostnames: ['shop.example.com'] }],
      ['a listener', { parentRefs: [{ name: 'edge', sectionName: 'https' }] }],
    ])('for %s waits for the new pods', (_, more) => {
      const rules = [rule({}, 'front')];
      const [wide, narrow] = [canary(...rules), { ...split(1, 0), spec: { rules, ...more } }];
      expect(waiting(wide, narrow)).toHaveLength(1);
      expect(waiting(narrow, wide)).toHaveLength(1);
    });

    describe('to several services', () => {
      const api = deployment('api', { app: 'api' });
      const apiPods = (release: string) => pods(2, { app: 'api' }, true, release);
      const objects = [...services, service('api', { app: 'api' })];
      const hosts = (host: string, ...backends: string[]): KubernetesObject => {
        const paths = backends.map((name) => ({ path: `/${name}`, backend: { service: { name } } }));
        return { ...ingress(), spec: { rules: [{ host, http: { paths } }] } };
      };
      const waits = (backends: string[], running: TrafficPod[], now = backends) =>
        deferred(
          [...objects, hosts('shop.example.com', ...backends)],
          [...objects, hosts('shpo.example.com', ...now)],
          running,
          [web, api],
          [],
          ['Deployment/api'],
        );

      test('waits for the service that is rolled out now, and not for one that follows', () => {
        expect(waits(['front', 'api'], [...pods(2, front), ...apiPods('r1')])).toEqual([
          'Ingress/web: Deployment/web',
        ]);
        expect(waits(['front', 'api'], [...pods(2, front, true, 'r2'), ...apiPods('r1')])).toEqual([]);
      });

      test('waits for one that follows when it leads to no other, or to that one for the first time', () => {
        expect(waits(['api'], apiPods('r1'))).toEqual(['Ingress/web: Deployment/api']);
        expect(waits(['front', 'api'], pods(2, front), ['front'])).toEqual([
          'Ingress/web: Deployment/web, Deployment/api',
        ]);
      });
    });

    test('that differs by defaults of the server alone waits for nothing', () => {
      const filled = {
        parentRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'edge' }],
        rules: [
          {
            matches: [
              {
                path: { type: 'PathPrefix', value: '/' },
                headers: [{ type: 'Exact', name: 'x', value: '1' }],
              },
            ],
            backendRefs: [{ group: '', kind: 'Service', name: 'front', port: 80, weight: 1 }],
          },
          {
            matches: [{ path: { type: 'PathPrefix', value: '/' } }],
            backendRefs: [{ group: '', kind: 'Service', name: 'front', port: 80, weight: 1 }],
          },
        ],
      };
      const written = {
        parentRefs: [{ name: 'edge' }],
        rules: [
          {
            matches: [{ headers: [{ name: 'x', value: '1' }] }],
            backendRefs: [{ name: 'front', port: 80 }],
          },
          { backendRefs: [{ name: 'front', port: 80 }] },
        ],
      };
      const route = (spec: object) => ({ ...split(1, 0), spec });
      expect(waiting(route(written), route(filled))).toEqual([]);
    });

    test('is compared as the server would have it, with the fields of others', () => {
      const live = canary({ ...rule({}, 'front'), timeouts: { request: '5s' } });
      const next = canary(rule({}, 'front'));
      const changes = (applied: KubernetesObject[]) =>
        trafficChanges([...services, next], { live: [...services, live], next: applied });
      expect(changes([])).toHaveLength(1);
      expect(changes([live])).toEqual([]);
    });
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
    ['VirtualService', { tls: [{ match: [{ port: 443 }], route: [{ destination: { host: 'front' } }] }] }],
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
