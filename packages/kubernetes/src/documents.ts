import { formatImage, parseImage, UserError } from '@slipway/kernel';
import type { StampedService } from '@slipway/platform';
import { clusterError } from './cluster/cluster-error.ts';
import type { ReleaseObjects } from './kept/kept-documents.ts';
import {
  applyOrder,
  autoscaled,
  blockers,
  type ImageMatch,
  type KubernetesObject,
  loadManifests,
  type ManifestDocument,
  setImages,
  stampTemplate,
  titleOf,
  withoutReplicas,
  workloadKinds,
} from './manifests/index.ts';
import type { ServedBy } from './observe.ts';
import type { KubernetesTarget } from './target.ts';

/** Workloads of one service are rolled out in the order of their kinds: a Job prepares what the others need. */
function orderOf({ kind }: KubernetesObject): number {
  return workloadKinds.indexOf(kind);
}

/** The manifests as they are in the checkout. @throws UserError with every problem, by file and line. */
export function loadDocuments(target: KubernetesTarget): Promise<ManifestDocument[]> {
  const { config, workspace, kubectl } = target;
  return loadManifests({
    paths: config.manifests,
    workspace,
    namespace: config.namespace,
    kustomize: (folder) => kubectl.demand(`build ${folder}`, ['kustomize', folder]),
  });
}

/** The manifests with the images by digest and the release on every pod template, told apart by service. */
export async function renderRelease(
  target: KubernetesTarget,
  services: Readonly<Record<string, Pick<StampedService, 'image'>>>,
  release: string | null,
): Promise<ReleaseObjects> {
  const documents = await loadDocuments(target);
  const wanted = Object.entries(services).map(([service, { image }]) => {
    const { workloads, containers } = target.services[service] ?? {};
    const { repository } = image;
    return { service, repository, reference: formatImage(image), workloads, containers };
  });
  const set = setImages(documents, wanted, parseImage);
  const served = servedKeys(set.matched);
  const refused = [
    ...set.documents.filter((document) => served.has(keyOf(document))).flatMap(blockers),
    ...[...set.matched].flatMap(([service, matches]) => withoutWorkload(service, matches)),
  ];
  if (refused.length > 0)
    throw new UserError(refused.join('\n'), { hint: 'Correct the manifests; nothing was applied.' });
  const scaled = autoscaled(set.documents, await liveAutoscalers(target));
  const ready = set.documents
    .map((document) => (scaled.has(keyOf(document)) ? withoutReplicas(document) : document))
    .map((document) =>
      // What is no service's own keeps its template: a mark would restart it with every release.
      release === null || !served.has(keyOf(document)) ? document : stampTemplate(document, release),
    );
  return split(applyOrder(ready), set.matched);
}

/**
 * What a dry run may apply over what is live: all but the Jobs of services that are there, since the one of a former
 * release makes room for the new one.
 */
export function comparable(
  { shared, services }: ReleaseObjects,
  live: readonly KubernetesObject[],
): KubernetesObject[] {
  const there = new Set(live.map(titleOf));
  const own = Object.values(services).flat();
  return [...shared, ...own.filter((one) => one.kind !== 'Job' || !there.has(titleOf(one)))];
}

type Matched = ReadonlyMap<string, readonly ImageMatch[]>;

function keyOf({ kind, name }: ManifestDocument): string {
  return `${kind}/${name}`;
}

/** Whether the workload is rolled out. A CronJob gets its image, and is no more than configuration of what runs later. */
function isRolledOut({ workload }: ImageMatch): boolean {
  return workloadKinds.some((kind) => workload.startsWith(`${kind}/`));
}

function servedKeys(matched: Matched): Set<string> {
  return new Set(
    [...matched.values()]
      .flat()
      .filter(isRolledOut)
      .map(({ workload }) => workload),
  );
}

function withoutWorkload(service: string, matches: readonly ImageMatch[]): string[] {
  if (matches.some(isRolledOut)) return [];
  const found = [...new Set(matches.map(({ workload }) => workload))].join(', ');
  return [`service ${service} is run by ${found} alone: there is no pod that a rollout could wait for`];
}

function split(documents: readonly ManifestDocument[], matched: Matched): ReleaseObjects {
  const names = [...matched].map(
    ([service, matches]) =>
      [service, new Set(matches.filter(isRolledOut).map(({ workload }) => workload))] as const,
  );
  const served = servedKeys(matched);
  const keyed = documents.map((document) => [keyOf(document), document.object] as const);
  const services = names.map(([service, workloads]) => {
    const own = keyed.filter(([key]) => workloads.has(key)).map(([, object]) => object as KubernetesObject);
    return [service, own.sort((a, b) => orderOf(a) - orderOf(b))] as const;
  });
  return {
    shared: keyed.filter(([key]) => !served.has(key)).map(([, object]) => object as KubernetesObject),
    services: Object.fromEntries(services),
  };
}

/** Which workloads and containers run each service, as the manifests of the checkout say. */
export async function servedBy(target: KubernetesTarget): Promise<Map<string, ServedBy[]>> {
  const wanted = Object.entries(target.services).map(([service, { image, workloads, containers }]) => {
    const { repository } = parseImage(image);
    return { service, repository, reference: image, workloads, containers };
  });
  const { matched } = setImages(await loadDocuments(target), wanted, parseImage);
  return new Map(
    [...matched].map(([service, matches]) => {
      const keys = [...new Set(matches.filter(isRolledOut).map(({ workload }) => workload))];
      return [
        service,
        keys.map((key) => {
          const [kind = '', name = ''] = key.split('/');
          const own = matches.filter(({ workload, init }) => workload === key && !init);
          return { workload: { kind, name }, containers: own.map(({ container }) => container) };
        }),
      ];
    }),
  );
}

/**
 * Autoscalers may live outside the manifests. A login that may not list them is told so: if one owns the replicas, the
 * apply is refused with a conflict that names it.
 */
export async function liveAutoscalers({ kubectl, log }: KubernetesTarget): Promise<object[]> {
  const ended = await kubectl.run(['get', 'horizontalpodautoscalers', '--output=json']);
  if (ended.ok) return (JSON.parse(ended.stdout.data) as { items: object[] }).items;
  if (!/forbidden/i.test(ended.stderr.data)) throw clusterError('list the autoscalers', ended);
  log.warn('this login may not list horizontalpodautoscalers: replicas are taken from the manifests');
  return [];
}
