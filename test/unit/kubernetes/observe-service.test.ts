import { expect, test } from '@jest/globals';
import { formatImage } from '@slipway/kernel';
import type { KubernetesObject } from '../../../packages/kubernetes/src/manifests/index.ts';
import { observeService } from '../../../packages/kubernetes/src/observe/observe-service.ts';
import { type ScriptedCluster, scriptedTarget } from './scripted-target.ts';

/* What a service runs, by what the cluster answers. */

const digest = `sha256:${'1'.repeat(64)}`;

function deployment(replicas: number, image = 'r.example.com/web:1'): KubernetesObject {
  const spec = { replicas, template: { spec: { containers: [{ name: 'web', image }] } } };
  const metadata = { name: 'web', namespace: 'shop', uid: 'w', generation: 1 };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec, status: { observedGeneration: 1 } };
}

async function observe(cluster: Omit<ScriptedCluster, 'objects'>) {
  const workload = { kind: 'Deployment', name: 'web' };
  const target = scriptedTarget({ objects: [], ...cluster }, []);
  return observeService(target, 'web', [{ workload, containers: ['web'] }]);
}

test.each<[string, Omit<ScriptedCluster, 'objects'>, boolean]>([
  ['wants pods and has none', { rest: [deployment(2)] }, true],
  ['was scaled to zero by hand', { rest: [deployment(0)] }, true],
  [
    'was scaled to zero by hand, since its autoscaler keeps one pod',
    { rest: [deployment(0)], autoscalers: [{ name: 'web', minReplicas: 1 }] },
    true,
  ],
  [
    'has an autoscaler that may choose zero',
    { rest: [deployment(0)], autoscalers: [{ name: 'web', minReplicas: 0 }] },
    false,
  ],
  [
    'has the autoscaler of KEDA, which chooses zero itself',
    { rest: [deployment(0)], autoscalers: [{ name: 'web', minReplicas: 1, owner: 'ScaledObject' }] },
    false,
  ],
  [
    'has no autoscaler, but another one has',
    { rest: [deployment(0)], autoscalers: [{ name: 'other', minReplicas: 0 }] },
    true,
  ],
  ['does not exist', { rest: [] }, false],
])('a workload that %s', async (_, cluster, lacksPods) => {
  expect((await observe(cluster)).withoutReplicas).toEqual(lacksPods ? ['Deployment/web'] : []);
});

/** What a Deployment creates, by the names of the images: a registry mirror rewrites those of pods only. */
function created(declared: string, pod: string): KubernetesObject[] {
  const set = { ...deployment(1, declared), kind: 'ReplicaSet' };
  const owned = (kind: string, name: string, uid: string) => [{ apiVersion: 'apps/v1', kind, name, uid }];
  const metadata = { namespace: 'shop', labels: { app: 'web' } };
  const imageID = `${pod.replace(/:1$/, '')}@${digest}`;
  return [
    {
      ...set,
      metadata: { ...metadata, name: 'web-1', uid: 's', ownerReferences: owned('Deployment', 'web', 'w') },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...metadata,
        name: 'web-1-a',
        uid: 'p',
        ownerReferences: owned('ReplicaSet', 'web-1', 's'),
      },
      spec: { containers: [{ name: 'web', image: pod }] },
      status: { phase: 'Running', containerStatuses: [{ name: 'web', imageID, ready: true }] },
    },
  ];
}

test.each([
  ['as the Deployment declares it', 'r.example.com/web:1'],
  ['although a webhook lets the pods pull it from a mirror', 'mirror.example.com/r/web:1'],
])('a replica runs the digest of its pod in the declared repository, %s', async (_, pod) => {
  const declared = 'r.example.com/web:1';
  const { replicas } = await observe({ rest: [deployment(1, declared), ...created(declared, pod)] });
  expect(replicas.map(({ image }) => formatImage(image))).toEqual([`r.example.com/web@${digest}`]);
});

test('a replica of an earlier template runs what that one declared', async () => {
  const rest = [
    deployment(1, 'new.example.com/web:2'),
    ...created('r.example.com/web:1', 'mirror.example.com/web:1'),
  ];
  const { replicas } = await observe({ rest });
  expect(replicas.map(({ image }) => formatImage(image))).toEqual([`r.example.com/web@${digest}`]);
});
