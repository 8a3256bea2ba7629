import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { quotaRoom, surgeNeeds } from '../../../packages/kubernetes/src/manifests/index.ts';
import { formatQuantity, parseQuantity } from '../../../packages/kubernetes/src/manifests/quantity.ts';

const unit = 1_000_000_000n;

describe('quantities', () => {
  test.each<[unknown, bigint]>([
    ['0', 0n],
    [2, 2n * unit],
    [0.5, unit / 2n],
    ['.5', unit / 2n],
    ['1.', unit],
    ['100m', unit / 10n],
    ['1500u', 1_500_000n],
    ['3n', 3n],
    ['1k', 1000n * unit],
    ['1Ki', 1024n * unit],
    ['1.5Gi', (unit * 3n * 2n ** 30n) / 2n],
    ['2M', 2n * 10n ** 6n * unit],
    ['1E', 10n ** 18n * unit],
    ['1E3', 1000n * unit],
    ['1e-3', unit / 1000n],
    ['12e6', 12n * 10n ** 6n * unit],
    ['1Ei', 2n ** 60n * unit],
    ['0.1n', 1n],
    ['-2', -2n * unit],
    ['128974848000m', 128974848n * unit],
  ])('%s', (written, size) => expect(parseQuantity(written)).toBe(size));

  test.each(['', 'm', '1 Gi', '1gi', '1K', 'a', '1.2.3', '.', undefined, null])('%s is none', (written) =>
    expect(parseQuantity(written)).toBeNull(),
  );

  test('what is written is read as the same', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), (size) => {
        expect(parseQuantity(formatQuantity(size))).toBe(size);
      }),
    );
  });

  test.each([
    ['536870912', '512Mi'],
    ['1.5', '1500m'],
    ['2000m', '2'],
    ['1e9', '1G'],
  ])('%s is shown as %s', (written, short) =>
    expect(formatQuantity(parseQuantity(written) ?? -1n)).toBe(short),
  );
});

const workload = (pod: object, more: { kind?: string; spec?: object; metadata?: object } = {}): object => ({
  apiVersion: (more.kind ?? '').endsWith('Job') ? 'batch/v1' : 'apps/v1',
  kind: more.kind ?? 'Deployment',
  metadata: { name: 'backend', ...more.metadata },
  spec: { ...more.spec, template: { metadata: { labels: { app: 'backend' } }, spec: pod } },
});

describe('what a rolling update needs at once', () => {
  test.each<[string, string, object, number | undefined, number]>([
    ['the defaults, 1 replica', 'Deployment', {}, undefined, 1],
    ['the defaults, 4 replicas', 'Deployment', { replicas: 4 }, undefined, 1],
    ['the defaults, 5 replicas, rounded up', 'Deployment', { replicas: 5 }, undefined, 2],
    ['maxSurge 3', 'Deployment', { replicas: 2, strategy: { rollingUpdate: { maxSurge: 3 } } }, undefined, 3],
    ['maxSurge 0', 'Deployment', { replicas: 2, strategy: { rollingUpdate: { maxSurge: 0 } } }, undefined, 0],
    ['Recreate', 'Deployment', { replicas: 2, strategy: { type: 'Recreate' } }, undefined, 0],
    ['new', 'Deployment', { replicas: 3 }, 0, 3],
    ['more replicas as well', 'Deployment', { replicas: 4 }, 2, 3],
    ['fewer replicas', 'Deployment', { replicas: 2 }, 6, 0],
    ['as an autoscaler chose', 'Deployment', {}, 8, 2],
    ['a StatefulSet', 'StatefulSet', { replicas: 3 }, undefined, 0],
    ['a DaemonSet', 'DaemonSet', {}, undefined, 0],
    [
      'a DaemonSet with surge',
      'DaemonSet',
      { updateStrategy: { rollingUpdate: { maxSurge: '10%' } } },
      undefined,
      1,
    ],
    ['a Job', 'Job', { parallelism: 4, completions: 2 }, undefined, 2],
    ['a CronJob', 'CronJob', {}, undefined, 0],
  ])('%s', (_, kind, spec, running, pods) =>
    expect(surgeNeeds(workload({}, { kind, spec }), running).pods).toBe(pods),
  );

  test('the resources are those of the hungriest moment', () => {
    const container = (requests: object, limits = {}, more = {}): object => ({
      resources: { requests, limits },
      ...more,
    });
    const spec = {
      overhead: { cpu: '10m' },
      initContainers: [
        container({ cpu: '100m' }, {}, { restartPolicy: 'Always' }),
        container({ cpu: '1', memory: '64Mi' }),
      ],
      containers: [
        container({ cpu: '200m', memory: '256Mi' }, { memory: '1Gi' }),
        container({}, { memory: '1Gi' }),
      ],
    };
    const { pods, resources } = surgeNeeds(workload(spec, { spec: { replicas: 8 } }));
    expect(pods).toBe(2);
    expect(
      Object.entries(resources)
        .map(([name, size]) => `${name} ${formatQuantity(size)}`)
        .sort(),
    ).toEqual(['limits.memory 4Gi', 'requests.cpu 2220m', 'requests.memory 2560Mi']);
  });
});

describe('the room in quotas', () => {
  const needs = surgeNeeds(
    workload({
      containers: [{ resources: { requests: { cpu: '0.1', memory: '256Mi' }, limits: { memory: '512Mi' } } }],
    }),
  );
  const quota = (hard: object, used: object, spec = {}): object => ({
    metadata: { name: 'team' },
    spec,
    status: { hard, used },
  });

  test.each<[string, object, string | null]>([
    ['exactly enough', quota({ cpu: '0.3' }, { cpu: '0.2' }), null],
    [
      'one thousandth too little',
      quota({ 'requests.cpu': '299m' }, { 'requests.cpu': '200m' }),
      'requests.cpu is limited to 299m, with 200m in use and 100m requested',
    ],
    [
      'limits',
      quota({ 'limits.memory': '4Gi' }, { 'limits.memory': '3.75Gi' }),
      'limits.memory is limited to 4Gi, with 3840Mi in use and 512Mi requested',
    ],
    [
      'pods',
      quota({ pods: 3 }, { pods: '3' }),
      'needs 1 more pod at once, but quota team has no room: pods is limited to 3, with 3 in use and 1 requested',
    ],
    ['others', quota({ services: 0, 'count/secrets': '0' }, {}), null],
    ['some pods only', quota({ pods: 0 }, {}, { scopes: ['BestEffort'] }), null],
    [
      'no status yet',
      { metadata: { name: 'q' }, spec: { hard: { memory: '100Mi' } } },
      'memory is limited to 100Mi, with 0 in use and 256Mi requested',
    ],
  ])('%s', (_, object, words) => {
    const sentences = quotaRoom([object], needs);
    if (words === null) expect(sentences).toEqual([]);
    else expect(sentences).toEqual([expect.stringContaining(words)]);
  });

  test('no surge needs no room', () => {
    expect(
      quotaRoom([quota({ pods: 1, cpu: 0 }, { pods: 1 })], { ...needs, pods: 0, resources: {} }),
    ).toEqual([]);
  });
});
