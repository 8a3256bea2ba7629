import { expect, test } from '@jest/globals';
import type { KubernetesObject } from '../../../packages/kubernetes/src/manifests/index.ts';
import { observeService } from '../../../packages/kubernetes/src/observe/observe-service.ts';
import { type ScriptedCluster, scriptedTarget } from './scripted-target.ts';

/* What a service runs, by what the cluster answers. */

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
