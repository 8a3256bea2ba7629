import { parseImage } from '@slipway/kernel';
import type { WorkloadName } from '../cluster/inspect-workload.ts';
import { type ImageMatch, setImages, workloadKinds } from '../manifests/index.ts';
import type { KubernetesTarget } from '../target.ts';
import { loadManifestDocuments } from './load-documents.ts';

/** A workload of a service and the containers in it that run the service. */
export interface ServiceWorkload {
  workload: WorkloadName;
  /** Containers with the image of the service, without init containers. */
  containers: readonly string[];
}

/** Whether the workload is rolled out. A CronJob gets its image, and is only configuration of what runs later. */
export function isRolledOut({ workload }: ImageMatch): boolean {
  return workloadKinds.some((kind) => workload.startsWith(`${kind}/`));
}

/** Which workloads and containers run each service, by the manifests of the checkout. */
export async function findServiceWorkloads(
  target: KubernetesTarget,
): Promise<Map<string, ServiceWorkload[]>> {
  const wanted = Object.entries(target.services).map(([service, { image, workloads, containers }]) => {
    return { service, image: parseImage(image), workloads, containers };
  });
  const { matched } = setImages(await loadManifestDocuments(target), wanted);
  return new Map([...matched].map(([service, matches]) => [service, workloadsOf(matches)]));
}

function workloadsOf(matches: readonly ImageMatch[]): ServiceWorkload[] {
  const titles = [...new Set(matches.filter(isRolledOut).map(({ workload }) => workload))];
  return titles.map((title) => {
    const [kind = '', name = ''] = title.split('/');
    const own = matches.filter(({ workload, init }) => workload === title && !init);
    return { workload: { kind, name }, containers: own.map(({ container }) => container) };
  });
}
