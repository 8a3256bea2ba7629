import { expect, test } from '@jest/globals';
import { parseImage } from '@slipway/kernel';
import type { KubernetesObject } from '../../../packages/kubernetes/src/manifests/index.ts';
import { rollService } from '../../../packages/kubernetes/src/rollout/roll-service.ts';
import type { ServiceRollout } from '../../../packages/kubernetes/src/rollout/workload-rollout.ts';
import { scriptedTarget } from './scripted-target.ts';

/* A rollback of several services, next to a workload of no service that is not ready and that it does not change. */

const image = parseImage(`r.example.com/web@sha256:${'1'.repeat(64)}`);

function deployment(name: string, replicas: number, release?: string): KubernetesObject {
  const containers = [{ name, image: 'r.example.com/web' }];
  const annotations = release === undefined ? {} : { 'slipway.dev/release': release };
  const template = { metadata: { labels: { app: name }, annotations }, spec: { containers } };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec: { replicas, template } };
}

function live(one: KubernetesObject): KubernetesObject {
  const { name } = one.metadata;
  const metadata = { name, namespace: 'shop', uid: name, generation: 1 };
  return { ...one, metadata, status: { observedGeneration: 1 } };
}

const cache = deployment('cache', 1);
// What comes back without pods is not waited for.
const [web, api] = [deployment('web', 0, 'r1'), deployment('api', 0, 'r1')];

test.each([
  ['follows', ['api'], { ok: true }],
  ['follows that is only removed', ['worker'], { ok: false, reason: expect.stringContaining('cache') }],
  ['is left', [], { ok: false, reason: expect.stringContaining('cache') }],
])('when another service %s', async (_, later, expected) => {
  const target = scriptedTarget({ objects: [], rest: [cache, web, api].map(live) }, []);
  const service: ServiceRollout = {
    desired: { name: 'web', image, release: 'r1' },
    purpose: 'restore',
    assertHeld: async () => undefined,
    objects: { shared: [cache], services: { web: [web], api: [api] } },
    previous: null,
    others: [],
    later,
    previousObjects: async () => null,
  };
  expect(await rollService(target, service, async () => ({ ok: true }))).toMatchObject(expected);
});
