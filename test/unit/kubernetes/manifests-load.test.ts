import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { UserError } from '../../../packages/kernel/src/index.ts';
import {
  applyOrder,
  type LoadManifests,
  loadManifests,
  type ManifestDocument,
} from '../../../packages/kubernetes/src/manifests/index.ts';

let workspace = '';
beforeEach(() => {
  workspace = mkdtempSync(path.join(tmpdir(), 'manifests-'));
});
afterEach(() => rmSync(workspace, { recursive: true }));

function write(files: Record<string, string>): void {
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(workspace, file)), { recursive: true });
    writeFileSync(path.join(workspace, file), content);
  }
}

const noKustomize: LoadManifests['kustomize'] = () => Promise.reject(new Error('not asked for'));
const load = (
  paths: string[],
  kustomize: (directory: string) => Promise<string> = noKustomize,
): Promise<ManifestDocument[]> => loadManifests({ paths, workspace, namespace: 'production', kustomize });
const config = (name: string, more = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${more}`;
const titles = (documents: readonly ManifestDocument[]): string[] =>
  documents.map(({ kind, name, file, line }) => `${kind}/${name} ${file}:${line}`);

test('files and folders, several documents in one, in the order of paths and names', async () => {
  write({
    'k8s/b.yml': `# one\n---\n${config('b')}---\n# nothing here\n---\n${config('c')}`,
    'k8s/a/deep.json': `{\n\t"apiVersion": "v1",\n\t"kind": "ConfigMap",\n\t"metadata": {"name": "a"}\n}\n`,
    'k8s/README.md': 'no manifest',
    'k8s/.hidden.yaml': 'no: manifest',
    'first.yaml': config('z'),
  });
  expect(titles(await load(['first.yaml', 'k8s/', 'k8s/b.yml']))).toEqual([
    'ConfigMap/z first.yaml:1',
    'ConfigMap/a k8s/a/deep.json:1',
    'ConfigMap/b k8s/b.yml:3',
    'ConfigMap/c k8s/b.yml:10',
  ]);
});

test('a List is its items, each at its own line', async () => {
  const items = ['a', 'b'].map((name) => `- apiVersion: v1\n  kind: Service\n  metadata: {name: ${name}}\n`);
  write({ 'all.yaml': `apiVersion: v1\nkind: List\nitems:\n${items.join('')}` });
  expect(titles(await load(['all.yaml']))).toEqual(['Service/a all.yaml:4', 'Service/b all.yaml:7']);
});

test('a kustomize directory is rendered by kustomize', async () => {
  write({ 'overlays/prod/kustomization.yaml': 'resources: [../../base]' });
  const asked: string[] = [];
  const documents = await load(['overlays/prod/'], async (directory) => {
    asked.push(path.relative(workspace, directory));
    return config('rendered');
  });
  expect(asked).toEqual(['overlays/prod']);
  expect(titles(documents)).toEqual(['ConfigMap/rendered overlays/prod (kustomize):1']);
});

test('values mean what they mean to kubectl: YAML 1.1 without times', async () => {
  write({
    'a.yaml': config('a', 'x: {mode: 0644, on: yes, at: 12:30, day: 2026-01-31, sha: 0x1F, text: "yes"}\n'),
  });
  const [document] = await load(['a.yaml']);
  expect(document?.object.x).toEqual({
    mode: 420,
    // `on` is true as a key as well.
    true: true,
    at: '12:30',
    day: '2026-01-31',
    sha: 31,
    text: 'yes',
  });
});

test('anchors and merges are resolved', async () => {
  write({ 'a.yaml': config('a', 'base: &base {x: 1}\nmore: {<<: *base, z: 2}\n') });
  const [document] = await load(['a.yaml']);
  expect(document?.object.more).toEqual({ x: 1, z: 2 });
});

describe('what is wrong is reported with its location', () => {
  const refusals: [string, Record<string, string>, string[], string[]][] = [
    ['no such path', {}, ['k8s/'], ['k8s:1: no such file or folder in the checkout']],
    ['an empty folder', { 'k8s/x.txt': '' }, ['k8s'], ['k8s:1: expected *.yaml, *.yml or *.json']],
    [
      'only empty documents',
      { 'a.yaml': '# x\n---\n---\n' },
      ['a.yaml'],
      ['a.yaml: expected Kubernetes objects'],
    ],
    ['an empty file', { 'a.yaml': '' }, ['a.yaml'], ['a.yaml: expected Kubernetes objects, found none']],
    ['broken YAML', { 'a.yaml': 'a: 1\nb: [1\n' }, ['a.yaml'], ['a.yaml:3: expected valid YAML, found:']],
    ['a key twice', { 'a.yaml': 'a: 1\na: 2\n' }, ['a.yaml'], ['a.yaml:2: expected each key once']],
    ['a list', { 'a.yaml': '- a\n' }, ['a.yaml'], ['a.yaml:1: expected a Kubernetes object', 'found a list']],
    [
      'no object',
      { 'a.yaml': '\nkind: Pod\n' },
      ['a.yaml'],
      ['a.yaml:2: ', 'found no apiVersion, no metadata.name'],
    ],
    [
      'a generated name',
      { 'a.yaml': 'apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: m-}\n' },
      ['a.yaml'],
      ['a.yaml:1: metadata.generateName "m-": every release would create another object'],
    ],
    [
      'an object twice',
      { 'a.yaml': config('a'), 'b.yaml': `---\n${config('a', '  namespace: production\n')}` },
      ['a.yaml', 'b.yaml'],
      ['b.yaml:2: ConfigMap/a is already defined at a.yaml:1'],
    ],
    [
      'another namespace',
      { 'a.yaml': config('a', '  namespace: staging\n') },
      ['a.yaml'],
      ['a.yaml:1: ConfigMap/a has namespace "staging", but kubernetes.namespace is "production"'],
    ],
    ['a chart', { 'a.yaml': '\nname: {{ .Values.x }}\n' }, ['a.yaml'], ['a.yaml:2: ', 'helm template']],
    [
      'a chart in quotes',
      { 'a.yaml': config('a', 'x: "{{ .Values.x }}"\n') },
      ['a.yaml'],
      ['a.yaml:5: ', 'helm'],
    ],
    [
      'a chart of blocks',
      { 'a.yaml': '{{- if .x }}\na: 1\n{{- end }}\n' },
      ['a.yaml'],
      ['a.yaml:1: ', 'helm'],
    ],
    [
      'a template value',
      { 'a.yaml': config('a', 'x: {{ x }}\n') },
      ['a.yaml'],
      ['a.yaml:5: ', 'helm template'],
    ],
    [
      'a kustomization in a plain folder',
      { 'k8s/base/kustomization.yaml': '', 'k8s/a.yaml': config('a') },
      ['k8s'],
      ['k8s/base/kustomization.yaml:1: ', 'name "k8s/base" in kubernetes.manifests instead of "k8s"'],
    ],
    [
      'a kustomization as a file',
      { 'k8s/kustomization.yml': '' },
      ['k8s/kustomization.yml'],
      ['name its folder "k8s"'],
    ],
  ];
  test.each(refusals)('%s', async (_, files, paths, words) => {
    write(files);
    const error = await load(paths).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(UserError);
    for (const word of words) expect((error as UserError).message).toContain(word);
  });

  test('all at once', async () => {
    write({ 'a.yaml': 'kind: X\n---\n- 1\n', 'b.yaml': config('b', '  namespace: other\n') });
    await expect(load(['a.yaml', 'gone', 'b.yaml'])).rejects.toThrow(/has|have 4 problems/);
  });

  test('what kustomize says', async () => {
    write({ 'k8s/kustomization.yaml': '' });
    const failing = (): Promise<string> => Promise.reject(new UserError('no base', { hint: 'add it' }));
    await expect(load(['k8s', 'gone'], failing)).rejects.toThrow(
      /k8s:1: kustomize cannot render it: no base; add it\ngone:1: /,
    );
  });
});

test('braces in texts are not a Helm template, and cluster-wide kinds have no namespace', async () => {
  const rule = 'data:\n  rules: |\n    summary: {{ $labels.instance }} is down\n  one: "{{ $value }}"\n';
  write({
    'a.yaml': `${config('alerts', rule)}---\napiVersion: v1\nkind: Namespace\nmetadata: {name: production}\n`,
  });
  expect((await load(['a.yaml'])).map(({ namespace }) => namespace)).toEqual(['production', null]);
});

test('the order of application, stable inside a phase', async () => {
  const kinds = [
    'HorizontalPodAutoscaler',
    'Ingress',
    'Deployment',
    'Job',
    'PodDisruptionBudget',
    'Certificate',
    'Service',
    'ConfigMap',
    'Secret',
    'PersistentVolumeClaim',
    'ResourceQuota',
    'RoleBinding',
    'Role',
    'ServiceAccount',
    'PriorityClass',
    'CustomResourceDefinition',
    'Namespace',
  ];
  const object = (kind: string, name: string): string =>
    `{apiVersion: x/v1, kind: ${kind}, metadata: {name: ${name}}}\n`;
  write({ 'a.yaml': kinds.flatMap((kind) => [object(kind, 'b'), object(kind, 'a')]).join('---\n') });
  const ordered = applyOrder(await load(['a.yaml'])).map(({ kind, name }) => `${kind}/${name}`);
  expect(ordered).toEqual([...kinds].reverse().flatMap((kind) => [`${kind}/b`, `${kind}/a`]));
});
