import { type Fields, field, fields, listed, text } from './fields.ts';
import { titleOf } from './object.ts';
import { containersOf, type TemplateContainer, templateOf } from './workload.ts';

/** Something that a pod cannot start without. */
export interface PodReference {
  name: string;
  /** null when the object is needed as a whole. */
  key: string | null;
  /** The pod starts without it. */
  optional: boolean;
  /** What needs it: `container web of Deployment backend`. */
  from: string;
}

export interface PodReferences {
  secrets: readonly PodReference[];
  configMaps: readonly PodReference[];
  claims: readonly PodReference[];
  serviceAccounts: readonly PodReference[];
  pullSecrets: readonly PodReference[];
}

type Kind = keyof PodReferences;
type Reference = PodReference & { kind: Kind };

/** Where each form of reference has the name; `items` lists the keys that are needed. */
interface Form {
  kind: Kind;
  path: readonly string[];
  name: string;
}

const valueForms: readonly Form[] = [
  { kind: 'secrets', path: ['valueFrom', 'secretKeyRef'], name: 'name' },
  { kind: 'configMaps', path: ['valueFrom', 'configMapKeyRef'], name: 'name' },
];
const bulkForms: readonly Form[] = [
  { kind: 'secrets', path: ['secretRef'], name: 'name' },
  { kind: 'configMaps', path: ['configMapRef'], name: 'name' },
];
const projectedForms: readonly Form[] = [
  { kind: 'secrets', path: ['secret'], name: 'name' },
  { kind: 'configMaps', path: ['configMap'], name: 'name' },
];
const volumeForms: readonly Form[] = [
  { kind: 'secrets', path: ['secret'], name: 'secretName' },
  { kind: 'configMaps', path: ['configMap'], name: 'name' },
  { kind: 'claims', path: ['persistentVolumeClaim'], name: 'claimName' },
  { kind: 'secrets', path: ['azureFile'], name: 'secretName' },
  { kind: 'secrets', path: ['csi', 'nodePublishSecretRef'], name: 'name' },
];

/** What the pods of a workload refer to by name. Values are never read. */
export function podReferences(workload: object): PodReferences {
  const spec = fields(templateOf(workload) ?? {}, 'spec');
  const owner = `${titleOf(workload).replace('/', ' ')}`;
  const pod = `the pod of ${owner}`;
  const account = text(spec, 'serviceAccountName') ?? text(spec, 'serviceAccount');
  const found: Reference[] = [
    ...containersOf(workload).flatMap((container) => containerReferences(container, owner)),
    ...listed(spec, 'volumes').flatMap((volume) => volumeReferences(volume, owner)),
    ...(account ? [whole('serviceAccounts', account, pod)] : []),
    ...listed(spec, 'imagePullSecrets').flatMap(({ name }) =>
      typeof name === 'string' ? [whole('pullSecrets', name, pod)] : [],
    ),
  ];
  const of = (kind: Kind): PodReference[] =>
    found.filter((one) => one.kind === kind).map(({ kind: _, ...reference }) => reference);
  return {
    secrets: of('secrets'),
    configMaps: of('configMaps'),
    claims: of('claims'),
    serviceAccounts: of('serviceAccounts'),
    pullSecrets: of('pullSecrets'),
  };
}

function containerReferences({ name, init, fields }: TemplateContainer, owner: string): Reference[] {
  const from = `${init ? 'init container' : 'container'} ${name} of ${owner}`;
  return [
    ...listed(fields, 'env').flatMap((variable) => read(variable, valueForms, from)),
    ...listed(fields, 'envFrom').flatMap((source) => read(source, bulkForms, from)),
  ];
}

function volumeReferences(volume: Fields, owner: string): Reference[] {
  const from = `volume ${text(volume, 'name') ?? '?'} of ${owner}`;
  const sources = listed(volume, 'projected', 'sources');
  return [
    ...read(volume, volumeForms, from),
    ...sources.flatMap((source) => read(source, projectedForms, from)),
  ];
}

function read(from: Fields, forms: readonly Form[], who: string): Reference[] {
  return forms.flatMap(({ kind, path, name: key }) => {
    const at = fields(from, ...path);
    const name = text(at, key);
    if (!name) return [];
    const keys = [text(at, 'key'), ...listed(at, 'items').map((item) => text(item, 'key'))].filter(
      (one) => one !== null,
    );
    const one: Reference = { kind, name, key: null, optional: field(at, 'optional') === true, from: who };
    return keys.length > 0 ? keys.map((key) => ({ ...one, key })) : [one];
  });
}

function whole(kind: Kind, name: string, from: string): Reference {
  return { kind, name, key: null, optional: false, from };
}
