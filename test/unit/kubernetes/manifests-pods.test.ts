import { describe, expect, test } from '@jest/globals';
import {
  type LiveNames,
  missingReferences,
  podFromTemplate,
  podReferences,
} from '../../../packages/kubernetes/src/manifests/index.ts';

const workload = (pod: object, more: { kind?: string; spec?: object; metadata?: object } = {}): object => ({
  apiVersion: (more.kind ?? '').endsWith('Job') ? 'batch/v1' : 'apps/v1',
  kind: more.kind ?? 'Deployment',
  metadata: { name: 'backend', ...more.metadata },
  spec: { ...more.spec, template: { metadata: { labels: { app: 'backend' } }, spec: pod } },
});

const pod = {
  serviceAccountName: 'robot',
  imagePullSecrets: [{ name: 'pull' }],
  initContainers: [{ name: 'migrate', envFrom: [{ secretRef: { name: 'app' } }] }],
  containers: [
    {
      name: 'web',
      env: [
        { name: 'A', value: 'plain' },
        { name: 'DB', valueFrom: { secretKeyRef: { name: 'app', key: 'DB_URL' } } },
        { name: 'M', valueFrom: { configMapKeyRef: { name: 'conf', key: 'mode' } } },
        { name: 'O', valueFrom: { secretKeyRef: { name: 'none', key: 'x', optional: true } } },
        { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      ],
      envFrom: [{ configMapRef: { name: 'more' } }, { secretRef: { name: 'none', optional: true } }],
    },
  ],
  volumes: [
    {
      name: 'tls',
      secret: {
        secretName: 'cert',
        items: [
          { key: 'tls.crt', path: 'a' },
          { key: 'tls.key', path: 'b' },
        ],
      },
    },
    { name: 'files', configMap: { name: 'conf' } },
    { name: 'disk', persistentVolumeClaim: { claimName: 'data' } },
    {
      name: 'all',
      projected: {
        sources: [
          { secret: { name: 'cert' } },
          { configMap: { name: 'more', items: [{ key: 'k' }] } },
          { serviceAccountToken: {} },
        ],
      },
    },
    { name: 'tmp', emptyDir: {} },
  ],
};

const keys = (...names: string[]): Set<string> => new Set(names);
const nothing: LiveNames = {
  secrets: new Map(),
  configMaps: new Map(),
  serviceAccounts: keys(),
  claims: keys(),
};

describe('what pods refer to', () => {
  test('every form of reference', () => {
    const { secrets, configMaps, claims, serviceAccounts, pullSecrets } = podReferences(workload(pod));
    const brief = (list: readonly { name: string; key: string | null; from: string }[]): string[] =>
      list.map(
        ({ name, key, from }) => `${from.replace(' of Deployment backend', '')}: ${name} ${key ?? '*'}`,
      );
    expect(brief(secrets)).toEqual([
      'init container migrate: app *',
      'container web: app DB_URL',
      'container web: none x',
      'container web: none *',
      'volume tls: cert tls.crt',
      'volume tls: cert tls.key',
      'volume all: cert *',
    ]);
    expect(brief(configMaps)).toEqual([
      'container web: conf mode',
      'container web: more *',
      'volume files: conf *',
      'volume all: more k',
    ]);
    expect(brief([...claims, ...serviceAccounts, ...pullSecrets])).toEqual([
      'volume disk: data *',
      'the pod: robot *',
      'the pod: pull *',
    ]);
  });

  test('what is missing is one sentence each; optional ones are none', () => {
    const live: LiveNames = {
      secrets: new Map([
        ['app', keys('DATABASE_URL', 'API')],
        ['cert-2', keys('tls.crt')],
      ]),
      configMaps: new Map([['conf', keys('mode')]]),
      serviceAccounts: keys('default'),
      claims: keys(),
    };
    expect(missingReferences(podReferences(workload(pod)), live, [])).toEqual([
      'container web of Deployment backend needs key DB_URL of secret app, whose keys are API, DATABASE_URL',
      'volume tls of Deployment backend needs key tls.crt of secret cert, which does not exist; similar name: cert-2',
      'volume tls of Deployment backend needs key tls.key of secret cert, which does not exist; similar name: cert-2',
      'volume all of Deployment backend needs secret cert, which does not exist; similar name: cert-2',
      'container web of Deployment backend needs config map more, which does not exist',
      'volume all of Deployment backend needs key k of config map more, which does not exist',
      'volume disk of Deployment backend needs volume claim data, which does not exist',
      'the pod of Deployment backend needs service account robot, which does not exist',
    ]);
  });

  test('the release itself provides, and what cannot be looked at is not judged', () => {
    const object = (kind: string, name: string, more = {}): object => ({ kind, metadata: { name }, ...more });
    const provided = [
      object('Secret', 'app', { stringData: { DB_URL: 'x' } }),
      object('Secret', 'cert', { data: { 'tls.crt': 'x', 'tls.key': 'x' } }),
      object('Secret', 'pull'),
      object('ConfigMap', 'conf', { data: { mode: 'x' } }),
      object('ConfigMap', 'more', { binaryData: { k: 'x' } }),
      object('PersistentVolumeClaim', 'data'),
      object('ServiceAccount', 'robot'),
    ];
    const references = podReferences(workload(pod));
    expect(missingReferences(references, nothing, provided)).toEqual([]);
    const blind: LiveNames = { secrets: null, configMaps: null, serviceAccounts: null, claims: null };
    expect(missingReferences(references, blind, [])).toEqual([]);
    expect(
      missingReferences(podReferences(workload({ serviceAccountName: 'default' })), nothing, []),
    ).toEqual([]);
    expect(missingReferences(podReferences({ kind: 'Service' }), nothing, [])).toEqual([]);
  });
});

test.each([
  { kind: 'ExternalSecret', metadata: { name: 'app' } },
  { kind: 'ExternalSecret', metadata: { name: 'x' }, spec: { target: { name: 'app' } } },
  { kind: 'SealedSecret', metadata: { name: 'app' } },
  { kind: 'Certificate', metadata: { name: 'x' }, spec: { secretName: 'app' } },
])('a Secret that a controller will make of $kind is not missed', (made) => {
  const needs = podReferences(workload({ volumes: [{ name: 'v', secret: { secretName: 'app' } }] }));
  expect(missingReferences(needs, nothing, [])).toHaveLength(1);
  expect(missingReferences(needs, nothing, [made])).toEqual([]);
});

describe('a pod from a template', () => {
  test('has labels, spec and a name', () => {
    expect(podFromTemplate(workload({ containers: [] }, { metadata: { namespace: 'n' } }), 'probe')).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'probe', namespace: 'n', labels: { app: 'backend' }, annotations: {} },
      spec: { containers: [], restartPolicy: 'Always' },
    });
  });

  test.each([
    [{}, 'Job', 'Never'],
    [{ restartPolicy: 'OnFailure' }, 'Job', 'OnFailure'],
    [{}, 'StatefulSet', 'Always'],
  ])('%j of a %s has restart policy %s', (spec, kind, policy) =>
    expect(podFromTemplate(workload(spec, { kind }), 'probe').spec).toMatchObject({ restartPolicy: policy }),
  );

  test('a StatefulSet adds volumes for its claims', () => {
    const spec = { volumeClaimTemplates: [{ metadata: { name: 'data' } }] };
    expect(podFromTemplate(workload({}, { kind: 'StatefulSet', spec }), 'db-0').spec).toMatchObject({
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } }],
    });
  });
});
