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

/** The workloads that the rules check, with what the other manifests and the live objects state about them. */
export function factsOf(
  documents: readonly ManifestDocument[],
  live: readonly object[],
  server: number,
): WorkloadFacts[] {
  const all = [
    ...documents.map((manifest) => ({ object: manifest.object as object, manifest })),
    ...live.map((object) => ({ object, manifest: null })),
  ];
  const ofKind = (kind: string): typeof all => all.filter(({ object }) => text(object, 'kind') === kind);
  const least = leastReplicas(all.map(({ object }) => object));
  const services = ofKind('Service').map(({ object }) => object);
  const claims = ofKind('PersistentVolumeClaim').map(
    ({ object }) => [text(object, 'metadata', 'name') ?? '', object] as const,
  );
  return documents.flatMap((manifest) => {
    const { object } = manifest;
    const template = templateOf(object);
    if (!template) return [];
    const labels = fields(template, 'metadata', 'labels');
    const title = titleOf(object);
    const targets = services.filter((service) => selectsPods(service, labels));
    const containers = containersOf(object);
    const traffic = trafficContainers(containers, targets);
    const budgets = ofKind('PodDisruptionBudget')
      .map(({ object: budget, manifest }) => ({ budget, manifest }))
      .filter(({ budget }) => isFields(field(budget, 'spec', 'selector')))
      .filter(({ budget }) => selects(field(budget, 'spec', 'selector'), labels));
    return [
      {
        manifest,
        spec: fields(object, 'spec'),
        pod: fields(template, 'spec'),
        labels,
        replicas: least.get(title) ?? number(object, 'spec', 'replicas') ?? 1,
        scaled: least.has(title),
        serving:
          targets.length > 0 ||
          containers.some(({ init, fields }) => !init && listed(fields, 'ports').length > 0),
        traffic,
        containers,
        budgets,
        claims: new Map(claims),
        server,
      },
    ];
  });
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
