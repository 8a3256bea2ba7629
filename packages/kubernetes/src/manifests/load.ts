import { UserError } from '@slipway/kernel';
import { isMap, isSeq } from 'yaml';
import { field, isFields, text } from './fields.ts';
import { findTexts, type Kustomize, type ManifestText } from './files.ts';
import { groupOf, isClusterWide, kubernetesObjectSchema, type ManifestDocument, titleOf } from './object.ts';
import { parseManifests, type RawDocument } from './parse.ts';

export interface LoadManifests {
  /** Files, folders of files, or kustomize directories, relative to the workspace. */
  paths: readonly string[];
  workspace: string;
  /** The namespace of the release. */
  namespace: string;
  kustomize: Kustomize;
}

/**
 * Every object of the manifests, in the order of the paths and files.
 * @throws UserError with everything that is wrong, as `file:line: …`.
 */
export async function loadManifests(options: LoadManifests): Promise<ManifestDocument[]> {
  const { paths, workspace, kustomize, namespace } = options;
  const found = await Promise.all(paths.map((given) => findTexts(given, workspace, kustomize)));
  // A file that is configured itself and is in a configured folder as well is one file.
  const texts = new Map(found.flatMap(({ texts }) => texts).map((one) => [one.file, one]));
  const read = [...texts.values()].map((one) => readText(one, namespace));
  const documents = read.flatMap(({ documents }) => documents);
  const problems = [
    ...found.flatMap(({ problems }) => problems),
    ...read.flatMap(({ problems }) => problems),
    ...duplicates(documents),
  ];
  if (problems.length === 0 && documents.length === 0)
    problems.push(
      `${paths.join(', ')}: expected Kubernetes objects, found none; correct kubernetes.manifests`,
    );
  if (problems.length > 0) {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    throw new UserError(`the manifests have ${count}:\n${problems.join('\n')}`, {
      hint: 'Correct the manifests or kubernetes.manifests. Nothing was changed.',
    });
  }
  return documents;
}

/** The objects of one text. Pure. */
export function readText(
  { file, content }: ManifestText,
  namespace: string,
): { documents: ManifestDocument[]; problems: string[] } {
  const parsed = parseManifests(content);
  const problems = parsed.problems.map(({ line, message }) => `${file}:${line}: ${message}`);
  const documents: ManifestDocument[] = [];
  for (const raw of parsed.documents.flatMap(expandList)) {
    const wrong = objectProblems(raw.value, namespace);
    problems.push(...wrong.map((message) => `${file}:${raw.line}: ${message}`));
    if (wrong.length > 0) continue;
    const object = kubernetesObjectSchema.parse(raw.value);
    const { apiVersion, kind } = object;
    const { document, line, lines, layout } = raw;
    const lives = isClusterWide(kind) ? null : namespace;
    const { name } = object.metadata;
    documents.push({ file, line, lines, layout, document, object, apiVersion, kind, name, namespace: lives });
  }
  return { documents, problems };
}

/** The items of a `kind: List`, each as a separate document. */
function expandList(raw: RawDocument): RawDocument[] {
  const items = field(raw.value, 'items');
  if (!/^\w*List$/.test(text(raw.value, 'kind') ?? '') || !Array.isArray(items)) return [raw];
  const nodes = isMap(raw.document.contents) ? raw.document.contents.get('items', true) : null;
  return items.flatMap((value: unknown, index) => {
    const document = raw.document.clone();
    const node = isSeq(nodes) ? nodes.items[index] : null;
    document.contents = (node ?? document.createNode(value)) as typeof document.contents;
    document.commentBefore = null;
    const offset = document.contents?.range?.[0];
    const line = raw.lines && offset !== undefined ? raw.lines.linePos(offset).line : raw.line;
    return expandList({ ...raw, document, value, line });
  });
}

const required: readonly (readonly string[])[] = [['apiVersion'], ['kind'], ['metadata', 'name']];

/** Why a value is not an object that can be applied repeatedly in the namespace. */
function objectProblems(value: unknown, namespace: string): string[] {
  const expected = 'expected a Kubernetes object with apiVersion, kind and metadata.name';
  if (!isFields(value)) return [`${expected}, found ${Array.isArray(value) ? 'a list' : 'a single value'}`];
  const generated = text(value, 'metadata', 'generateName');
  if (generated && !text(value, 'metadata', 'name'))
    return [
      `metadata.generateName "${generated}": every release would create another object; set metadata.name`,
    ];
  const missing = required.filter((path) => text(value, ...path) === null);
  if (missing.length > 0)
    return [
      `${expected}, found no ${missing.map((path) => path.join('.')).join(', no ')}; add it, or remove the document`,
    ];
  if (groupOf(value) === 'kustomize.config.k8s.io')
    return ['expected manifests, found a Kustomization; name its folder in kubernetes.manifests'];
  const own = field(value, 'metadata', 'namespace') ?? namespace;
  if (own !== namespace && !isClusterWide(value.kind as string))
    return [
      `${titleOf(value)} has namespace "${own}", but kubernetes.namespace is "${namespace}"; remove metadata.namespace, or make them equal`,
    ];
  return [];
}

function duplicates(documents: readonly ManifestDocument[]): string[] {
  const first = new Map<string, ManifestDocument>();
  return documents.flatMap((document) => {
    const key = [groupOf(document.object), document.kind, document.namespace, document.name].join('\0');
    const earlier = first.get(key);
    if (!earlier) first.set(key, document);
    return earlier
      ? [
          `${document.file}:${document.line}: ${titleOf(document.object)} is already defined at ${earlier.file}:${earlier.line}; remove one of them`,
        ]
      : [];
  });
}
