import { expect, test } from '@jest/globals';
import { notServing } from '@slipway/transaction';

const digest = (of: string): string => `sha256:${of.repeat(64)}`;
const service = (of: string | null, release: string | null) => ({
  image: { repository: 'r/web', tag: of === null ? 'local' : null, digest: of && digest(of) },
  release,
});
const replica = (of: string | null, release: string | null, healthy = true) => ({
  ...service(of, release),
  id: 'c1',
  name: 'web-1',
  healthy,
});
const proven = service('a', '1.0.0-1');
const withoutDigest = service(null, '1.0.0-1');

test.each<[string, Parameters<typeof notServing>[0][string], ReturnType<typeof replica>[], boolean]>([
  ['every replica runs its digest', proven, [replica('a', '1.0.0-1')], true],
  ['one of two is not ready', proven, [replica('a', '1.0.0-1'), replica('a', '1.0.0-1', false)], true],
  ['none is ready', proven, [replica('a', '1.0.0-1', false)], false],
  [
    'one runs another digest under its label',
    proven,
    [replica('a', '1.0.0-1'), replica('b', '1.0.0-1')],
    false,
  ],
  ['the same digest was started by hand', proven, [replica('a', null)], true],
  ['an image without a digest has its label', withoutDigest, [replica(null, '1.0.0-1')], true],
  ['an image without a digest has another label', withoutDigest, [replica(null, '2.0.0-1')], false],
])('%s', (_, wanted, replicas, serves) => {
  const observed = new Map([
    ['web', { name: 'web', replicas, declared: null, withoutReplicas: [], unreached: null }],
  ]);
  expect(notServing({ web: wanted }, observed)).toEqual(serves ? [] : ['web']);
});

test('without replicas, a service that its autoscaler scaled to zero serves, and one that is gone, replaced or scaled to zero by hand does not', () => {
  const scaled = (declared: typeof proven | null, withoutReplicas: readonly string[] = []) =>
    notServing(
      { web: proven },
      new Map([['web', { name: 'web', replicas: [], declared, withoutReplicas, unreached: null }]]),
    );
  expect(scaled(proven)).toEqual([]);
  expect(scaled(proven, ['Deployment/web'])).toEqual(['web']);
  expect(scaled(service('b', '2.0.0-1'))).toEqual(['web']);
  expect(scaled(null)).toEqual(['web']);
  expect(notServing({ web: proven }, new Map())).toEqual(['web']);
});

test('a workload that lacks its replicas does not serve, whatever another one of its service has', () => {
  const one = { name: 'web', replicas: [replica('a', '1.0.0-1')], declared: proven, unreached: null };
  const observe = (withoutReplicas: readonly string[]) =>
    notServing({ web: proven }, new Map([['web', { ...one, withoutReplicas }]]));
  expect(observe([])).toEqual([]);
  expect(observe(['Deployment/worker'])).toEqual(['web']);
});

test('a service whose requests do not reach its replicas does not serve, and the reason is said', () => {
  const one = { name: 'web', replicas: [replica('a', '1.0.0-1')], declared: proven, withoutReplicas: [] };
  const observe = (unreached: string | null) =>
    notServing({ web: proven }, new Map([['web', { ...one, unreached }]]));
  expect(observe(null)).toEqual([]);
  expect(observe('the proxy does not run')).toEqual(['web (the proxy does not run)']);
});
