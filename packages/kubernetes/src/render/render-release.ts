import { UserError } from '@slipway/kernel';
import type { ReleasedService } from '@slipway/platform';
import {
  applyOrder,
  autoscaled,
  blockers,
  type ImageMatch,
  type KubernetesObject,
  type ManifestDocument,
  setImages,
  stampTemplate,
  withoutReplicas,
  workloadKinds,
} from '../manifests/index.ts';
import type { KubernetesTarget } from '../target.ts';
import { readAutoscalers } from './autoscalers.ts';
import { loadManifestDocuments } from './load-documents.ts';
import type { ReleaseObjects } from './release-objects.ts';
import { isRolledOut } from './service-workloads.ts';

/** The manifests with the images by digest and the release on every pod template, divided by service. */
export async function renderRelease(
  target: KubernetesTarget,
  services: Readonly<Record<string, Pick<ReleasedService, 'image'>>>,
  release: string | null,
): Promise<ReleaseObjects> {
  const documents = await loadManifestDocuments(target);
  const wanted = Object.entries(services).map(([service, { image }]) => {
    const { workloads, containers } = target.services[service] ?? {};
    return { service, image, workloads, containers };
  });
  const set = setImages(documents, wanted);
  const served = servedKeys(set.matched);
  refuseBlocked(set.documents, set.matched, served);
  const scaled = autoscaled(set.documents, await readAutoscalers(target));
  const ready = set.documents
    .map((document) => (scaled.has(keyOf(document)) ? withoutReplicas(document) : document))
    .map((document) =>
      // A workload of no service keeps its template: an annotation would restart it with every release.
      release === null || !served.has(keyOf(document)) ? document : stampTemplate(document, release),
    );
  return divide(applyOrder(ready), set.matched);
}

type Matched = ReadonlyMap<string, readonly ImageMatch[]>;

function keyOf({ kind, name }: ManifestDocument): string {
  return `${kind}/${name}`;
}

function servedKeys(matched: Matched): Set<string> {
  return new Set(
    [...matched.values()]
      .flat()
      .filter(isRolledOut)
      .map(({ workload }) => workload),
  );
}

function refuseBlocked(
  documents: readonly ManifestDocument[],
  matched: Matched,
  served: ReadonlySet<string>,
): void {
  const refused = [
    ...documents.filter((document) => served.has(keyOf(document))).flatMap(blockers),
    ...[...matched].flatMap(([service, matches]) => withoutWorkload(service, matches)),
  ];
  if (refused.length > 0)
    throw new UserError(refused.join('\n'), { hint: 'Correct the manifests. Nothing was applied.' });
}

function withoutWorkload(service: string, matches: readonly ImageMatch[]): string[] {
  if (matches.some(isRolledOut)) return [];
  const found = [...new Set(matches.map(({ workload }) => workload))].join(', ');
  return [`service ${service} runs only in ${found}: there is no pod that a rollout could wait for`];
}

/** Workloads of one service are rolled out in the order of their kinds: a Job prepares what the others need. */
function orderOf({ kind }: KubernetesObject): number {
  return workloadKinds.indexOf(kind);
}

function divide(documents: readonly ManifestDocument[], matched: Matched): ReleaseObjects {
  const served = servedKeys(matched);
  const services = [...matched].map(([service, matches]) => {
    const titles = new Set(matches.filter(isRolledOut).map(({ workload }) => workload));
    const own = documents.filter((document) => titles.has(keyOf(document))).map(({ object }) => object);
    return [service, own.sort((a, b) => orderOf(a) - orderOf(b))] as const;
  });
  return {
    shared: documents.filter((document) => !served.has(keyOf(document))).map(({ object }) => object),
    services: Object.fromEntries(services),
  };
}
