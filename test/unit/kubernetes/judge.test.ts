import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judge, judgeDeadline } from '../../../packages/kubernetes/src/verdict/judge.ts';
import { emptyMemory } from '../../../packages/kubernetes/src/verdict/model.ts';
import { newPods } from '../../../packages/kubernetes/src/verdict/scope.ts';
import { creating, every2, judgeAt, pull, snapshotOf } from './recorded/judging.ts';
import { exited, type Made, made, waits } from './recorded/made.ts';
import { type Raw, release, watchedIn } from './recorded/recordings.ts';

describe('which pods are judged', () => {
  test('pods of other releases are not', () => {
    const list = made({ old: 1 });
    Object.assign(list.items.at(-1).status.containerStatuses[0], exited(3, 1).container);
    expect(newPods(snapshotOf(list, 0), watchedIn(list)).map(({ name }) => name)).toEqual([
      'web-new-1',
      'web-new-2',
    ]);
    expect(judge(snapshotOf(list, 0), watchedIn(list), emptyMemory).judgement).toMatchObject({
      state: 'progressing',
      oldServing: 1,
    });
  });

  test('the same release tried before with another template is not', () => {
    const list = made({ old: 1 });
    const [, , former] = list.items;
    former.spec.template = structuredClone(list.items[1].spec.template);
    expect(newPods(snapshotOf(list, 0), watchedIn(list))).toHaveLength(2);
  });

  test('nothing is judged before the controller has seen the apply', () => {
    const { judgement } = judgeAt({ pods: [exited(3, 1)], status: { observedGeneration: 1 } }, [0]);
    expect(judgement).toMatchObject({ state: 'progressing', findings: [] });
  });

  test('an autoscaler that changes the replicas during the rollout does not disturb it', () => {
    const list = made({ replicas: 3 });
    list.items[0].metadata.generation = 5;
    list.items[0].status.observedGeneration = 5;
    expect(
      judge(snapshotOf(list, 0), { ...watchedIn(list), generation: 2 }, emptyMemory).judgement.state,
    ).toBe('complete');
  });

  test('a restored release that Slipway did not make is known by the revision', () => {
    const list = made({ annotated: false, old: 1 });
    for (const { kind, metadata } of list.items) if (kind === 'Pod') metadata.annotations = {};
    const watched = { ...watchedIn(list), release: null };
    expect(newPods(snapshotOf(list, 0), watched)).toHaveLength(2);
  });
});

describe('one bad pod among good ones', () => {
  const pods = [{}, { ...exited(3, 1), spec: { nodeName: 'node-7', containers: [{ name: 'web' }] } }];

  test('is one bad node for a while, and named so', () => {
    const early = judgeAt({ pods }, every2(58)).judgement;
    expect(early).toMatchObject({ state: 'progressing', line: 'web 1/2 new ready' });
    const late = judgeAt({ pods }, every2(60)).judgement;
    expect(late).toMatchObject({
      state: 'failed',
      findings: [
        {
          what: 'container web of web-new-2 exited 3 times (last exit code 1) (all on node node-7, while 1 other new pod is ready)',
        },
      ],
    });
  });

  test('is enough under strict', () => {
    expect(judgeAt({ pods }, [0], { failFast: 'strict' }).judgement.state).toBe('failed');
  });

  test('an image that does not exist is enough', () => {
    expect(judgeAt({ pods: [{}, pull('manifest unknown')] }, [0]).judgement.state).toBe('failed');
  });
});

test('the same sign on several pods is one finding', () => {
  const { judgement } = judgeAt({ replicas: 3, pods: [exited(3, 1), exited(3, 1), exited(2, 1)] }, [0]);
  expect(judgement).toMatchObject({
    state: 'failed',
    findings: [
      {
        what: 'container web of 3/3 pods exited 3 times (last exit code 1)',
        subjects: ['web-new-1', 'web-new-2', 'web-new-3'],
      },
    ],
  });
});

test('a symptom that disappears and returns much later starts again', () => {
  const list = made({ pods: [waits('CreateContainerConfigError', 'secret "x" not found')] });
  const watched = watchedIn(list);
  let { memory } = judge(snapshotOf(list, 0), watched, emptyMemory);
  ({ memory } = judge(snapshotOf(made({ pods: [{ unready: true }] }), 10), watched, memory));
  expect(judge(snapshotOf(list, 40), watched, memory).judgement.state).toBe('progressing');
});

test('room that leaving pods still take is waited for', () => {
  const of: Made = {
    pods: [],
    old: 1,
    refused: 'pods "x" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2',
  };
  const list = made(of);
  list.items.at(-1).metadata.deletionTimestamp = '2026-11-24T10:00:30Z';
  let memory = emptyMemory;
  for (const second of every2(40)) {
    const judged = judge(snapshotOf(list, second), watchedIn(list), memory);
    memory = judged.memory;
    expect(judged.judgement.state).toBe('progressing');
  }
});

describe('at the deadline', () => {
  const unready: Made = { pods: [{ unready: true, container: { ready: false } }] };

  test('with no sign at all a pod that does not get on is named', () => {
    const [finding] = judgeDeadline(snapshotOf(made(unready), 60), watchedIn(made(unready)), emptyMemory);
    expect(finding).toMatchObject({
      signature: 'deadline-exceeded',
      what: expect.stringMatching(/0\/2 new ready.*; web-new-1 is Running, container web is running$/),
    });
  });

  test('a recent symptom is reported, an old one is not', () => {
    const { memory } = judgeAt({ pods: [waits('CreateContainerConfigError', 'secret "x" not found')] }, [0]);
    const list = made(unready);
    expect(judgeDeadline(snapshotOf(list, 10), watchedIn(list), memory)[0].signature).toBe('config-missing');
    expect(judgeDeadline(snapshotOf(list, 60), watchedIn(list), memory)[0].signature).toBe(
      'deadline-exceeded',
    );
  });

  test('a StatefulSet that waits for a broken old pod says which to delete', () => {
    const list = made({ kind: 'StatefulSet', pods: [], old: 2 });
    const broken = list.items.at(-1);
    broken.status.conditions = [{ type: 'Ready', status: 'False' }];
    Object.assign(broken.status.containerStatuses[0], exited(5, 1).container);
    const [finding] = judgeDeadline(snapshotOf(list, 60), watchedIn(list), emptyMemory);
    expect(finding.what).toMatch(/; old pod web-old-2 is Running, container web is CrashLoopBackOff$/);
    expect(finding.remedy).toMatch(/delete pod web-old-2/);
  });
});

test('a Job whose earlier pod could not be started is judged by its next one', () => {
  const failed = {
    state: { terminated: { reason: 'StartError', exitCode: 128, message: 'exec: "x": not found' } },
  };
  const pods = [{ status: { phase: 'Failed', containerStatuses: [{ name: 'web', ...failed }] } }];
  expect(judgeAt({ kind: 'Job', pods, status: { active: 0, succeeded: 1 } }, [0]).judgement.state).toBe(
    'complete',
  );
});

describe('completion by kind', () => {
  test.each<[string, Made, string]>([
    ['Deployment', {}, 'complete'],
    ['Deployment, one not available yet', { status: { availableReplicas: 1 } }, 'progressing'],
    ['Deployment, an old pod left', { status: { replicas: 3 } }, 'progressing'],
    ['StatefulSet', { kind: 'StatefulSet' }, 'complete'],
    [
      'StatefulSet, one of the old revision',
      { kind: 'StatefulSet', status: { updatedReplicas: 1 } },
      'progressing',
    ],
    [
      'StatefulSet with a partition',
      {
        kind: 'StatefulSet',
        replicas: 2,
        pods: [{}],
        old: 1,
        spec: { updateStrategy: { rollingUpdate: { partition: 1 } } },
        status: { readyReplicas: 2, availableReplicas: 2 },
      },
      'complete',
    ],
    ['DaemonSet', { kind: 'DaemonSet' }, 'complete'],
    [
      'DaemonSet, one node to go',
      { kind: 'DaemonSet', status: { updatedNumberScheduled: 1 } },
      'progressing',
    ],
    ['Job', { kind: 'Job', pods: [], status: { succeeded: 1 } }, 'complete'],
    ['Job at work', { kind: 'Job', pods: [{}] }, 'progressing'],
  ])('%s', (_, of, state) => {
    expect(judgeAt(of, [0]).judgement.state).toBe(state);
  });
});

test('is never complete with a new pod that is not ready, nor with nothing wanted', () => {
  const bad = fc.constantFrom<Raw>({ unready: true }, exited(1, 1), waits('ContainerCreating'), creating);
  const pod = fc.oneof({ weight: 8, arbitrary: fc.constant<Raw>({}) }, { weight: 1, arbitrary: bad });
  const kind = fc.constantFrom('Deployment' as const, 'StatefulSet' as const, 'DaemonSet' as const);
  const count = fc.nat(4);
  const claimed = fc.record(Object.fromEntries(Object.keys(allOf(0)).map((field) => [field, count])), {
    requiredKeys: [],
  });
  const full = fc.record({
    kind,
    replicas: count,
    pods: fc.array(pod, { maxLength: 4 }),
    status: fc.oneof(fc.constant({}), claimed),
  });
  let complete = 0;
  fc.assert(
    fc.property(full, ({ kind, replicas, pods, status }) => {
      const lie = { ...allOf(replicas), ...status };
      const list = made({ kind, replicas, pods, status: lie });
      const snapshot = snapshotOf(list, 0);
      const { judgement } = judge(snapshot, watchedIn(list), emptyMemory);
      if (judgement.state !== 'complete') return;
      complete += 1;
      expect(snapshot.workload?.wanted).toBeGreaterThan(0);
      expect(snapshot.pods.filter((one) => one.release === release && !one.ready)).toEqual([]);
      expect(snapshot.pods.length).toBeGreaterThanOrEqual(snapshot.workload?.wanted ?? 1);
    }),
    { numRuns: 400 },
  );
  expect(complete).toBeGreaterThan(0);
});

/** What a controller that is done would say, whatever its pods do. */
function allOf(count: number): Raw {
  return {
    replicas: count,
    updatedReplicas: count,
    readyReplicas: count,
    availableReplicas: count,
    desiredNumberScheduled: count,
    currentNumberScheduled: count,
    updatedNumberScheduled: count,
    numberReady: count,
    numberAvailable: count,
  };
}
