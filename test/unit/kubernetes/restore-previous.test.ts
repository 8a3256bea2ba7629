import { expect, test } from '@jest/globals';
import { parseImage } from '@slipway/kernel';
import type { KubernetesObject } from '../../../packages/kubernetes/src/manifests/index.ts';
import type { ReleaseObjects } from '../../../packages/kubernetes/src/render/release-objects.ts';
import { restorePrevious } from '../../../packages/kubernetes/src/rollout/restore-previous.ts';
import type { WorkloadRollout } from '../../../packages/kubernetes/src/rollout/workload-rollout.ts';
import { Traffic } from '../../../packages/kubernetes/src/traffic/traffic.ts';
import { type ScriptedCluster, scriptedTarget } from './scripted-target.ts';

/* What a failed rollout puts back, and what it says of the rest. The autoscalers want no pods, so that all of r1 are ready. */

const image = parseImage(`r.example.com/web@sha256:${'1'.repeat(64)}`);
const before = { image, release: 'r1' };

function service(name: string): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector: { app: name } } };
}

function ingress(...services: string[]): KubernetesObject {
  const paths = services.map((name) => ({ path: '/', backend: { service: { name } } }));
  const spec = { rules: [{ http: { paths } }] };
  return { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'shop' }, spec };
}

function deployment(name: string, release: string): KubernetesObject {
  const containers = [{ name, image: `r.example.com/web@sha256:${'1'.repeat(64)}` }];
  const metadata = { labels: { app: name }, annotations: { 'slipway.dev/release': release } };
  const spec = { template: { metadata, spec: { containers } } };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec };
}

/** The same as a cluster that scaled it to zero has it. */
function live(name: string, release: string): KubernetesObject {
  const { spec, ...one } = deployment(name, release);
  const metadata = { name, namespace: 'shop', uid: name, generation: 1 };
  return { ...one, metadata, spec: { ...Object(spec), replicas: 0 }, status: { observedGeneration: 1 } };
}

const readyPod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'front-1', namespace: 'shop', uid: 'p', labels: { app: 'front' } },
  status: { conditions: [{ type: 'Ready', status: 'True' }] },
};

const toZero = (name: string) => ({ name, minReplicas: 0 });
const services = ['web', 'api', 'front'].map(service);
const previous: ReleaseObjects = {
  shared: [...services, ingress('web', 'api')],
  services: { web: [deployment('web', 'r1')], api: [deployment('api', 'r1')] },
};
const assertHeld = async (): Promise<void> => undefined;

/** Requests go to `front` of the release that failed; `api` has this release. */
function cluster(api: string, refuse: Record<string, string> = {}): ScriptedCluster {
  const objects = [...services, ingress('front')];
  const rest = [live('web', 'r1'), live('api', api), readyPod];
  return { objects, rest, autoscalers: ['web', 'api'].map(toZero), refuse };
}

/** A failed rollout of r2, which adds a Deployment. */
async function restore(
  scripted: ScriptedCluster,
  saved: ReleaseObjects | null = previous,
): Promise<{ left: string[]; calls: string[] }> {
  const calls: string[] = [];
  const target = scriptedTarget(scripted, calls);
  const traffic = await Traffic.open(target, {
    objects: { shared: [], services: {} },
    later: [],
    isRestore: false,
    force: false,
    assertHeld,
  });
  const rollout: WorkloadRollout = {
    target,
    traffic,
    workload: deployment('web-green', 'r2'),
    release: 'r2',
    service: {
      desired: { name: 'web', image, release: 'r2' },
      purpose: 'deploy',
      assertHeld,
      objects: { shared: [], services: {} },
      previous: before,
      others: [],
      later: [],
      previousObjects: async () => saved,
    },
    baseline: {
      snapshot: { at: '', workload: null, sets: [], pods: [], events: [] },
      release: null,
      serving: 0,
      old: 0,
      template: null,
    },
  };
  return { left: await restorePrevious([rollout]), calls: calls.map((line) => line.replace(/^\S+ /, '')) };
}

const removed = 'delete deployment web-green --ignore-not-found --timeout=25s';

test('a route to several services goes back when the others serve the previous release', async () => {
  const { left, calls } = await restore(cluster('r1'));
  expect(left).toEqual([]);
  expect(calls.filter((line) => line.startsWith('apply'))).toHaveLength(2);
  expect(calls.at(-1)).toBe(removed);
});

test.each([
  'Error from server (InternalError): failed calling webhook "ingress.example.com"',
  'Error from server (BadRequest): admission webhook "ingress.example.com" does not support dry run',
])('a dry run that the cluster cannot do keeps nothing from going back: %s', async (why) => {
  const { left, calls } = await restore(cluster('r1', { '--dry-run=server': why }));
  expect(left).toEqual([]);
  expect(calls.filter((line) => line.startsWith('apply'))).toHaveLength(2);
});

test('a dry run that the cluster cannot do makes no Service wait that stays as it is', async () => {
  const lines: string[] = [];
  const refuse = { '--dry-run=server': 'error: webhook "ingress.example.com" does not support dry run' };
  const target = scriptedTarget(cluster('r1', refuse), []);
  const log = { ...target.log, info: (line: string) => lines.push(line) };
  await Traffic.open(
    { ...target, log },
    { objects: previous, later: [], isRestore: true, force: true, assertHeld },
  );
  expect(lines).toEqual(['Ingress/shop is applied when Deployment/web, Deployment/api is ready']);
});

test('a route to a service that was not put back is named with the reason, and keeps the new workload', async () => {
  const { left, calls } = await restore(cluster('r2'));
  expect(left).toEqual([
    'Ingress/shop still leads to the release that failed, since Deployment/api of another service does not serve the previous release',
  ]);
  expect(calls).not.toContain(removed);
});

test('what somebody scaled to zero by hand receives no requests', async () => {
  const { left, calls } = await restore({ ...cluster('r1'), autoscalers: [toZero('api')] });
  expect(left).toEqual([
    'Ingress/shop still leads to the release that failed, since Deployment/web is not ready',
  ]);
  expect(calls).not.toContain(removed);
});

test('says that nothing is saved of what it goes back to', async () => {
  const { left, calls } = await restore(cluster('r1'), null);
  expect(left).toEqual(['web was not put back: nothing is saved of release r1']);
  expect(calls).toEqual([]);
});

test.each([
  [
    'the apply',
    { '--output=json --force': 'error: no answer' },
    /^web was put back in part, or not at all: /,
  ],
  [
    'the removal of what is new',
    { delete: 'Error from server (Forbidden): it is forbidden' },
    /^web was put back, but the new Deployment web-green was not removed: /,
  ],
])('says what is back when %s fails', async (_, refuse, sentence) => {
  const { left } = await restore(cluster('r1', refuse));
  expect(left).toEqual([expect.stringMatching(sentence)]);
});
