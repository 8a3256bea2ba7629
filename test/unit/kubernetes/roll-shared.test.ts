import { expect, test } from '@jest/globals';
import { parseImage } from '@slipway/kernel';
import type { KubernetesObject } from '../../../packages/kubernetes/src/manifests/index.ts';
import { rollShared } from '../../../packages/kubernetes/src/rollout/roll-shared.ts';
import type { ServiceRollout } from '../../../packages/kubernetes/src/rollout/workload-rollout.ts';
import { Traffic } from '../../../packages/kubernetes/src/traffic/traffic.ts';
import { scriptedTarget } from './scripted-target.ts';

/* A workload of no service that is not ready, and that the release does not change. */

const image = parseImage(`r.example.com/web@sha256:${'1'.repeat(64)}`);
const assertHeld = async (): Promise<void> => undefined;

function cache(command: string): KubernetesObject {
  const containers = [{ name: 'cache', image: 'r.example.com/cache', command: [command] }];
  const spec = { replicas: 1, template: { metadata: { labels: { app: 'cache' } }, spec: { containers } } };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'cache' }, spec };
}

/** Whether a rollout continues, by what the service and the others go back to, and what is saved of these releases. */
async function continues(
  { previous, others }: Pick<ServiceRollout, 'previous' | 'others'>,
  saved: Record<string, KubernetesObject>,
): Promise<boolean> {
  const wanted = cache('serve');
  const metadata = { name: 'cache', namespace: 'shop', uid: 'c', generation: 1 };
  const live = { ...wanted, metadata, status: { observedGeneration: 1 } };
  const target = scriptedTarget({ objects: [], rest: [live] }, []);
  const objects = { shared: [wanted], services: {} };
  const traffic = await Traffic.open(target, {
    objects,
    later: [],
    isRestore: false,
    force: false,
    assertHeld,
  });
  const service: ServiceRollout = {
    desired: { name: 'web', image, release: 'r9' },
    purpose: 'deploy',
    assertHeld,
    objects,
    previous,
    others,
    later: [],
    previousObjects: async (release) => {
      const one = saved[release ?? ''];
      return one ? { shared: [one], services: {} } : null;
    },
  };
  return (await rollShared(target, service, traffic)).ok;
}

const of = (release: string) => ({ image, release });

test.each([
  ['a service that was proven with it', { previous: of('r1'), others: [] }, true],
  ['a service that was proven with another one', { previous: of('r0'), others: [of('r1')] }, false],
  ['a new service, next to one that was proven with it', { previous: null, others: [of('r1')] }, true],
  [
    'a new service, next to one that was proven with another one',
    { previous: null, others: [of('r0')] },
    false,
  ],
  ['the first service of all', { previous: null, others: [] }, false],
])('%s: continues %s', async (_, before, expected) => {
  expect(await continues(before, { r0: cache('old'), r1: cache('serve') })).toBe(expected);
});
