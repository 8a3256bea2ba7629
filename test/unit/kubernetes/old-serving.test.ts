import { describe, expect, test } from '@jest/globals';
import { OutsideText, Redactor } from '../../../packages/kernel/src/index.ts';
import { Kubectl } from '../../../packages/kubernetes/src/cluster/kubectl.ts';
import type { KubernetesObject } from '../../../packages/kubernetes/src/manifests/index.ts';
import { readEndpoints } from '../../../packages/kubernetes/src/traffic/endpoints.ts';
import {
  type LiveTraffic,
  type OldServing,
  type OldTraffic,
  oldServing,
  type ServingWorkload,
} from '../../../packages/kubernetes/src/traffic/old-serving.ts';
import { routesAsApplied } from '../../../packages/kubernetes/src/traffic/saved-routes.ts';
import { exited } from '../../support/command-result.ts';
import { scriptedTarget } from './scripted-target.ts';

const labels = { app: 'web' };
const workload = (name: string, ...pods: string[]): ServingWorkload => ({
  name,
  labels: [{ app: name }],
  pods: pods.map((uid) => ({ uid, name: `pod-${uid}` })),
});
const ports = new Map([['80/TCP', '8080']]);
const service = (name: string, selector: Record<string, string> | null, ...pods: string[]) => ({
  name,
  selector,
  ports,
  pods: new Set(pods),
});

/** What is said of these workloads, by what the old version had and what there is now. */
function said(
  workloads: readonly ServingWorkload[],
  live: Partial<LiveTraffic>,
  saved: Partial<OldTraffic> = {},
): OldServing {
  const before = { services: [], routes: [], ...saved };
  return oldServing(workloads, before, { endpoints: [], routes: [], ...live });
}

describe('the old version', () => {
  test('serves with the pods that the Service has as ready endpoints', () => {
    expect(
      said([workload('web', 'a', 'b')], { endpoints: [service('web', labels, 'a', 'b', 'new')] }),
    ).toEqual({
      ready: 2,
      serving: 2,
      seen: 'ready endpoints of Service web',
    });
  });

  test('does not serve with ready pods that its Service does not select any more', () => {
    const now = service('web', { app: 'web', tier: 'front' });
    const services = [{ name: 'web', selector: labels, ports }];
    expect(said([workload('web', 'a', 'b')], { endpoints: [now] }, { services })).toMatchObject({
      serving: 0,
      seen: 'ready endpoints of Service web',
    });
  });

  test('does not serve when its Service sends requests to another port', () => {
    const services = [{ name: 'web', selector: labels, ports: new Map([['80/TCP', 'http']]) }];
    expect(
      said([workload('web', 'a')], { endpoints: [service('web', labels, 'a')] }, { services }),
    ).toMatchObject({
      serving: 0,
      seen: 'ready endpoints of Service web; Service/web leads elsewhere',
    });
  });

  test('does not serve without its Service', () => {
    const services = [{ name: 'web', selector: labels, ports }];
    expect(said([workload('web', 'a')], { endpoints: [] }, { services }).serving).toBe(0);
  });

  test('serves with what all of its Services lead to', () => {
    const endpoints = [service('web', labels, 'a'), service('internal', labels, 'a', 'b')];
    expect(said([workload('web', 'a', 'b')], { endpoints })).toMatchObject({
      serving: 1,
      seen: 'ready endpoints of Services internal, web',
    });
  });

  test('is counted in pods where no Service leads to it', () => {
    const endpoints = [service('web', labels, 'b')];
    expect(said([workload('worker', 'a')], { endpoints })).toMatchObject({
      serving: 1,
      seen: 'pods ready; no Service leads to them',
    });
    const both = [workload('web', 'b'), workload('worker', 'a')];
    expect(said(both, { endpoints })).toMatchObject({
      serving: 2,
      seen: 'ready endpoints of Service web, or pods of worker, to which no Service leads',
    });
  });

  describe('with a route', () => {
    const route = (name: string, weight = 1): KubernetesObject => ({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'shop' },
      spec: { rules: [{ backendRefs: [{ name, port: 80, weight }] }] },
    });
    const only = (match: object): KubernetesObject => {
      const backendRefs = [{ name: 'web', port: 80, weight: 1 }];
      return { ...route('web'), spec: { rules: [{ matches: [match], backendRefs }] } };
    };
    const endpoints = [service('web', labels, 'a'), service('front', { app: 'front' })];
    const saved = { services: [{ name: 'web', selector: labels, ports }], routes: [route('web')] };

    test('serves as long as that leads to its Service', () => {
      expect(said([workload('web', 'a')], { endpoints, routes: [route('web')] }, saved).serving).toBe(1);
    });

    test.each([
      ['leads elsewhere', [route('front')]],
      ['sends it nothing', [route('web', 0)]],
      ['sends it only what has a header', [only({ headers: [{ name: 'x-canary', value: '1' }] })]],
      ['is gone', []],
    ])('does not serve when that %s', (_, routes) => {
      expect(said([workload('web', 'a')], { endpoints, routes }, saved)).toMatchObject({
        serving: 0,
        seen: 'ready endpoints of Service web; HTTPRoute/shop leads elsewhere',
      });
    });

    test('is unknown when the login may not read it', () => {
      expect(said([workload('web', 'a')], { endpoints, routes: null }, saved)).toEqual({
        ready: 1,
        serving: null,
        why: 'this login may not read the routes to Services',
      });
    });
  });

  test('is unknown when the login may not list the endpoints', () => {
    expect(said([workload('web', 'a')], { endpoints: null })).toEqual({
      ready: 1,
      serving: null,
      why: 'this login may not list the endpoints of Services',
    });
  });
});

describe('the endpoints of a cluster', () => {
  const pod = (uid: string) => ({ kind: 'Pod', name: `pod-${uid}`, uid });
  const list = (...items: object[]) => JSON.stringify({ kind: 'List', items });
  const services = list({
    metadata: { name: 'web' },
    spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
  });
  const forbidden = 'Error from server (Forbidden): cannot list resource';

  /** A cluster that answers by the resource: what it prints, or why it refuses. */
  function clusterOf(answers: Record<string, { stdout: string } | { stderr: string }>): Kubectl {
    const redactor = new Redactor();
    const text = (words: string) => OutsideText.of(words, redactor);
    return new Kubectl(
      async ({ argv }) => {
        const answer = answers[argv[argv.indexOf('get') + 1] ?? ''] ?? { stderr: forbidden };
        if ('stderr' in answer) return exited(1, answer);
        return { ok: true, state: 'exited', code: 0, ms: 1, stdout: text(answer.stdout), stderr: text('') };
      },
      { kubectl: ['kubectl'] },
      { namespace: 'shop' },
    );
  }

  test('are the ready addresses of the slices', async () => {
    const slice = {
      metadata: { labels: { 'kubernetes.io/service-name': 'web' } },
      endpoints: [
        { conditions: { ready: true }, targetRef: pod('a') },
        { conditions: {}, targetRef: pod('b') },
        { conditions: { ready: false }, targetRef: pod('c') },
        { conditions: { ready: true } },
      ],
    };
    const kubectl = clusterOf({
      services: { stdout: services },
      'endpointslices.discovery.k8s.io': { stdout: list(slice) },
    });
    expect(await readEndpoints(kubectl)).toEqual([service('web', labels, 'a', 'b')]);
  });

  test.each([forbidden, `error: the server doesn't have a resource type "endpointslices"`])(
    'are those of the Endpoints where there are no slices: %s',
    async (stderr) => {
      const subsets = [
        { addresses: [{ targetRef: pod('a') }], notReadyAddresses: [{ targetRef: pod('b') }] },
      ];
      const kubectl = clusterOf({
        services: { stdout: services },
        'endpointslices.discovery.k8s.io': { stderr },
        endpoints: { stdout: list({ metadata: { name: 'web' }, subsets }) },
      });
      expect(await readEndpoints(kubectl)).toEqual([service('web', labels, 'a')]);
    },
  );

  test('are unknown to a login that may not list them', async () => {
    expect(await readEndpoints(clusterOf({ services: { stdout: services } }))).toBeNull();
    expect(await readEndpoints(clusterOf({}))).toBeNull();
  });
});

test('routes are those that are saved where the cluster cannot say what it would make of them', async () => {
  const route = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'web' }, spec: {} };
  const refuse = { '--dry-run=server': 'error: webhook "ingress.example.com" does not support dry run' };
  const target = scriptedTarget({ objects: [], rest: [], refuse }, []);
  expect(await routesAsApplied(target, [route])).toEqual([route]);
});
