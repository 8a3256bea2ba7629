import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Cancelled } from '@slipway/kernel';
import { Kubectl } from '../../../packages/kubernetes/src/cluster/kubectl.ts';
import type { KubernetesObject } from '../../../packages/kubernetes/src/manifests/index.ts';
import { findRunningWorkloads } from '../../../packages/kubernetes/src/render/service-workloads.ts';
import type { KubernetesTarget } from '../../../packages/kubernetes/src/target.ts';
import { scriptedTarget } from './scripted-target.ts';

/* A rollback looks at what runs, whatever kustomize makes of the checkout. */

let workspace = '';
beforeEach(() => {
  workspace = mkdtempSync(path.join(tmpdir(), 'manifests-'));
  writeFileSync(path.join(workspace, 'kustomization.yaml'), 'resources: []\n');
});
afterEach(() => rmSync(workspace, { recursive: true }));

function checkout(why: string): KubernetesTarget {
  const containers = [{ name: 'web', image: 'r.example.com/web:1' }];
  const spec = { template: { metadata: {}, spec: { containers } } };
  const web: KubernetesObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec,
  };
  const target = scriptedTarget({ objects: [], rest: [web], refuse: { ' kustomize ': why } }, []);
  const config = { ...target.config, manifests: ['.'] };
  return {
    ...target,
    config,
    services: { web: { image: 'r.example.com/web', 'start-timeout': 1, 'drain-timeout': 1 } },
    workspace,
  };
}

test.each([
  'error: accumulating resources: accumulation err: missing.yaml: no such entry',
  'error: git fetch: dial tcp: i/o timeout',
])('what runs is found by its image: %s', async (why) => {
  const found = await findRunningWorkloads(checkout(why));
  expect(found.get('web')).toEqual([{ workload: { kind: 'Deployment', name: 'web' }, containers: ['web'] }]);
});

test('a cancelled run looks for nothing more', async () => {
  const exec = () => Promise.reject(new Cancelled('kustomize'));
  const kubectl = new Kubectl(exec, { kubectl: ['kubectl'] }, { namespace: 'shop' });
  await expect(findRunningWorkloads({ ...checkout(''), kubectl })).rejects.toThrow(Cancelled);
});
