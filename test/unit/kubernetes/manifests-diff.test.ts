import { describe, expect, test } from '@jest/globals';
import { Redactor } from '@slipway/kernel';
import * as fc from 'fast-check';
import {
  describeDiff,
  diffObject,
  storedForm,
  thirdPartyOwner,
} from '../../../packages/kubernetes/src/manifests/index.ts';

const stepSecret = 'Kw82mXpQzR4tY9';
const redactor = new Redactor();
redactor.add(stepSecret);

const deployment = (container: object, more: object = {}): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'backend' },
  spec: { template: { spec: { containers: [{ name: 'web', ...container }] } } },
  ...more,
});
const said = (live: object | null, desired: object): string[] =>
  diffObject(live, desired, redactor).map(({ text }) => text);

describe('differences are listed by path', () => {
  const web = 'spec.template.spec.containers[web]';
  test.each<[string, object, object, string[]]>([
    ['an image', { image: 'a:1' }, { image: 'a:2' }, [`${web}.image: a:1 -> a:2`]],
    [
      'an image that ends in a word for secrets',
      { image: 'token:1' },
      { image: 'token:2' },
      [`${web}.image: token:1 -> token:2`],
    ],
    ['nothing', { image: 'a', ports: [] }, { image: 'a', ports: [] }, []],
    ['something new', {}, { tty: true }, [`${web}.tty: true (new)`]],
    ['something gone', { tty: false }, {}, [`${web}.tty: false (removed)`]],
    [
      'an empty mapping that gets content',
      { resources: {} },
      { resources: { limits: { cpu: '1' } } },
      [`${web}.resources.limits.cpu: 1 (new)`],
    ],
    [
      'variables in another order',
      {
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
        ],
      },
      {
        env: [
          { name: 'B', value: '2' },
          { name: 'A', value: '3' },
        ],
      },
      [`${web}.env[A].value: 1 -> 3`],
    ],
    [
      'a port',
      { ports: [{ containerPort: 80, protocol: 'TCP' }] },
      { ports: [{ containerPort: 81, protocol: 'TCP' }] },
      [
        `${web}.ports[81/TCP].containerPort: 81 (new)`,
        `${web}.ports[81/TCP].protocol: TCP (new)`,
        `${web}.ports[80/TCP].containerPort: 80 (removed)`,
        `${web}.ports[80/TCP].protocol: TCP (removed)`,
      ],
    ],
    ['an argument', { args: ['a', 'b'] }, { args: ['a', 'c'] }, [`${web}.args[1]: b -> c`]],
    ['a text of lines', { x: 'a\nb\n' }, { x: 'a\nc\n' }, [`${web}.x: (2 lines) (changed)`]],
    ['an emptied text', { x: 'a' }, { x: '' }, [`${web}.x: a -> ""`]],
    [
      'the name of a secret',
      { s: { secretName: 'a' } },
      { s: { secretName: 'b' } },
      [`${web}.s.secretName: a -> b`],
    ],
  ])('%s', (_, before, after, lines) => expect(said(deployment(before), deployment(after))).toEqual(lines));

  test('what only the server writes is not a difference', () => {
    const server = {
      metadata: {
        name: 'backend',
        uid: 'u',
        resourceVersion: '1',
        generation: 3,
        creationTimestamp: 't',
        selfLink: 's',
        managedFields: [{}],
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
      },
      status: { replicas: 1 },
    };
    expect(said(deployment({}, server), deployment({}))).toEqual([]);
  });

  test('the whole, with a limit per object', () => {
    const many = Object.fromEntries([...'abcde'].map((key) => [key, key]));
    const object = { kind: 'ConfigMap', metadata: { name: 'app' } };
    const objects = [
      { live: deployment({ image: 'a:1' }), desired: deployment({ image: 'a:2' }) },
      { live: null, desired: object },
      { live: object, desired: object },
      { live: object, desired: { ...object, data: many } },
    ];
    expect(describeDiff(objects, redactor, 2)).toEqual([
      '~ Deployment/backend',
      '    spec.template.spec.containers[web].image: a:1 -> a:2',
      '+ ConfigMap/app (new)',
      '= ConfigMap/app (unchanged)',
      '~ ConfigMap/app',
      '    data.a: a (new)',
      '    data.b: b (new)',
      '    … and 3 more',
    ]);
  });
});

describe('a secret is never shown', () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9]{12,30}$/);
  const map = (data: object): object => ({ kind: 'ConfigMap', metadata: { name: 'a' }, data });
  const annotated = (kind: string, annotations: object): object => ({
    kind,
    metadata: { name: 'a', annotations },
  });
  const locations: [string, (value: string) => object][] = [
    ['data of a Secret', (value) => ({ kind: 'Secret', metadata: { name: 'a' }, data: { A: value } })],
    [
      'stringData of a Secret',
      (value) => ({ kind: 'Secret', metadata: { name: 'a' }, stringData: { 'a.b': value } }),
    ],
    ['an annotation of a Secret', (value) => annotated('Secret', { copy: value })],
    ['an annotation by its name', (value) => annotated('Service', { 'x/api-token': value })],
    [
      'the copy that kubectl keeps',
      (value) => annotated('Secret', { 'kubectl.kubernetes.io/last-applied-configuration': value }),
    ],
    ['a variable by its name', (value) => deployment({ env: [{ name: 'DB_PASSWORD', value }] })],
    [
      'a variable that is set twice',
      (value) =>
        deployment({
          env: [
            { name: 'API_KEY', value },
            { name: 'API_KEY', value },
          ],
        }),
    ],
    [
      'a login in an address',
      (value) => deployment({ env: [{ name: 'DB_URL', value: `postgres://app:${value}@db/app` }] }),
    ],
    ['an argument', (value) => deployment({ args: [`--token=${value}`] })],
    ['the argument after an option', (value) => deployment({ args: ['--db-password', value] })],
    ['a command in one text', (value) => deployment({ command: ['sh', '-c', `run --secret ${value}`] })],
    [
      'a header',
      (value) =>
        deployment({ readinessProbe: { httpGet: { httpHeaders: [{ name: 'Authorization', value }] } } }),
    ],
    ['an entry of a ConfigMap', (value) => map({ dbPassword: value })],
    ['a file in a ConfigMap', (value) => map({ 'app.ini': `a=1\nword ${value}\n` })],
    ['JSON in a ConfigMap', (value) => map({ 'app.json': `{"password":"${value}"}` })],
    [
      'a field of some resource',
      (value) => ({ kind: 'Database', metadata: { name: 'a' }, spec: { password: value } }),
    ],
    ['a bearer token', (value) => map({ header: `Bearer ${value}` })],
  ];
  test.each(locations)('%s', (_, object) => {
    fc.assert(
      fc.property(secret, secret, (before, after) => {
        fc.pre(before !== after);
        const empty = { kind: 'Secret', metadata: { name: 'a' } };
        const pairs = [
          [object(before), object(after)],
          [object(before), empty],
          [empty, object(after)],
        ] as const;
        for (const [live, desired] of pairs) {
          const shown = JSON.stringify([
            diffObject(live, desired, redactor),
            describeDiff([{ live, desired }], redactor),
          ]);
          expect(shown).not.toContain(before);
          expect(shown).not.toContain(after);
        }
      }),
      { numRuns: 25 },
    );
  });

  test('also when a long value is cut in the middle of a secret of the step', () => {
    const long = (end: string): object => deployment({ args: [`${'-'.repeat(150)}${stepSecret}${end}`] });
    expect(said(long('a'), long('b')).join()).not.toMatch(/Kw8/);
    expect(said(long('a'), long('b')).join()).toMatch(/-\*\*\*b \(165 characters\)$/);
  });

  test('but that it changes is', () => {
    const object = (value: string): object => deployment({ env: [{ name: 'DB_PASSWORD', value }] });
    expect(said(object('a'), object('b'))).toEqual([
      'spec.template.spec.containers[web].env[DB_PASSWORD].value: (secret changed)',
    ]);
  });
});

describe('the form to keep', () => {
  test('is what the author wrote', () => {
    const live = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: 'a',
        namespace: 'n',
        uid: 'u',
        resourceVersion: '1',
        generation: 1,
        creationTimestamp: 't',
        managedFields: [],
        selfLink: 's',
        labels: { app: 'a' },
        annotations: { 'deployment.kubernetes.io/revision': '3', mine: 'x' },
      },
      spec: {
        replicas: 2,
        template: { metadata: { creationTimestamp: null, labels: { app: 'a' } }, spec: {} },
      },
      status: { replicas: 2 },
    };
    expect(storedForm(live)).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'a', namespace: 'n', labels: { app: 'a' }, annotations: { mine: 'x' } },
      spec: { replicas: 2, template: { metadata: { labels: { app: 'a' } }, spec: {} } },
    });
    expect(live.status).toEqual({ replicas: 2 });
    expect(storedForm(storedForm(live))).toEqual(storedForm(live));
  });

  test('a Job loses what was derived from its uid, unless its author chose it', () => {
    const labels = { app: 'a', 'controller-uid': 'u', 'batch.kubernetes.io/job-name': 'j' };
    const job = (more: object): object => ({
      kind: 'Job',
      metadata: { name: 'j' },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels } }, ...more },
    });
    expect(storedForm(job({})).spec).toEqual({ template: { metadata: { labels: { app: 'a' } } } });
    expect(storedForm(job({ manualSelector: true })).spec).toMatchObject({
      selector: { matchLabels: labels },
    });
  });
});

describe('objects of other tools', () => {
  test.each<[object, string | null]>([
    [{ labels: { 'argocd.argoproj.io/instance': 'shop' } }, 'Argo CD shop: argocd app rollback shop'],
    [
      { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:prod/a' } },
      'Argo CD shop: argocd app rollback shop',
    ],
    [
      {
        labels: {
          'kustomize.toolkit.fluxcd.io/name': 'apps',
          'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
        },
      },
      'Flux apps: git revert, then flux reconcile kustomization apps --namespace flux-system --with-source',
    ],
    [
      {
        labels: { 'helm.toolkit.fluxcd.io/name': 'web', 'app.kubernetes.io/managed-by': 'Helm' },
        annotations: { 'meta.helm.sh/release-name': 'web' },
      },
      'Flux web: git revert, then flux reconcile helmrelease web --with-source',
    ],
    [
      {
        labels: { 'app.kubernetes.io/managed-by': 'Helm' },
        annotations: { 'meta.helm.sh/release-name': 'web', 'meta.helm.sh/release-namespace': 'prod' },
      },
      'Helm web: helm rollback web --namespace prod',
    ],
    [{ labels: { 'app.kubernetes.io/managed-by': 'Helm' } }, null],
    [
      { ownerReferences: [{ kind: 'Kafka', name: 'main', controller: true }] },
      'Kafka main: kubectl edit kafka main',
    ],
    [{ ownerReferences: [{ kind: 'Kafka', name: 'main' }] }, null],
    [{}, null],
  ])('%j', (metadata, words) => {
    const owner = thirdPartyOwner({ kind: 'Deployment', metadata: { name: 'a', ...metadata } });
    expect(owner && `${owner.tool} ${owner.name}: ${owner.command}`).toBe(words);
  });
});
