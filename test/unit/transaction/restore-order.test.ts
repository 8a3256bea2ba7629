import { expect, test } from '@jest/globals';
import type { RunningService } from '../../../packages/platform/src/index.ts';
import { restoreOrder } from '../../../packages/transaction/src/restore-order.ts';

/** A service with replicas of which each is healthy or not. */
function running(name: string, ...healthy: boolean[]): [string, RunningService] {
  const image = { repository: name, tag: null, digest: null };
  const replicas = healthy.map((one, at) => ({ id: `${at}`, name, image, release: 'r2', healthy: one }));
  return [name, { name, replicas, declared: null, withoutReplicas: [], unreached: null }];
}

const services = ['database', 'api', 'web'];

test.each([
  ['nothing is broken: the last one of the rollout first', [true], [true], ['web', 'api', 'database']],
  ['one has a replica that is not healthy', [true, false], [true], ['database', 'web', 'api']],
  ['one has no replicas', [true], [], ['api', 'web', 'database']],
  ['two are broken: the later one first', [false], [false], ['api', 'database', 'web']],
])('%s', (_, database, api, order) => {
  const observed = [running('database', ...database), running('api', ...api), running('web', true)];
  expect(restoreOrder(services, new Map(observed))).toEqual(order);
});

test('a service that was not observed counts as broken', () => {
  expect(restoreOrder(services, new Map([running('database', true), running('web', true)]))).toEqual([
    'api',
    'web',
    'database',
  ]);
});
