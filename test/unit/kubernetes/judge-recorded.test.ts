import { describe, expect, test } from '@jest/globals';
import { readSnapshot } from '../../../packages/kubernetes/src/snapshot/read-snapshot.ts';
import type { FailFast, Signature } from '../../../packages/kubernetes/src/verdict/finding.ts';
import { judge, judgeDeadline } from '../../../packages/kubernetes/src/verdict/judge.ts';
import {
  emptyMemory,
  type Judgement,
  type WatchedWorkload,
} from '../../../packages/kubernetes/src/verdict/model.ts';
import { annotate, newPodsOf, type Raw, recorded, watchedIn } from './recorded/recordings.ts';

const begin = Date.parse('2026-11-24T10:00:00Z');

/** Looks at answers one after the other, each at a second after the apply. */
function watch(
  snapshots: readonly [second: number, list: Raw][],
  watched: WatchedWorkload,
): Judgement & { at: number } {
  let memory = emptyMemory;
  let last: (Judgement & { at: number }) | undefined;
  for (const [second, list] of snapshots) {
    const at = new Date(begin + second * 1000).toISOString();
    const judged = judge(snapshotOf(list, at), watched, memory);
    memory = judged.memory;
    last = { ...judged.judgement, at: second };
    if (last.state !== 'progressing') return last;
  }
  if (!last) throw new Error('no snapshot');
  return last;
}

function snapshotOf(list: Raw, at: string) {
  const { name, namespace } = list.items.find(({ kind }: Raw) => kind === 'Deployment').metadata;
  return readSnapshot(list, { kind: 'Deployment', name, namespace }, at);
}

/** The same recording again and again, every two seconds. */
function lasting(name: string, from: number, to: number): [number, Raw][] {
  const list = recorded(name);
  return Array.from({ length: Math.floor((to - from) / 2) + 1 }, (_, one) => [from + 2 * one, list]);
}

function findingsOf(judgement: Judgement): readonly { signature: Signature; what: string; remedy: string }[] {
  return judgement.state === 'complete' ? [] : judgement.findings;
}

describe('failures that were recorded, decided at first sight', () => {
  test.each<[string, Signature, RegExp]>([
    [
      'image-notfound-first',
      'image-missing',
      /^container web of web-668bbc476d-h259g cannot pull 127\.0\.0\.1:5055\/web:nope: manifest for .* not found: manifest unknown$/,
    ],
    ['image-notfound-later', 'image-missing', /cannot pull 127\.0\.0\.1:5055\/web:nope: .*manifest unknown/],
    ['image-auth-first', 'image-denied', /no basic auth credentials/],
    ['image-auth-later', 'image-denied', /no basic auth credentials/],
    ['image-badsecret-first', 'image-denied', /: unauthorized: authentication required$/],
    ['image-invalid-first', 'image-invalid', /repository name must be lowercase/],
    ['image-never-first', 'image-never-pulled', /needs local\/ks-app:not-loaded, which is not on the node/],
    [
      'runcontainer-first',
      'cannot-start',
      /failed to start: exec: "\/no\/such\/cmd": stat \/no\/such\/cmd: no such file or directory$/,
    ],
    ['runcontainer-later', 'cannot-start', /no such file or directory$/],
    [
      'limitrange-first',
      'limit-range',
      /^ReplicaSet web-5c89df4458 cannot create pods: maximum memory usage per Container is 128Mi, but limit is 256Mi$/,
    ],
    ['paused-first', 'paused', /^Deployment web is paused/],
    ['replicas-0-first', 'no-replicas', /^Deployment web requests 0 replicas/],
    [
      'crashloop-restart2',
      'crash-loop',
      /^container web of web-69d5c89fc-qnll6 exited 3 times \(last exit code 1\)/,
    ],
    ['crashloop-later', 'crash-loop', /exited 3 times/],
    [
      'init-fail-later',
      'init-failing',
      /^container migrate of web-64c566ffc-pqbkc exited 3 times \(last exit code 3\)/,
    ],
    ['oomkilled-later', 'out-of-memory', /was killed 3 times because it exceeded/],
    [
      'liveness-slow-later',
      'liveness-kills',
      /was killed 3 times by its liveness probe \(GET \/ on port 8080\): connection refused$/,
    ],
  ])('%s is %s', (name, signature, words) => {
    const list = recorded(name);
    const judgement = watch([[2, list]], watchedIn(list));
    expect(judgement.state).toBe('failed');
    expect(findingsOf(judgement)[0]).toMatchObject({ signature, what: expect.stringMatching(words) });
    expect(findingsOf(judgement)[0]?.remedy).toMatch(/\w+ .+[^.]\.$/);
  });
});

describe('failures that were recorded, decided once they last', () => {
  test.each<[string, Signature, number, number, RegExp]>([
    ['image-unreachable-first', 'image-unreachable', 2, 32, /: connection refused$/],
    [
      'config-secretkey-first',
      'config-missing',
      2,
      22,
      /is missing configuration: couldn't find key DB_URL in Secret/,
    ],
    ['config-secret-first', 'config-missing', 2, 22, /secret "nope" not found/],
    ['config-configmap-first', 'config-missing', 2, 22, /configmap "app-config" not found/],
    [
      'quota-first',
      'quota-exceeded',
      2,
      12,
      /exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2/,
    ],
    ['sa-missing-first', 'service-account-missing', 2, 22, /serviceaccount "deployer" not found/],
    ['pvc-missing-first', 'claim-missing', 2, 22, /persistentvolumeclaim "data" not found/],
    [
      'unschedulable-first',
      'unschedulable',
      2,
      62,
      /cannot be scheduled: 0\/1 nodes are available: 1 Insufficient cpu/,
    ],
  ])('%s is %s', (name, signature, seen, decided, words) => {
    const watched = watchedIn(recorded(name));
    const first = watch([[seen, recorded(name)]], watched);
    expect(first.state).toBe('progressing');
    expect(findingsOf(first)[0]?.signature).toBe(signature);
    const last = watch(lasting(name, seen, 90), watched);
    expect(last).toMatchObject({ state: 'failed', at: decided });
    expect(findingsOf(last)[0]?.what).toMatch(words);
  });

  test('the remedy names the key, the room that is missing, the namespace', () => {
    const remedy = (name: string) =>
      findingsOf(watch([[2, recorded(name)]], watchedIn(recorded(name))))[0]?.remedy;
    expect(remedy('config-secretkey-first')).toBe(
      'Add the key DB_URL to Secret app in namespace ks-config-secretkey (needed for DB_URL).',
    );
    expect(remedy('quota-first')).toMatch(
      /limited to pods=2: pods=2 in use, pods=1 requested\. A surge needs room/,
    );
    expect(remedy('unschedulable-first')).toMatch(/^Request less cpu/);
  });
});

describe('what has not failed yet stays open', () => {
  test.each<[string, Signature | null]>([
    ['crashloop-first', 'crash-loop'],
    ['transient-crashed', 'crash-loop'],
    ['init-fail-first', 'init-failing'],
    ['oomkilled-first', 'out-of-memory'],
    ['liveness-slow-killed', 'liveness-kills'],
    ['liveness-slow-first', 'readiness-never'],
    ['readiness-never-first', 'readiness-never'],
    ['readiness-never-later', 'readiness-never'],
  ])('%s', (name, signature) => {
    const judgement = watch(lasting(name, 2, 40), watchedIn(recorded(name)));
    expect(judgement).toMatchObject({ state: 'progressing', line: 'web 0/2 new ready, 2/2 old serving' });
    expect(findingsOf(judgement)[0]?.signature ?? null).toBe(signature);
  });

  test('readiness is reported with the answer of the probe, and explains the deadline', () => {
    const list = recorded('readiness-never-later');
    const [first, over] = judgeDeadline(
      snapshotOf(list, new Date(begin + 60_000).toISOString()),
      watchedIn(list),
      emptyMemory,
    );
    expect(first.what).toMatch(
      /^container web of \S+ is failing its readiness probe \(GET \/ready on port 8080\): HTTP 503$/,
    );
    expect(over?.signature).toBe('deadline-exceeded');
  });
});

describe('good rollouts are good', () => {
  test.each(['good-first', 'good-later', 'transient-first', 'transient-later'])('%s', (name) => {
    const list = recorded(name);
    const judgement = watch([[6, list]], watchedIn(list));
    expect(judgement).toMatchObject({
      state: 'complete',
      ready: 2,
      oldServing: 0,
      line: 'web 2/2 new ready, 0/2 old serving',
    });
  });

  test('one crash, then fine', () => {
    const list = recorded('transient-crashed');
    const snapshots: [number, Raw][] = [
      [2, list],
      [4, list],
      [6, recorded('transient-first')],
    ];
    expect(watch(snapshots, watchedIn(list)).state).toBe('complete');
    expect(watch(snapshots, watchedIn(list, 'strict'))).toMatchObject({ state: 'failed', at: 2 });
  });

  test('two crashes and a long back-off, then fine', () => {
    const waiting = recorded('crashloop-restart2');
    const status = newPodsOf(waiting)[0].status.containerStatuses[0];
    status.lastState = { terminated: status.state.terminated };
    status.state = {
      waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s restarting failed container' },
    };
    status.restartCount = 1;
    const running = structuredClone(waiting);
    Object.assign(newPodsOf(running)[0].status.containerStatuses[0], {
      restartCount: 2,
      state: { running: {} },
    });
    const snapshots: [number, Raw][] = [4, 6, 8, 10, 12, 14].map((second) => [second, waiting]);
    const judgement = watch([...snapshots, [16, running], [18, running]], watchedIn(waiting));
    expect(judgement).toMatchObject({ state: 'progressing', at: 18 });
  });

  test('a secret that arrives while the pod waits for it', () => {
    const list = recorded('config-secret-first');
    const snapshots = lasting('config-secret-first', 2, 16);
    expect(watch([...snapshots, [18, goodFor(list)]], watchedIn(list))).toMatchObject({
      state: 'complete',
      at: 18,
    });
  });
});

/** The recording as it would be once its pods are ready. */
function goodFor(list: Raw): Raw {
  const good = structuredClone(list);
  const [pod] = newPodsOf(good);
  const twin = structuredClone(pod);
  twin.metadata.name += '2';
  twin.metadata.uid += '2';
  good.items = good.items.filter(
    ({ kind, metadata }: Raw) => kind !== 'Pod' || metadata.name === pod.metadata.name,
  );
  good.items.push(twin);
  for (const one of [pod, twin]) {
    one.status.phase = 'Running';
    one.status.conditions = [{ type: 'Ready', status: 'True' }];
    Object.assign(one.status.containerStatuses[0], { ready: true, state: { running: {} } });
    annotate(one.metadata);
  }
  Object.assign(good.items[0].status, {
    updatedReplicas: 2,
    readyReplicas: 2,
    replicas: 2,
    availableReplicas: 2,
  });
  return good;
}

describe('fail-fast', () => {
  const failing = ['image-notfound-first', 'crashloop-later', 'config-secret-first', 'limitrange-first'];
  test.each(failing)('off: %s is reported and decides nothing', (name) => {
    const judgement = watch(lasting(name, 2, 90), watchedIn(recorded(name), 'off'));
    expect(judgement.state).toBe('progressing');
    expect(findingsOf(judgement)).toHaveLength(1);
  });

  test.each(['paused-first', 'replicas-0-first'])('off: %s ends it all the same', (name) => {
    expect(watch([[2, recorded(name)]], watchedIn(recorded(name), 'off')).state).toBe('failed');
  });

  test.each<[string, FailFast, number]>([
    ['crashloop-first', 'strict', 2],
    ['oomkilled-first', 'strict', 2],
    ['init-fail-first', 'strict', 2],
    ['liveness-slow-killed', 'strict', 2],
    // Three times what the probe allows: 3 x 3 x 1 s.
    ['readiness-never-first', 'strict', 12],
  ])('%s under %s is decided at second %s', (name, failFast, second) => {
    const judgement = watch(lasting(name, 2, 40), watchedIn(recorded(name), failFast));
    expect(judgement).toMatchObject({ state: 'failed', at: second });
  });
});

test('the cause of a failed pull is remembered when the cluster only says "Back-off" and its events are gone', () => {
  const list = recorded('image-unreachable-first');
  const later = recorded('image-unreachable-later');
  later.items = later.items.filter(({ kind }: Raw) => kind !== 'Event');
  const snapshots: [number, Raw][] = [
    [2, list],
    ...lasting('image-unreachable-later', 4, 40).map(([at]): [number, Raw] => [at, later]),
  ];
  const judgement = watch(snapshots, watchedIn(list));
  expect(judgement).toMatchObject({ state: 'failed', at: 32 });
  expect(findingsOf(judgement)[0]?.what).toMatch(/connection refused$/);
});

test('a rollout that was undone by somebody else does not pass', () => {
  const list = recorded('good-later');
  list.items[0].spec.template.metadata.annotations = {};
  const [finding] = findingsOf(watch([[8, list]], watchedIn(recorded('good-later'))));
  expect(finding).toMatchObject({ signature: 'superseded' });
});
