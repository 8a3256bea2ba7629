import { type KubernetesObject, titleOf } from '../manifests/index.ts';

/** What one release applies. */
export interface ReleaseObjects {
  /** What belongs to no service, in an order that can be applied: namespaces, configuration, Services, … */
  shared: readonly KubernetesObject[];
  /** Workloads per service, Jobs before those that serve. */
  services: Readonly<Record<string, readonly KubernetesObject[]>>;
  /** In a restore: what lies outside the namespace, and is not applied. */
  outside?: readonly KubernetesObject[];
}

/**
 * What a dry run may apply over the live objects: all except Jobs of services that exist already, since the Job of an
 * earlier release is replaced by the new one.
 */
export function dryRunObjects(
  { shared, services }: ReleaseObjects,
  live: readonly KubernetesObject[],
): KubernetesObject[] {
  const existing = new Set(live.map(titleOf));
  const workloads = Object.values(services).flat();
  return [...shared, ...workloads.filter((one) => one.kind !== 'Job' || !existing.has(titleOf(one)))];
}
