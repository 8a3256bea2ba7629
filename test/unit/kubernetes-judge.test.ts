import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Signature, signatures } from '../../packages/platform/src/kubernetes/finding.ts';
import {
  deadline,
  type Judged,
  judge,
  type Memory,
  newPods,
  nothingSeen,
  type Watched,
} from '../../packages/platform/src/kubernetes/judge.ts';
import { readSnapshot } from '../../packages/platform/src/kubernetes/read-snapshot.ts';
import { classifyPull } from '../../packages/platform/src/kubernetes/signatures/image.ts';
import { ended, type Made, made, waits } from '../fixtures/kubernetes/made.ts';
import { type Raw, release, watchedIn } from '../fixtures/kubernetes/recordings.ts';

const begin = Date.parse('2026-11-24T10:00:00Z');

function snapshotOf(list: Raw, second: number) {
  const { kind, metadata } = list.items[0] ?? {
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'shop' },
  };
  const at = new Date(begin + second * 1000).toISOString();
  return readSnapshot(list, { kind, name: metadata.name, namespace: metadata.namespace }, at);
}

function look(of: Made, seconds: readonly number[], change: Partial<Watched> = {}): Judged {
  const list = made(of);
  const watched = { ...watchedIn(list), oldBefore: of.old ?? 0, ...change };
  let memory: Memory = nothingSeen;
  let judged: Judged | undefined;
  for (const second of seconds) {
    judged = judge(snapshotOf(list, second), watched, memory);
    memory = judged.memory;
    if (judged.judgement.state !== 'progressing') break;
  }
  if (!judged) throw new Error('no look');
  return judged;
}

const every2 = (until: number): number[] => Array.from({ length: until / 2 + 1 }, (_, at) => 2 * at);

const bad = (status: Raw, more: Raw = {}): Raw => ({
  unready: true,
  status: { phase: 'Pending', containerStatuses: undefined, ...status },
  ...more,
});
const unscheduled = (message: string, reason = 'Unschedulable'): Raw =>
  bad({ conditions: [{ type: 'PodScheduled', status: 'False', reason, message }] });
const creating = bad({
  conditions: [{ type: 'Ready', status: 'False' }],
  containerStatuses: [
    { name: 'web', ready: false, restartCount: 0, state: { waiting: { reason: 'ContainerCreating' } } },
  ],
});
const pull = (message: string): Raw => waits('ErrImagePull', `rpc error: code = Unknown desc = ${message}`);
const containerd =
  'failed to pull and unpack image "registry.example.com/web:2": failed to resolve reference "registry.example.com/web:2": ';
const killing = {
  reason: 'Killing',
  type: 'Normal',
  message: 'Container web failed liveness probe, will be restarted',
};

/** Second at which it decides when looked at every 2 s, null when it never does within 200 s. */
type Row = [title: string, of: Made, signature: Signature, second: number | null, words: RegExp];

const rows: Row[] = [
  [
    'not found',
    { pods: [pull(`${containerd}registry.example.com/web:2: not found`)] },
    'image-missing',
    0,
    /: registry.example.com\/web:2: not found$/,
  ],
  [
    'back-off with its cause',
    {
      pods: [
        waits(
          'ImagePullBackOff',
          `Back-off pulling image "x": ErrImagePull: rpc error: code = NotFound desc = ${containerd}not found`,
        ),
      ],
    },
    'image-missing',
    0,
    /: not found$/,
  ],
  [
    'denied',
    {
      pods: [
        pull(
          `${containerd}pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`,
        ),
      ],
    },
    'image-denied',
    0,
    /insufficient_scope/,
  ],
  [
    '403',
    {
      pods: [
        pull(
          `${containerd}failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://ghcr.io/token?scope=x: 403 Forbidden`,
        ),
      ],
    },
    'image-denied',
    0,
    /403 Forbidden/,
  ],
  [
    'limited',
    {
      pods: [
        pull(
          `${containerd}unexpected status code https://registry-1.docker.io/v2/x: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit as 'shopuser': dckr_jti_abcDEF-12. You may increase the limit`,
        ),
      ],
    },
    'image-limited',
    120,
    /pull rate limit\. You may/,
  ],
  [
    '503',
    {
      pods: [
        pull(`${containerd}unexpected status from HEAD request to https://r/v2/x: 503 Service Unavailable`),
      ],
    },
    'image-unreachable',
    30,
    /503 Service Unavailable/,
  ],
  [
    'timeout',
    {
      pods: [
        pull(`${containerd}failed to do request: Head "https://r/v2/x": dial tcp 10.0.0.1:443: i/o timeout`),
      ],
    },
    'image-unreachable',
    30,
    /i\/o timeout/,
  ],
  [
    'invalid name',
    {
      pods: [
        waits('InvalidImageName', 'Failed to apply default image tag "A:2": couldn\'t parse image name'),
      ],
    },
    'image-invalid',
    0,
    /not valid/,
  ],
  [
    'never pulled',
    { pods: [waits('ErrImageNeverPull', 'Container image "x" is not present with pull policy of Never')] },
    'image-never-pulled',
    0,
    /may not pull/,
  ],
  [
    'platform',
    { pods: [pull(`${containerd}no match for platform in manifest: not found`)] },
    'wrong-architecture',
    0,
    /no match for platform/,
  ],
  [
    'exec format',
    { pods: [ended(1, 255, 'Error', 'exec /app/server: exec format error')] },
    'wrong-architecture',
    0,
    /exec format error/,
  ],
  ['crash', { pods: [ended(3, 1)] }, 'crash-loop', 0, /ended 3 times, last with code 1$/],
  ['crash of native code', { pods: [ended(3, 139)] }, 'crash-loop', 0, /code 139 \(SIGSEGV\)/],
  [
    'crash with its last words',
    { pods: [ended(3, 1, 'Error', 'at main.js:1\nError: DB_URL is not set\n')] },
    'crash-loop',
    0,
    /code 1: DB_URL is not set$/,
  ],
  ['ends with 0', { pods: [ended(3, 0, 'Completed')] }, 'crash-loop', 0, /code 0/],
  ['crashed twice', { pods: [ended(2, 1)] }, 'crash-loop', null, /ended twice/],
  [
    'memory',
    {
      pods: [ended(2, 137, 'OOMKilled')],
      template: { container: { limits: {}, resources: { limits: { memory: '128Mi' } } } },
    },
    'out-of-memory',
    0,
    /killed twice because it used more than its memory limit of 128Mi/,
  ],
  ['memory once', { pods: [ended(1, 137, 'OOMKilled')] }, 'out-of-memory', null, /killed once/],
  [
    'key missing',
    { pods: [waits('CreateContainerConfigError', "couldn't find key DB_URL in ConfigMap shop/app")] },
    'config-missing',
    20,
    /find key DB_URL/,
  ],
  [
    'configmap to mount missing',
    {
      pods: [creating],
      events: [
        {
          reason: 'FailedMount',
          message: 'MountVolume.SetUp failed for volume "c" : configmap "app-config" not found',
          container: '',
        },
      ],
    },
    'config-missing',
    20,
    /configmap "app-config" not found/,
  ],
  [
    'root',
    { pods: [waits('CreateContainerConfigError', 'container has runAsNonRoot and image will run as root')] },
    'cannot-start',
    0,
    /may not run as the user/,
  ],
  [
    'no command',
    {
      pods: [
        waits('CrashLoopBackOff', 'back-off', {
          lastState: {
            terminated: {
              exitCode: 128,
              reason: 'StartError',
              message:
                'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "nope": executable file not found in $PATH: unknown',
            },
          },
        }),
      ],
    },
    'cannot-start',
    0,
    /cannot be started: exec: "nope": executable file not found in \$PATH$/,
  ],
  [
    'Docker too slow',
    {
      pods: [
        waits('RunContainerError', 'context deadline exceeded', {
          lastState: { terminated: { exitCode: 128, reason: 'ContainerCannotRun', message: 'x' } },
        }),
      ],
    },
    'cannot-start',
    20,
    /cannot be started/,
  ],
  [
    'killed by a probe',
    { pods: [{ container: { restartCount: 2 } }, {}], events: [{ ...killing, count: 2 }] },
    'liveness-kills',
    60,
    /killed twice by its liveness probe/,
  ],
  [
    'killed once',
    { pods: [{ unready: true, container: { ready: false, restartCount: 1 } }], events: [killing] },
    'liveness-kills',
    null,
    /killed once/,
  ],
  [
    'no node',
    { pods: [unscheduled('0/3 nodes are available: 3 Insufficient memory.')] },
    'unschedulable',
    60,
    /Insufficient memory/,
  ],
  [
    'a node comes',
    {
      pods: [unscheduled('0/3 nodes are available: 3 Insufficient memory.')],
      events: [{ reason: 'TriggeredScaleUp', message: 'pod triggered scale-up', container: '' }],
    },
    'unschedulable',
    null,
    /a new node was asked for/,
  ],
  [
    'claim missing',
    { pods: [unscheduled('0/1 nodes are available: persistentvolumeclaim "data" not found.')] },
    'claim-missing',
    20,
    /"data" not found/,
  ],
  [
    'claim unbound',
    { pods: [unscheduled('0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.')] },
    'claim-missing',
    null,
    /unbound immediate/,
  ],
  [
    'volume',
    {
      pods: [creating],
      events: [
        {
          reason: 'FailedMount',
          message:
            'MountVolume.MountDevice failed for volume "v" : rpc error: code = Internal desc = mount failed',
          container: '',
        },
      ],
    },
    'volume-failing',
    20,
    /mount failed/,
  ],
  [
    'volume in use',
    {
      pods: [creating],
      events: [
        {
          reason: 'FailedAttachVolume',
          message: 'Multi-Attach error for volume "v" Volume is already used by pod(s) web-old-1',
          container: '',
        },
      ],
    },
    'volume-failing',
    0,
    /Multi-Attach/,
  ],
  [
    'quota',
    {
      pods: [],
      refused:
        'pods "web-1-x" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2',
    },
    'quota-exceeded',
    10,
    /^ReplicaSet web-new cannot create pods: exceeded quota/,
  ],
  [
    'quota wants limits',
    { pods: [], refused: 'pods "web-1-x" is forbidden: failed quota: q: must specify limits.cpu for: web' },
    'quota-exceeded',
    0,
    /must specify/,
  ],
  [
    'limits',
    {
      pods: [],
      refused: 'pods "web-1-x" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
    },
    'limit-range',
    0,
    /maximum cpu usage/,
  ],
  [
    'webhook says no',
    { pods: [], refused: 'admission webhook "policy.example.com" denied the request: no latest tag' },
    'admission-denied',
    2,
    /no latest tag/,
  ],
  [
    'pod security',
    {
      pods: [],
      refused: 'pods "web-1-x" is forbidden: violates PodSecurity "restricted:latest": privileged',
    },
    'admission-denied',
    2,
    /violates PodSecurity/,
  ],
  [
    'webhook down',
    {
      pods: [],
      refused: 'Internal error occurred: failed calling webhook "policy.example.com": no endpoints available',
    },
    'webhook-down',
    60,
    /no endpoints available/,
  ],
  [
    'service account',
    {
      pods: [],
      refused:
        'pods "web-" is forbidden: error looking up service account shop/deployer: serviceaccount "deployer" not found',
    },
    'service-account-missing',
    20,
    /"deployer" not found/,
  ],
  [
    'StatefulSet over quota',
    {
      kind: 'StatefulSet',
      pods: [],
      events: [
        {
          about: { kind: 'StatefulSet', name: 'web', uid: 'web-uid' },
          reason: 'FailedCreate',
          message:
            'create Pod web-0 in StatefulSet web failed error: pods "web-0" is forbidden: exceeded quota: q, requested: cpu=1, used: cpu=2, limited: cpu=2',
        },
      ],
    },
    'quota-exceeded',
    10,
    /^StatefulSet web cannot create pods: exceeded quota: q/,
  ],
  [
    'evicted',
    {
      replicas: 1,
      pods: [bad({ phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory' })],
    },
    'evicted',
    null,
    /given up by node node-1: Evicted/,
  ],
  [
    'readiness',
    {
      pods: [{ unready: true, container: { ready: false } }],
      events: [
        { reason: 'Unhealthy', message: 'Readiness probe failed: HTTP probe failed with statuscode: 503' },
      ],
    },
    'readiness-never',
    null,
    /says no: HTTP 503/,
  ],
  [
    'readiness gate',
    {
      template: { spec: { readinessGates: [{ conditionType: 'lb.example.com/ready' }] } },
      pods: [
        {
          status: {
            conditions: [
              { type: 'Ready', status: 'False' },
              { type: 'ContainersReady', status: 'True' },
            ],
          },
        },
      ],
    },
    'readiness-gate',
    null,
    /waits for readiness gate lb\.example\.com\/ready: nobody has set it/,
  ],
  ['paused', { spec: { paused: true } }, 'paused', 0, /is paused/],
  [
    'partition',
    { kind: 'StatefulSet', spec: { updateStrategy: { rollingUpdate: { partition: 2 } } } },
    'paused',
    0,
    /partition 2/,
  ],
  [
    'on delete',
    { kind: 'DaemonSet', spec: { updateStrategy: { type: 'OnDelete' } } },
    'paused',
    0,
    /OnDelete/,
  ],
  ['no replicas', { replicas: 0 }, 'no-replicas', 0, /0 replicas/],
  ['no node for a DaemonSet', { kind: 'DaemonSet', replicas: 0 }, 'no-replicas', 0, /fits on no node/],
  ['undone', { annotated: false }, 'superseded', 0, /no release of Slipway/],
  ['old pods stay', { old: 1 }, 'old-pods-linger', null, /still has 1 old pod: web-old-1/],
  [
    'own deadline',
    {
      pods: [],
      status: {
        conditions: [
          {
            type: 'Progressing',
            status: 'False',
            reason: 'ProgressDeadlineExceeded',
            message: 'ReplicaSet "web-new" has timed out progressing.',
          },
        ],
      },
    },
    'deadline-exceeded',
    0,
    /has timed out progressing/,
  ],
  [
    'job',
    {
      kind: 'Job',
      pods: [
        {
          status: {
            phase: 'Failed',
            containerStatuses: [{ name: 'web', state: { terminated: { exitCode: 2, reason: 'Error' } } }],
          },
        },
      ],
      status: {
        conditions: [
          {
            type: 'Failed',
            status: 'True',
            reason: 'BackoffLimitExceeded',
            message: 'Job has reached the specified backoff limit',
          },
        ],
      },
    },
    'job-failed',
    0,
    /backoff limit; its last pod ended with code 2$/,
  ],
];

test.each(rows)('%s', (_, of, signature, second, words) => {
  const { judgement } = look(of, every2(200));
  if (judgement.state === 'complete') throw new Error('complete');
  expect(judgement.state).toBe(second === null ? 'progressing' : 'failed');
  expect(judgement.findings[0]).toMatchObject({ signature, what: expect.stringMatching(words) });
  expect(judgement.findings[0]?.remedy).toMatch(/^[A-Z].*\.$/);
  expect(JSON.stringify(judgement)).not.toMatch(/shopuser|dckr_/);
  if (second !== null)
    expect(look(of, every2(Math.max(0, second - 2))).judgement.state).toBe(
      second === 0 ? 'failed' : 'progressing',
    );
});

test('an object that is gone is a failure, and every signature was shown', () => {
  const nothing = { kind: 'List', items: [] };
  const watched = watchedIn(made());
  const { judgement } = judge(snapshotOf(nothing, 0), watched, nothingSeen);
  expect(judgement).toMatchObject({ state: 'failed', findings: [{ signature: 'workload-gone' }] });
  expect(deadline(snapshotOf(nothing, 9), watched, nothingSeen)[0].signature).toBe('workload-gone');
  const shown = new Set(rows.map(([, , signature]) => signature));
  const elsewhere = ['workload-gone', 'init-failing'];
  expect(signatures.filter((one) => !shown.has(one) && !elsewhere.includes(one))).toEqual([]);
});

describe('which pods are judged', () => {
  test('pods of other releases are not', () => {
    const list = made({ old: 1 });
    Object.assign(list.items.at(-1).status.containerStatuses[0], ended(3, 1).container);
    expect(newPods(snapshotOf(list, 0), watchedIn(list)).map(({ name }) => name)).toEqual([
      'web-new-1',
      'web-new-2',
    ]);
    expect(judge(snapshotOf(list, 0), watchedIn(list), nothingSeen).judgement).toMatchObject({
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
    const { judgement } = look({ pods: [ended(3, 1)], status: { observedGeneration: 1 } }, [0]);
    expect(judgement).toMatchObject({ state: 'progressing', findings: [] });
  });

  test('an autoscaler that changes the replicas meanwhile is not in the way', () => {
    const list = made({ replicas: 3 });
    list.items[0].metadata.generation = 5;
    list.items[0].status.observedGeneration = 5;
    expect(
      judge(snapshotOf(list, 0), { ...watchedIn(list), generation: 2 }, nothingSeen).judgement.state,
    ).toBe('complete');
  });

  test('a restored release that Slipway did not make is known by the revision', () => {
    const list = made({ annotated: false, old: 1 });
    for (const { kind, metadata } of list.items) if (kind === 'Pod') metadata.annotations = {};
    const watched = { ...watchedIn(list), release: null };
    expect(newPods(snapshotOf(list, 0), watched)).toHaveLength(2);
  });
});

describe('one bad pod beside good ones', () => {
  const pods = [{}, { ...ended(3, 1), spec: { nodeName: 'node-7', containers: [{ name: 'web' }] } }];

  test('is one bad node for a while, and named so', () => {
    const early = look({ pods }, every2(58)).judgement;
    expect(early).toMatchObject({ state: 'progressing', line: 'web 1/2 new ready' });
    const late = look({ pods }, every2(60)).judgement;
    expect(late).toMatchObject({
      state: 'failed',
      findings: [
        {
          what: 'container web of web-new-2 ended 3 times, last with code 1 (all on node node-7, while 1 other new pod is ready)',
        },
      ],
    });
  });

  test('is enough under strict', () => {
    expect(look({ pods }, [0], { failFast: 'strict' }).judgement.state).toBe('failed');
  });

  test('an image that does not exist is enough', () => {
    expect(look({ pods: [{}, pull('manifest unknown')] }, [0]).judgement.state).toBe('failed');
  });
});

test('the same sign on several pods is one finding', () => {
  const { judgement } = look({ replicas: 3, pods: [ended(3, 1), ended(3, 1), ended(2, 1)] }, [0]);
  expect(judgement).toMatchObject({
    state: 'failed',
    findings: [
      {
        what: 'container web of 3/3 pods ended 3 times, last with code 1',
        subjects: ['web-new-1', 'web-new-2', 'web-new-3'],
      },
    ],
  });
});

test('a sign that goes away and comes back much later starts anew', () => {
  const list = made({ pods: [waits('CreateContainerConfigError', 'secret "x" not found')] });
  const watched = watchedIn(list);
  let { memory } = judge(snapshotOf(list, 0), watched, nothingSeen);
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
  let memory = nothingSeen;
  for (const second of every2(40)) {
    const judged = judge(snapshotOf(list, second), watchedIn(list), memory);
    memory = judged.memory;
    expect(judged.judgement.state).toBe('progressing');
  }
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
    expect(look(of, [0]).judgement.state).toBe(state);
  });
});

test('is never complete with a new pod that is not ready, nor with nothing wanted', () => {
  const bad = fc.constantFrom<Raw>({ unready: true }, ended(1, 1), waits('ContainerCreating'), creating);
  const pod = fc.oneof({ weight: 8, arbitrary: fc.constant<Raw>({}) }, { weight: 1, arbitrary: bad });
  const kind = fc.constantFrom('Deployment' as const, 'StatefulSet' as const, 'DaemonSet' as const);
  const count = fc.nat(4);
  const claimed = fc.record(
    {
      replicas: count,
      updatedReplicas: count,
      readyReplicas: count,
      availableReplicas: count,
      desiredNumberScheduled: count,
      currentNumberScheduled: count,
      updatedNumberScheduled: count,
      numberReady: count,
      numberAvailable: count,
    },
    { requiredKeys: [] },
  );
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
      const { judgement } = judge(snapshot, watchedIn(list), nothingSeen);
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

describe('texts of failed pulls', () => {
  test.each<[string, Signature]>([
    ['reading manifest nope in registry.example.com/web: manifest unknown', 'image-missing'],
    ['name unknown: repository name not known to registry', 'image-missing'],
    [
      'initializing source docker://registry.example.com/web:2: reading manifest 2: requested access to the resource is denied',
      'image-denied',
    ],
    ["pull access denied for web, repository does not exist or may require 'docker login'", 'image-denied'],
    ['unexpected status: 401 Unauthorized', 'image-denied'],
    ['toomanyrequests: You have reached your unauthenticated pull rate limit', 'image-limited'],
    [
      'failed to fetch anonymous token: dial tcp: lookup auth.example.com on 10.0.0.10:53: no such host',
      'image-unreachable',
    ],
    ['tls: failed to verify certificate: x509: certificate signed by unknown authority', 'image-unreachable'],
    ['net/http: TLS handshake timeout', 'image-unreachable'],
    ['no image found in image index for architecture arm64, variant "v8", OS linux', 'wrong-architecture'],
    ['no matching manifest for linux/arm64/v8 in the manifest list entries', 'wrong-architecture'],
    ['received unexpected HTTP status: 502 Bad Gateway', 'image-unreachable'],
    ['', 'image-unreachable'],
  ])('%s', (text, signature) => {
    expect(classifyPull(text, 'registry.example.com/web:2')).toBe(signature);
  });

  test('the name of an image decides nothing', () => {
    const image = 'registry.example.com/denied/403-not-found:429';
    expect(classifyPull(`Head "https://x/403": dial tcp ${image}: connection refused`, image)).toBe(
      'image-unreachable',
    );
  });
});
