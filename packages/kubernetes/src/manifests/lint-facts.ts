import { leastReplicas } from './autoscaled.ts';
import { type Fields, field, fields, isFields, listed, number, text } from './fields.ts';
import { type ManifestDocument, titleOf } from './object.ts';
import { containersOf, selects, type TemplateContainer, templateOf } from './workload.ts';

/** What the rules read, determined once per workload. */
export interface WorkloadFacts {
  manifest: ManifestDocument;
  spec: Fields;
  /** Spec of the pod template. */
  pod: Fields;
  labels: Fields;
  /** The minimum number of pods. */
  replicas: number;
  scaled: boolean;
  /** Whether the pods receive traffic. */
  serving: boolean;
  /** The containers that receive it. */
  traffic: readonly TemplateContainer[];
  containers: readonly TemplateContainer[];
  /** Budgets for these pods; `manifest` is null for a live one. */
  budgets: readonly { budget: object; manifest: ManifestDocument | null }[];
  /** Claims for volumes, by name. */
  claims: ReadonlyMap<string, object>;
  /** Kubernetes 1.x of the server. */
  server: number;
}

/** An object, and the manifest that it comes from; null for a live one. */
interface Source {
  object: object;
  manifest: ManifestDocument | null;
}

/** What is the same for all workloads. */
interface Context {
  sources: readonly Source[];
  least: ReadonlyMap<string, number>;
  claims: ReadonlyMap<string, object>;
  server: number;
}

/** The workloads that the rules check, with what the other manifests and the live objects state about them. */
export function factsOf(
  documents: readonly ManifestDocument[],
  live: readonly object[],
  server: number,
): WorkloadFacts[] {
  const sources: Source[] = [
    ...documents.map((manifest) => ({ object: manifest.object, manifest })),
    ...live.map((object) => ({ object, manifest: null })),
  ];
  const least = leastReplicas(sources.map(({ object }) => object));
  const claims = ofKind(sources, 'PersistentVolumeClaim').map(
    ({ object }) => [text(object, 'metadata', 'name') ?? '', object] as const,
  );
  const context = { sources, least, claims: new Map(claims), server };
  return documents.flatMap((manifest) => workloadFacts(manifest, context) ?? []);
}

function ofKind(sources: readonly Source[], kind: string): Source[] {
  return sources.filter(({ object }) => text(object, 'kind') === kind);
}

/** null for what is not a workload. */
function workloadFacts(
  manifest: ManifestDocument,
  { sources, least, claims, server }: Context,
): WorkloadFacts | null {
  const { object } = manifest;
  const template = templateOf(object);
  if (!template) return null;
  const labels = fields(template, 'metadata', 'labels');
  const title = titleOf(object);
  const services = ofKind(sources, 'Service').map((source) => source.object);
  const targets = services.filter((service) => selectsPods(service, labels));
  const containers = containersOf(object);
  const hasPorts = containers.some(({ init, fields }) => !init && listed(fields, 'ports').length > 0);
  return {
    manifest,
    spec: fields(object, 'spec'),
    pod: fields(template, 'spec'),
    labels,
    replicas: least.get(title) ?? number(object, 'spec', 'replicas') ?? 1,
    scaled: least.has(title),
    serving: targets.length > 0 || hasPorts,
    traffic: trafficContainers(containers, targets),
    containers,
    budgets: budgetsFor(sources, labels),
    claims,
    server,
  };
}

function budgetsFor(sources: readonly Source[], labels: Fields): WorkloadFacts['budgets'] {
  return ofKind(sources, 'PodDisruptionBudget')
    .filter(({ object }) => isFields(field(object, 'spec', 'selector')))
    .filter(({ object }) => selects(field(object, 'spec', 'selector'), labels))
    .map(({ object, manifest }) => ({ budget: object, manifest }));
}

function selectsPods(service: object, labels: Fields): boolean {
  const selector = fields(service, 'spec', 'selector');
  return Object.keys(selector).length > 0 && selects({ matchLabels: selector }, labels);
}

/** Those with a port that a Service targets; without a Service those with ports; without ports the first. */
function trafficContainers(
  containers: readonly TemplateContainer[],
  services: readonly object[],
): readonly TemplateContainer[] {
  const running = containers.filter(({ init }) => !init);
  const targets = services.flatMap((service) =>
    listed(service, 'spec', 'ports').map(({ port, targetPort }) => targetPort ?? port),
  );
  const open = running.filter(({ fields }) => listed(fields, 'ports').length > 0);
  const targeted = open.filter(({ fields }) =>
    listed(fields, 'ports').some(
      ({ name, containerPort }) => targets.includes(name) || targets.includes(containerPort),
    ),
  );
  return [targeted, open].find(({ length }) => length > 0) ?? running.slice(0, 1);
}
