import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { UserError } from '../../../packages/kernel/src/index.ts';
import {
  autoscaled,
  formatManifest,
  type ManifestDocument,
  matchImages,
  type ServiceImage,
  setImages,
  stampTemplate,
  withoutReplicas,
} from '../../../packages/kubernetes/src/manifests/index.ts';
import { readText } from '../../../packages/kubernetes/src/manifests/load.ts';
import { repositoryKey } from '../../../packages/kubernetes/src/manifests/repository.ts';

const digest = `sha256:${'a'.repeat(64)}`;

function read(content: string): ManifestDocument[] {
  const { documents, problems } = readText({ file: 'app.yaml', content }, 'production');
  expect(problems).toEqual([]);
  return documents;
}

function workload(image: string, { name = 'backend', kind = 'Deployment', container = 'web' } = {}): string {
  const group = kind.endsWith('Job') ? 'batch' : 'apps';
  const template = `template: {spec: {initContainers: [{name: init, image: busybox}], containers: [{name: ${container}, image: "${image}"}]}}`;
  const spec = kind === 'CronJob' ? `jobTemplate: {spec: {${template}}}` : template;
  return `apiVersion: ${group}/v1\nkind: ${kind}\nmetadata: {name: ${name}}\nspec: {${spec}}\n`;
}

function service(repository: string, more: Partial<ServiceImage> = {}): ServiceImage {
  return { service: 'backend', image: { repository, tag: null, digest }, ...more };
}

const set = (content: string, ...images: ServiceImage[]): ReturnType<typeof setImages> =>
  setImages(read(content), images);

const layout = `# The backend
apiVersion: apps/v1
kind: Deployment # of the API
metadata:
  name: backend
  labels: {app: backend, "quoted": 'single'}

spec:
  replicas: 3
  template:
    metadata:
      annotations: {}
    spec:
      initContainers:
      - name: migrate
        image: "registry.example.com:5000/team/backend:1.9" # same image
      containers:
      # traffic
      - name: web
        image: registry.example.com:5000/team/backend:1.9   # set by the release
        args: ["--a", '--b']
        env:
        - name: LONG
          value: a value that is so long that a writer would fold it after eighty columns if it were left to do so
        - name: TEXT
          value: |
            two
              lines
      - name: proxy
        image: envoy:1
`;

test('only the image lines change; comments, order, quotes and layout survive', () => {
  const { documents, matched } = set(layout, service('registry.example.com:5000/team/backend'));
  const after = formatManifest(documents[0] as ManifestDocument).split('\n');
  const before = layout.split('\n');
  expect(after).toHaveLength(before.length);
  const changed = before.flatMap((line, index) => (line === after[index] ? [] : [after[index]]));
  expect(changed).toEqual([
    `        image: "registry.example.com:5000/team/backend@${digest}" # same image`,
    `        image: registry.example.com:5000/team/backend@${digest} # set by the release`,
  ]);
  expect(matched.get('backend')).toEqual([
    { workload: 'Deployment/backend', container: 'migrate', init: true },
    { workload: 'Deployment/backend', container: 'web', init: false },
  ]);
});

test('what is read and written without a change is the same text', () => {
  expect(formatManifest(read(layout)[0] as ManifestDocument)).toBe(layout.replace('   # set', ' # set'));
});

describe('an image is matched by its repository', () => {
  const near = 'registry.example.com/app';
  test.each<[string, string, boolean]>([
    ['nginx', 'docker.io/library/nginx', true],
    ['nginx:1.27', 'index.docker.io/nginx', true],
    ['library/nginx', 'nginx', true],
    ['team/app:2', 'docker.io/team/app', true],
    [`${near}:1`, near, true],
    [`${near}:1@${digest}`, near, true],
    ['registry.example.com:5000/app', 'registry.example.com:5000/app', true],
    ['registry.example.com:5000/app:1', 'registry.example.com/app', false],
    ['registry.example.com:5000/app:1', 'registry.example.com:5001/app', false],
    ['localhost/app:1', 'localhost/app', true],
    ['localhost/app:1', 'docker.io/localhost/app', false],
    [`${near}-worker`, near, false],
    [`${near}/worker`, near, false],
    ['IMAGE_PLACEHOLDER', near, false],
  ])('%s by %s: %s', (image, repository, fits) => {
    const run = (): unknown => set(workload(image), service(repository)).matched.get('backend');
    if (fits) expect(run()).toHaveLength(1);
    else expect(run).toThrow(`no container in the manifests has an image of ${repository}; nearest: `);
  });

  test('whatever host, port, path, tag and digest: the repository alone decides', () => {
    const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    const host = fc.constantFrom('docker.io/', 'a.example:5000/', 'b.example/', 'localhost:5000/');
    const reference = fc.record({
      repository: fc.tuple(host, word, word).map(([at, a, b]) => `${at}${a}/${b}`),
      tag: fc.constantFrom('', ':1.2', ':latest'),
      digest: fc.constantFrom('', `@${digest}`),
    });
    fc.assert(
      fc.property(reference, ({ repository, tag, digest: by }) => {
        const { documents } = set(workload(`${repository}${tag}${by}`), service(repository));
        expect(JSON.stringify(documents[0]?.object)).toContain(`"${repository}@${digest}"`);
        expect(repositoryKey(repositoryKey(repository))).toBe(repositoryKey(repository));
      }),
    );
  });
});

test.each(['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'])('%s has its image set', (kind) => {
  const { documents, matched } = set(workload('app:1', { kind }), service('app'));
  expect(JSON.stringify(documents[0]?.object)).toContain(`app@${digest}`);
  expect(matched.get('backend')).toEqual([{ workload: `${kind}/backend`, container: 'web', init: false }]);
});

test('named containers are set whatever they run, in the named workloads only', () => {
  const two = `${workload('PLACEHOLDER')}---\n${workload('other', { name: 'worker' })}`;
  const more = { workloads: ['Deployment/worker'], containers: ['web', 'init'] };
  expect(set(two, service('app', more)).matched.get('backend')).toEqual([
    { workload: 'Deployment/worker', container: 'web', init: false },
    { workload: 'Deployment/worker', container: 'init', init: true },
  ]);
});

test('a name that several workloads use is decided by the repository', () => {
  const two = `${workload('app:1')}---\n${workload('redis', { name: 'cache' })}`;
  expect(set(two, service('app', { containers: ['web'] })).matched.get('backend')).toHaveLength(1);
  expect(() => set(two, service('new', { containers: ['web'] }))).toThrow(
    'which Deployment/backend and Deployment/cache have; name one in services.backend.workloads',
  );
});

test.each<[string, ServiceImage[], string]>([
  [
    'an unknown workload',
    [service('app', { workloads: ['Deployment/x'] })],
    'names Deployment/x, but the manifests have Deployment/backend',
  ],
  [
    'an unknown container',
    [service('app', { containers: ['x'] })],
    'names "x", but the manifests have init, web',
  ],
  [
    'no match',
    [service('r.example/application')],
    'nearest: app:1 (Deployment/backend, container web, app.yaml:4)',
  ],
  [
    'two services for one container',
    [service('app'), service('docker.io/library/app', { service: 'frontend' })],
    'app.yaml:4: container web of Deployment/backend matches both service "backend" and service "frontend"',
  ],
])('refused: %s', (_, images, words) => {
  expect(() => set(workload('app:1'), ...images)).toThrow(UserError);
  expect(() => set(workload('app:1'), ...images)).toThrow(words);
});

test('the documents given are left as they were, also with anchors', () => {
  const shared = 'x: &web {name: web, image: app:1}\n';
  const text = `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n${shared}spec: {template: {spec: {containers: [*web]}}}\n`;
  const documents = read(text);
  const before = JSON.stringify(documents[0]?.object);
  const after = setImages(documents, [service('app')]).documents[0]?.object;
  expect(JSON.stringify(documents[0]?.object)).toBe(before);
  expect(after?.x).toEqual({ name: 'web', image: 'app:1' });
  expect(JSON.stringify(after?.spec)).toContain(digest);
});

test.each([
  ['no annotations', 'metadata: {name: a}'],
  ['a null for annotations', 'metadata:\n  name: a\n  annotations:'],
  ['others', 'metadata: {name: a, annotations: {b: c}}'],
])('the stamp is on the object and on the template: %s', (_, metadata) => {
  const text = `apiVersion: apps/v1\nkind: Deployment\n${metadata}\nspec:\n  template:\n    metadata:\n    spec: {}\n`;
  const stamped = stampTemplate(read(text)[0] as ManifestDocument, '1.10');
  expect(stamped.object.metadata.annotations).toMatchObject({ 'slipway.dev/release': '1.10' });
  expect(stamped.object.spec).toMatchObject({
    template: { metadata: { annotations: { 'slipway.dev/release': '1.10' } } },
  });
  expect(read(formatManifest(stamped))[0]?.object).toEqual(stamped.object);
});

test('what an autoscaler targets loses its replicas', () => {
  const hpa = (version: string, name: string): object => ({
    apiVersion: `autoscaling/${version}`,
    kind: 'HorizontalPodAutoscaler',
    spec: { scaleTargetRef: { kind: 'Deployment', name } },
  });
  const keda = `apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: k}\nspec: {scaleTargetRef: {name: queue}}\n`;
  const live = [hpa('v1', 'a'), hpa('v2', 'b'), hpa('v2beta2', 'c'), { kind: 'Service', spec: {} }];
  expect([...autoscaled(read(keda), live)].sort()).toEqual(
    ['a', 'b', 'c', 'queue'].map((name) => `Deployment/${name}`),
  );
  const [document] = read(layout) as [ManifestDocument];
  expect(formatManifest(withoutReplicas(document))).toBe(
    formatManifest(document).replace('  replicas: 3\n', ''),
  );
  expect(withoutReplicas(withoutReplicas(document)).object.spec).not.toHaveProperty('replicas');
});

test('live objects are those of a service by their images, and a service without any has none', () => {
  const images = [service('r.example.com/api'), service('r.example.com/gone', { service: 'gone' })];
  const live = [
    ...read(workload('r.example.com/api:1')),
    ...read(workload('r.example.com/other:1', { name: 'other' })),
  ].map(({ object }) => object);
  expect(matchImages(live, images)).toEqual(
    new Map([
      [
        'backend',
        [expect.objectContaining({ workload: 'Deployment/backend', container: 'web', init: false })],
      ],
      ['gone', []],
    ]),
  );
});
