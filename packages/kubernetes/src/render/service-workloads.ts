import { Cancelled, describeError, parseImage } from '@slipway/kernel';
import * as z from 'zod';
import type { WorkloadName } from '../cluster/inspect-workload.ts';
import {
  type ImageMatch,
  kubernetesObjectSchema,
  matchImages,
  type ServiceImage,
  setImages,
  workloadKinds,
} from '../manifests/index.ts';
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
  const { matched } = setImages(await loadManifestDocuments(target), serviceImages(target));
  return new Map([...matched].map(([service, matches]) => [service, workloadsOf(matches)]));
}

/**
 * The same for what runs now. What is wrong with the checkout, or what kustomize cannot fetch, must not keep a rollback from
 * looking at it: then the workloads of the namespace that have the images of the services are those.
 */
export async function findRunningWorkloads(
  target: KubernetesTarget,
): Promise<Map<string, ServiceWorkload[]>> {
  try {
    return await findServiceWorkloads(target);
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    target.log.warn(
      `the workloads are found by their images, since the manifests are of no use: ${describeError(error)}`,
    );
  }
  const kinds = 'deployments,statefulsets,daemonsets';
  const { items } = listSchema.parse(await target.kubectl.get('list the workloads', kinds));
  const matched = matchImages(items, serviceImages(target));
  return new Map([...matched].map(([service, matches]) => [service, workloadsOf(matches)]));
}

const listSchema = z.object({ items: z.array(kubernetesObjectSchema) });

function serviceImages({ services }: KubernetesTarget): ServiceImage[] {
  return Object.entries(services).map(([service, { image, workloads, containers }]) => {
    return { service, image: parseImage(image), workloads, containers };
  });
}

function workloadsOf(matches: readonly ImageMatch[]): ServiceWorkload[] {
  const titles = [...new Set(matches.filter(isRolledOut).map(({ workload }) => workload))];
  return titles.map((title) => {
    const [kind = '', name = ''] = title.split('/');
    const own = matches.filter(({ workload, init }) => workload === title && !init);
    return { workload: { kind, name }, containers: own.map(({ container }) => container) };
  });
}
