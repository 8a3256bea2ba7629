import { describe, expect, test } from '@jest/globals';
import {
  blockers,
  type LintOptions,
  lint,
  lintRules,
  type ManifestDocument,
} from '../../../packages/kubernetes/src/manifests/index.ts';
import { readText } from '../../../packages/kubernetes/src/manifests/load.ts';

function read(content: string): ManifestDocument[] {
  const { documents, problems } = readText({ file: 'app.yaml', content }, 'production');
  expect(problems).toEqual([]);
  return documents;
}

const good = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: backend
spec:
  replicas: 3
  minReadySeconds: 5
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: 0
      maxSurge: 1
  selector: {matchLabels: {app: backend}}
  template:
    metadata: {labels: {app: backend, tier: web}}
    spec:
      terminationGracePeriodSeconds: 60
      containers:
      - name: web
        image: app
        ports: [{containerPort: 8080, name: http}]
        readinessProbe: {httpGet: {path: /ready, port: 8080}}
        livenessProbe: {httpGet: {path: /live, port: 8080}}
        lifecycle: {preStop: {sleep: {seconds: 10}}}
      volumes: []
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: backend}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: backend}}}
---
apiVersion: v1
kind: Service
metadata: {name: backend}
spec: {selector: {app: backend}, ports: [{port: 80, targetPort: http}]}
`;

const without = (text: string, ...parts: string[]): string =>
  parts.reduce((rest, part) => {
    expect(rest).toContain(part);
    return rest.replace(part, '');
  }, text);
const replaced = (from: string, to: string, text = good): string => {
  expect(text).toContain(from);
  return text.replace(from, to);
};
const claim = (mode: string): object => ({
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data' },
  spec: { accessModes: [mode] },
});
const hpa = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  spec: { minReplicas: 2, scaleTargetRef: { kind: 'Deployment', name: 'backend' } },
};

const rolling = `  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: 0
      maxSurge: 1
`;
const readiness = '        readinessProbe: {httpGet: {path: /ready, port: 8080}}\n';
const budget = `apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: backend}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: backend}}}
---
`;
const volume = replaced('volumes: []', 'volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]');

test('manifests that are ready have no finding', () => {
  expect(lint(read(good))).toEqual([]);
});

describe('each rule alone', () => {
  const cases: [rule: string, text: string, line: number, add: string, options?: LintOptions][] = [
    [
      'readiness-probe',
      without(good, readiness),
      19,
      'readinessProbe: {httpGet: {path: /health, port: 8080}, periodSeconds: 5}',
    ],
    ['liveness-equals-readiness', replaced('/live', '/ready'), 23, 'failureThreshold: 9'],
    [
      'pre-stop',
      without(good, '        lifecycle: {preStop: {sleep: {seconds: 10}}}\n'),
      19,
      'lifecycle: {preStop: {sleep: {seconds: 10}}}',
    ],
    [
      'pre-stop',
      without(good, '        lifecycle: {preStop: {sleep: {seconds: 10}}}\n'),
      19,
      'lifecycle: {preStop: {exec: {command: [sleep, "10"]}}}',
      { server: 29 },
    ],
    ['grace-period', replaced('Seconds: 60', 'Seconds: 10'), 17, 'terminationGracePeriodSeconds: 40'],
    [
      'grace-period',
      replaced('sleep: {seconds: 10}', 'exec: {command: [sh, -c, "sleep 90 && true"]}'),
      17,
      'terminationGracePeriodSeconds: 120',
    ],
    ['max-unavailable', replaced('maxUnavailable: 0', 'maxUnavailable: 3'), 11, 'maxUnavailable: 0'],
    ['max-unavailable', replaced('maxUnavailable: 0', 'maxUnavailable: 100%'), 11, 'maxUnavailable: 0'],
    [
      'strategy-recreate',
      replaced(rolling, '  strategy: {type: Recreate}\n'),
      8,
      'strategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}',
    ],
    [
      'max-surge',
      replaced('maxUnavailable: 0\n      maxSurge: 1', 'maxUnavailable: 1\n      maxSurge: 0'),
      12,
      'maxSurge: 1',
    ],
    ['min-ready-seconds', without(good, '  minReadySeconds: 5\n'), 6, 'minReadySeconds: 5'],
    ['single-replica', replaced('replicas: 3', 'replicas: 1', without(good, budget)), 6, 'replicas: 2'],
    [
      'disruption-budget',
      without(good, budget),
      1,
      '{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: backend}, spec: {maxUnavailable: 1, selector: {matchLabels: {app: backend}}}}',
    ],
    [
      'budget-blocks-drains',
      replaced('{maxUnavailable: 1, s', '{minAvailable: 3, s'),
      30,
      'maxUnavailable: 1',
    ],
    [
      'budget-blocks-drains',
      replaced('{maxUnavailable: 1, s', '{minAvailable: 90%, s'),
      30,
      'maxUnavailable: 1',
    ],
    [
      'budget-blocks-drains',
      replaced('{maxUnavailable: 1, s', '{maxUnavailable: 0, s'),
      30,
      'maxUnavailable: 1',
    ],
    ['exclusive-volume', volume, 25, 'accessModes: [ReadWriteMany]', { live: [claim('ReadWriteOnce')] }],
    [
      'host-port',
      replaced('containerPort: 8080,', 'containerPort: 8080, hostPort: 80,'),
      21,
      '# no hostPort, no hostNetwork; a Service routes to the pods',
    ],
    [
      'host-port',
      replaced('volumes: []', 'hostNetwork: true'),
      21,
      '# no hostPort, no hostNetwork; a Service routes to the pods',
    ],
    [
      'revision-history',
      replaced('  replicas: 3', '  replicas: 3\n  revisionHistoryLimit: 1'),
      7,
      'revisionHistoryLimit: 10',
    ],
    ['replicas-with-autoscaler', good, 6, '# no replicas: the autoscaler chooses them', { live: [hpa] }],
  ];
  test.each(cases)('%s is found', (...row) => {
    const [rule, text, line, add, options] = row;
    const expected = {
      workload: 'Deployment/backend',
      file: 'app.yaml',
      rule,
      add,
      line,
      message: expect.any(String),
    };
    expect(lint(read(text), options)).toEqual([expected]);
  });

  test('every rule has a case', () => {
    expect(new Set(cases.map(([rule]) => rule))).toEqual(new Set(lintRules));
  });
});

describe('what is fine stays unmentioned', () => {
  const fine: [string, string, LintOptions?][] = [
    [
      'liveness with a longer budget',
      replaced(
        'livenessProbe: {httpGet: {path: /live,',
        'livenessProbe: {failureThreshold: 9, httpGet: {path: /ready,',
      ),
    ],
    ['a surge by default', without(good, rolling)],
    ['25% of 3', replaced('maxUnavailable: 0', 'maxUnavailable: 25%')],
    ['a volume for many', volume, { live: [claim('ReadWriteMany')] }],
    ['an exclusive volume with no rolling update of a worker', without(volume, rolling), { live: [] }],
    [
      'a live budget',
      without(good, budget),
      { live: [{ kind: 'PodDisruptionBudget', spec: { maxUnavailable: 1, selector: {} } }] },
    ],
    ['no replicas next to an autoscaler', without(good, '  replicas: 3\n'), { live: [hpa] }],
    [
      'a sidecar that no Service leads to',
      replaced(
        '      volumes: []',
        '      - {name: exporter, ports: [{containerPort: 9100}]}\n      volumes: []',
      ),
    ],
  ];
  test.each(fine)('%s', (...row) => expect(lint(read(row[1]), row[2])).toEqual([]));
});

test('one replica may not go away, in whatever words', () => {
  const alone = (setting: string): string =>
    replaced(
      rolling,
      `  strategy: {rollingUpdate: ${setting}}\n`,
      replaced('replicas: 3', 'replicas: 1', without(good, budget)),
    );
  const rules = (setting: string): string[] => lint(read(alone(setting))).map(({ rule }) => rule);
  expect(rules('{maxUnavailable: 1}')).toEqual(['max-unavailable', 'single-replica']);
  expect(rules('{maxUnavailable: 25%}')).toEqual(['single-replica']);
  // Kubernetes makes 1 of what rounds to 0 when there is no surge either.
  expect(rules('{maxSurge: 0}')).toEqual(['max-unavailable', 'max-surge', 'single-replica']);
});

test('a worker without traffic is asked nothing about traffic', () => {
  const [document] = read(good);
  const worker = without(
    good,
    budget,
    readiness,
    '  minReadySeconds: 5\n',
    '        ports: [{containerPort: 8080, name: http}]\n',
  );
  expect(lint(read(worker.split('---')[0] ?? ''))).toEqual([]);
  expect(lint(read(worker)).map(({ rule }) => rule)).toEqual([
    'readiness-probe',
    'min-ready-seconds',
    'disruption-budget',
  ]);
  expect(document?.kind).toBe('Deployment');
});

describe('what could never be rolled out', () => {
  const spec = (kind: string, text: string): ManifestDocument =>
    read(
      `apiVersion: ${kind === 'Job' ? 'batch' : 'apps'}/v1\nkind: ${kind}\nmetadata: {name: x}\nspec:\n  ${text}\n`,
    )[0] as ManifestDocument;
  test.each([
    ['Deployment', 'replicas: 0', 'app.yaml:5: Deployment/x has replicas: 0'],
    ['StatefulSet', 'replicas: 0', 'app.yaml:5: StatefulSet/x has replicas: 0'],
    ['Deployment', 'paused: true', 'app.yaml:5: Deployment/x has paused: true'],
    ['Job', 'suspend: true', 'app.yaml:5: Job/x has suspend: true'],
    ['DaemonSet', 'updateStrategy: {type: OnDelete}', 'OnDelete'],
    ['StatefulSet', 'updateStrategy: {rollingUpdate: {partition: 2}}', 'partition: 2'],
    ['Job', 'ttlSecondsAfterFinished: 0', 'ttlSecondsAfterFinished: 0'],
  ])('%s %s', (kind, text, words) =>
    expect(blockers(spec(kind, text))).toEqual([expect.stringContaining(words)]),
  );
  test.each([
    ['Deployment', 'replicas: 1'],
    ['Deployment', 'paused: false'],
    ['Job', 'replicas: 0'],
    ['Job', 'ttlSecondsAfterFinished: 300'],
    ['StatefulSet', 'updateStrategy: {rollingUpdate: {partition: 0}}'],
  ])('%s %s is fine', (kind, text) => expect(blockers(spec(kind, text))).toEqual([]));
});
