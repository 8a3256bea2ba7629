import { expect, test } from '@jest/globals';
import { parseImage } from '@slipway/kernel';
import type { KubernetesObject } from '../../../packages/kubernetes/src/manifests/index.ts';
import { applyWorkload } from '../../../packages/kubernetes/src/rollout/apply-workload.ts';
import { withReplicas } from '../../../packages/kubernetes/src/rollout/replicas.ts';
import { rollShared } from '../../../packages/kubernetes/src/rollout/roll-shared.ts';
import { rollWorkload } from '../../../packages/kubernetes/src/rollout/roll-workload.ts';
import { readBaselines } from '../../../packages/kubernetes/src/rollout/workload-baseline.ts';
import type {
  ServiceRollout,
  WorkloadRollout,
} from '../../../packages/kubernetes/src/rollout/workload-rollout.ts';
import type { KubernetesTarget } from '../../../packages/kubernetes/src/target.ts';
import { Traffic } from '../../../packages/kubernetes/src/traffic/traffic.ts';
import { type ScriptedAutoscaler, type ScriptedCluster, scriptedTarget } from './scripted-target.ts';

/* With how many replicas a workload is applied, and what happens while somebody else changes their number. */

const image = parseImage(`r.example.com/web@sha256:${'1'.repeat(64)}`);

function web(replicas?: number): KubernetesObject {
  const containers = [{ name: 'web', image: `r.example.com/web@sha256:${'1'.repeat(64)}` }];
  const template = { metadata: { annotations: { 'slipway.dev/release': 'r1' } }, spec: { containers } };
  const spec = { ...(replicas === undefined ? {} : { replicas }), template };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec };
}

/** The same as the cluster has it. */
function live(replicas: number, ready = replicas): KubernetesObject[] {
  const metadata = { name: 'web', namespace: 'shop', uid: 'w', generation: 1 };
  const pods = Array.from({ length: ready }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `web-${index}`,
      namespace: 'shop',
      uid: `p${index}`,
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'w' }],
    },
    spec: { containers: [{ name: 'web' }] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  }));
  return [{ ...web(replicas), metadata, status: { observedGeneration: 1 } }, ...pods];
}

function serviceOf(purpose: ServiceRollout['purpose'], shared: KubernetesObject[] = []): ServiceRollout {
  return {
    desired: { name: 'web', image, release: 'r1' },
    purpose,
    assertHeld: async () => undefined,
    objects: { shared, services: {} },
    previous: null,
    others: [],
    later: [],
    previousObjects: async () => null,
  };
}

/** The rollout of a workload, and the numbers of replicas that are applied. */
async function open(
  cluster: Omit<ScriptedCluster, 'objects'>,
  workload: KubernetesObject,
  service: ServiceRollout,
): Promise<{ target: KubernetesTarget; traffic: Traffic; rollout: WorkloadRollout; applied: unknown[] }> {
  const applied: unknown[] = [];
  const refuseApply = (objects: readonly KubernetesObject[]) => {
    applied.push(Object(objects[0]?.spec).replicas);
    return cluster.refuseApply?.(objects);
  };
  const target = scriptedTarget({ objects: [], ...cluster, refuseApply }, []);
  const traffic = await Traffic.open(target, {
    objects: service.objects,
    later: [],
    isRestore: service.purpose === 'restore',
    force: false,
    assertHeld: service.assertHeld,
  });
  const [rollout] = await readBaselines(target, { service, traffic }, [workload], 'r1');
  if (!rollout) throw new Error('there is no rollout');
  applied.length = 0;
  return { target, traffic, rollout, applied };
}

const hpa: ScriptedAutoscaler = { name: 'web', minReplicas: 2 };
const keda: ScriptedAutoscaler = { name: 'web', minReplicas: 1, owner: 'ScaledObject' };

test.each<[string, number | undefined, Omit<ScriptedCluster, 'objects'>, number | undefined]>([
  ['its own number', 3, { rest: live(1) }, 3],
  ['its own number when nothing is there', 3, { rest: [] }, 3],
  ['as many as an autoscaler has chosen since', 2, { rest: live(12, 5), autoscalers: [hpa] }, 12],
  ['as many as somebody has scaled it to and serve', 2, { rest: live(12) }, 12],
  ['no more than serve, where a release wanted too many', 2, { rest: live(200, 8) }, 8],
  ['its own number, where none of the many serves', 2, { rest: live(200, 0) }, 2],
  ['none, where it had none', 0, { rest: live(2) }, 0],
  [
    'as many as there are, where it had none and an autoscaler has some now',
    0,
    { rest: live(5), autoscalers: [keda] },
    5,
  ],
  ['what runs, where others choose', undefined, { rest: live(7) }, 7],
  [
    'one, where others choose and somebody has scaled it to zero',
    undefined,
    { rest: live(0), autoscalers: [hpa] },
    1,
  ],
  ['none, where an autoscaler may choose that', undefined, { rest: live(0), autoscalers: [keda] }, 0],
])('a restored workload gets %s', async (_, saved, cluster, expected) => {
  const { rollout, applied } = await open(cluster, web(saved), serviceOf('restore'));
  await applyWorkload(rollout).catch(() => undefined);
  expect(applied).toEqual([expected]);
});

test('what a failed release scaled up goes back to what ran before it', async () => {
  const target = scriptedTarget({ objects: [], rest: live(20) }, []);
  expect(await withReplicas(target, web(2), 'restore', 3)).toMatchObject({ spec: { replicas: 3 } });
});

/** An autoscaler that acts once, just before the first apply. */
function racing(from: number, to: number): Omit<ScriptedCluster, 'objects'> {
  const rest = live(from);
  const refuseApply = (objects: readonly KubernetesObject[]) => {
    rest.splice(0, rest.length, ...live(to));
    if (objects.every(({ spec }) => Object(spec).replicas === to)) return undefined;
    return 'error: Apply failed with 1 conflict: conflict with "kube-controller-manager" with subresource "scale" using apps/v1: .spec.replicas\nPlease review the fields above';
  };
  return { rest, autoscalers: [hpa], refuseApply };
}

test('a number that an autoscaler changes before the apply is read again', async () => {
  const { rollout, applied } = await open(racing(3, 4), web(), serviceOf('deploy'));
  expect(await applyWorkload(rollout)).toMatchObject({ ok: true });
  expect(applied.at(-1)).toBe(4);
});

test('the same for a workload of no service', async () => {
  const service = serviceOf('deploy', [web()]);
  const { target, traffic, applied } = await open(racing(3, 4), web(), service);
  await rollShared(target, service, traffic);
  expect(applied.at(-1)).toBe(4);
});

test('a number that the manifest sets and that belongs to somebody else is refused', async () => {
  const { rollout } = await open(racing(3, 4), web(2), serviceOf('deploy'));
  expect(await applyWorkload(rollout)).toMatchObject({
    ok: false,
    failure: { reason: expect.stringContaining('spec.replicas belongs to "kube-controller-manager"') },
  });
});

test.each([
  ['that chooses zero after the apply leaves nothing to watch', [keda], { ok: true, replicas: [] }],
  ['that keeps one pod did not choose zero', [hpa], { ok: false }],
])('an autoscaler %s', async (_, autoscalers, expected) => {
  const rest = live(1);
  const refuseApply = () => {
    rest.splice(0, rest.length, ...live(0));
    return undefined;
  };
  const { rollout } = await open({ rest, autoscalers, refuseApply }, web(), serviceOf('deploy'));
  const result = await rollWorkload(rollout, undefined);
  expect(result).toMatchObject(expected);
});
