import type { ServiceConfig } from '@slipway/config';
import { parseImage, readImage } from '@slipway/kernel';
import { containersOf, type KubernetesObject, text, titleOf, workloadKinds } from '../manifests/index.ts';
import type { ReleaseObjects } from '../render/release-objects.ts';
import { findRunningWorkloads, type ServiceWorkload } from '../render/service-workloads.ts';
import type { ReleaseSource } from '../rollout/release-source.ts';
import type { KubernetesTarget } from '../target.ts';

/**
 * Which workloads run each service now: those that were saved for the releases which may run, whatever the checkout says; for
 * a service of which nothing is saved, those of the checkout.
 */
export async function runningWorkloads(
  target: KubernetesTarget,
  source: ReleaseSource,
  names: readonly string[],
  releases: readonly (string | null)[],
): Promise<Map<string, ServiceWorkload[]>> {
  const saved = await Promise.all([...new Set(releases)].map((release) => source.readable(release)));
  const known = new Map(
    names.flatMap((name) => {
      const workloads = savedWorkloads(target, name, saved);
      return workloads.length > 0 ? [[name, workloads] as const] : [];
    }),
  );
  if (names.every((name) => known.has(name))) return known;
  return new Map([...(await findRunningWorkloads(target)), ...known]);
}

/** The workloads that any of the releases had for a service, and the containers with its image. */
function savedWorkloads(
  { services }: KubernetesTarget,
  name: string,
  saved: readonly (ReleaseObjects | null)[],
): ServiceWorkload[] {
  const objects = saved.flatMap((one) => one?.services[name] ?? []);
  const own = new Map(
    objects.filter(({ kind }) => workloadKinds.includes(kind)).map((one) => [titleOf(one), one] as const),
  );
  return [...own.values()].map((one) => ({
    workload: { kind: one.kind, name: one.metadata.name },
    containers: ownContainers(services[name], one),
  }));
}

/** Names of the containers that run a service; none for a service that is not configured any more. */
function ownContainers(service: ServiceConfig | undefined, workload: KubernetesObject): readonly string[] {
  if (!service) return [];
  if (service.containers) return service.containers;
  const { repository } = parseImage(service.image);
  return containersOf(workload)
    .filter(({ init, fields }) => !init && readImage(text(fields, 'image') ?? '')?.repository === repository)
    .map(({ name }) => name);
}
