import { describe, expect, test } from '@jest/globals';
import { readSnapshot, readSnapshots } from '../../../packages/kubernetes/src/snapshot/read-snapshot.ts';
import { judge } from '../../../packages/kubernetes/src/verdict/judge.ts';
import { emptyMemory } from '../../../packages/kubernetes/src/verdict/model.ts';
import { crowd } from './recorded/crowd.ts';
import { made } from './recorded/made.ts';
import { type Raw, recorded, release, watchedIn } from './recorded/recordings.ts';

const at = '2026-11-24T10:00:00.000Z';
const web = { kind: 'Deployment', name: 'web', namespace: 'shop' };

describe('reading what kubectl answered', () => {
  test('a recording, as text and as a value', () => {
    const list = recorded('crashloop-later');
    const of = { ...web, namespace: 'ks-crashloop' };
    const snapshot = readSnapshot(JSON.stringify(list), of, at);
    expect(snapshot).toEqual(readSnapshot(list, of, at));
    expect(snapshot.workload).toMatchObject({
      generation: 2,
      observedGeneration: 2,
      wanted: 2,
      updated: 1,
      ready: 2,
      total: 3,
      maxSurge: '25%',
      revision: '2',
      release,
    });
    expect(snapshot.sets.map(({ revision }) => revision)).toEqual(['2', '1']);
    expect(snapshot.pods).toHaveLength(3);
    expect(snapshot.pods[0]).toMatchObject({ node: 'node1', phase: 'Running', ready: false, release });
    expect(snapshot.pods[0]?.containers[0]).toMatchObject({
      state: 'waiting',
      reason: 'CrashLoopBackOff',
      restarts: 2,
      last: { exitCode: 1, reason: 'Error' },
    });
    expect(snapshot.events.find(({ reason }) => reason === 'BackOff')).toMatchObject({
      kind: 'Pod',
      warning: true,
      count: 4,
      at: '2026-11-23T23:09:48Z',
      container: 'web',
    });
    // The scheduler sends events without a count and a last time.
    expect(snapshot.events.find(({ reason }) => reason === 'Scheduled')?.at).toBe(
      '2026-11-23T23:09:32.209693Z',
    );
  });

  test('events of both APIs, with a series, about a claim of a pod', () => {
    const claim = { kind: 'PersistentVolumeClaim', name: 'data', uid: 'claim-uid' };
    const list = made({
      pods: [
        {
          spec: {
            containers: [{ name: 'web' }],
            volumes: [{ persistentVolumeClaim: { claimName: 'data' } }],
          },
        },
      ],
      events: [
        {
          about: claim,
          reason: 'ProvisioningFailed',
          count: null,
          lastTimestamp: null,
          eventTime: '2026-11-24T09:00:00Z',
        },
        { reason: 'Unhealthy', series: { count: 7, lastObservedTime: '2026-11-24T09:59:00Z' } },
      ],
    });
    list.items.push({
      kind: 'Event',
      metadata: { name: 'e' },
      regarding: { kind: 'Pod', uid: 'web-new-1', name: 'web-new-1' },
      reason: 'Failed',
      note: 'said',
      deprecatedCount: 3,
      deprecatedLastTimestamp: '2026-11-24T09:58:00Z',
    });
    const seen = readSnapshot(list, web, at).events.map(({ reason, count, at: when }) => [
      reason,
      count,
      when,
    ]);
    expect(seen).toEqual([
      ['Unhealthy', 7, '2026-11-24T09:59:00Z'],
      ['Failed', 3, '2026-11-24T09:58:00Z'],
      ['ProvisioningFailed', 1, '2026-11-24T09:00:00Z'],
    ]);
  });

  test('variables show where they come from, and never their text', () => {
    const env = [
      { name: 'MODE', value: 'hunter2' },
      { name: 'DB_URL', valueFrom: { secretKeyRef: { name: 'app', key: 'url' } } },
      { name: 'LEVEL', valueFrom: { configMapKeyRef: { name: 'conf', key: 'level' } } },
      { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    ];
    const envFrom = [{ prefix: 'X_', secretRef: { name: 'more' } }];
    const { workload } = readSnapshot(made({ template: { container: { env, envFrom } } }), web, at);
    expect(workload?.template.containers[0]?.env).toEqual({
      MODE: 'f52fbd32b2b3',
      DB_URL: 'secret app/url',
      LEVEL: 'configmap conf/level',
      POD: 'field metadata.name',
      'X_* of secret more': 'secret more/*',
    });
    expect(JSON.stringify(workload)).not.toContain('hunter2');
  });

  test('a pod that no node has seen has containers of unknown state', () => {
    const list = recorded('unschedulable-first');
    const { pods } = readSnapshot(list, { ...web, namespace: 'ks-unschedulable' }, at);
    const waiting = pods.find(({ phase }) => phase === 'Pending');
    expect(waiting).toMatchObject({
      node: null,
      ready: false,
      containers: [{ state: 'unknown', imageId: '' }],
    });
  });

  test('the revision of a DaemonSet is its newest ControllerRevision', () => {
    const list = made({ kind: 'DaemonSet' });
    for (const [revision, hash] of [
      [1, 'web-old'],
      [3, 'web-new'],
      [2, 'web-other'],
    ])
      list.items.push({
        kind: 'ControllerRevision',
        revision,
        metadata: {
          name: hash,
          labels: { 'controller-revision-hash': hash },
          ownerReferences: [{ uid: 'web-uid' }],
        },
      });
    expect(readSnapshot(list, { ...web, kind: 'DaemonSet' }, at).workload?.revision).toBe('web-new');
  });

  test.each<[string, unknown, RegExp]>([
    ['no JSON', 'error: you must be logged in', /not JSON/],
    ['nothing', '', /not JSON/],
    ['null', null, /cannot read a list/],
    ['no list', { kind: 'Status', status: 'Failure', message: 'no' }, /cannot read a list/],
    ['a list without items', { kind: 'List' }, /items/],
    ['a part of a list', { kind: 'List', metadata: { continue: 'abc' }, items: [] }, /a part of the list/],
    ['a pod without a name', { kind: 'List', items: [{ kind: 'Pod', metadata: {} }] }, /metadata\.name/],
    [
      'a workload of another shape',
      { kind: 'List', items: [{ kind: 'Deployment', metadata: { ...web, uid: 'u' }, spec: {} }] },
      /spec\.template/,
    ],
  ])('%s is a fault', (_, answer, words) => {
    expect(() => readSnapshot(answer, web, at)).toThrow(words);
  });

  test('what is not there is null, and nothing of others is taken for it', () => {
    expect(readSnapshot(made(), { ...web, name: 'api' }, at)).toEqual({
      at,
      workload: null,
      sets: [],
      pods: [],
      events: [],
    });
    expect(readSnapshot(made(), { ...web, namespace: 'other' }, at).workload).toBeNull();
  });
});

test('200 workloads with 2000 pods and their events are read and judged', () => {
  const { list, workloads, watched, at } = crowd(200);
  expect(list.items.filter(({ kind }: Raw) => kind === 'Pod')).toHaveLength(2000);
  const verdicts = readSnapshots(list, workloads, at).map((snapshot, one) =>
    judge(snapshot, watched[one] ?? watchedIn(list), emptyMemory),
  );
  expect(verdicts.map(({ judgement }) => judgement.line)).toEqual(
    Array.from({ length: 200 }, () => expect.stringMatching(/3\/10 new ready, 5\/2 old serving$/)),
  );
});
