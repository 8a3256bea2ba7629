import { selectsLabels } from '../manifests/index.ts';
import type { ServiceEndpoints } from './endpoints.ts';

/** A workload with the pods of the old version that are ready. */
export interface ServingWorkload {
  name: string;
  /** Labels that its pods of the old version have. */
  labels: readonly Readonly<Record<string, unknown>>[];
  pods: readonly { name: string; uid: string }[];
}

/** How many pods of the old version receive requests, and in which words that was observed. */
export interface OldServing {
  serving: number;
  seen: string;
}

/**
 * Counts the old pods that every Service which leads to them has as a ready endpoint. Where no Service does, they are
 * counted as ready pods, and that is said. Pure.
 * @param endpoints null when the login may not list them.
 * @param saved The Services of the old version: they lead to its pods, whatever they select now.
 */
export function oldServing(
  workloads: readonly ServingWorkload[],
  endpoints: readonly ServiceEndpoints[] | null,
  saved: readonly Pick<ServiceEndpoints, 'name' | 'selector'>[],
): OldServing {
  const counted = workloads.map((workload) => countWorkload(workload, endpoints ?? [], saved));
  const serving = counted.reduce((sum, { count }) => sum + count, 0);
  return { serving, seen: endpoints === null ? withoutEndpoints : describeSeen(counted) };
}

const withoutEndpoints =
  'pods ready; this login may not list the endpoints of Services, so whether requests reach them is unknown';

interface Counted {
  workload: string;
  count: number;
  /** Services that lead to it. */
  services: readonly string[];
}

function countWorkload(
  { name: workload, labels, pods }: ServingWorkload,
  endpoints: readonly ServiceEndpoints[],
  saved: readonly Pick<ServiceEndpoints, 'name' | 'selector'>[],
): Counted {
  const leads = ({ selector }: Pick<ServiceEndpoints, 'selector'>): boolean =>
    labels.some((one) => selectsLabels(selector, one));
  const before = new Set(saved.filter(leads).map(({ name }) => name));
  const leading = endpoints.filter((service) => before.has(service.name) || leads(service));
  const reached = leading.map(
    (service) => pods.filter(({ uid, name }) => service.pods.has(uid) || service.pods.has(name)).length,
  );
  const count = Math.min(pods.length, ...reached);
  return { workload, count, services: leading.map(({ name }) => name) };
}

function describeSeen(counted: readonly Counted[]): string {
  const services = [...new Set(counted.flatMap((one) => one.services))].sort();
  const alone = counted.filter((one) => one.services.length === 0).map(({ workload }) => workload);
  if (services.length === 0) return 'pods ready; no Service leads to them';
  const seen = `ready endpoints of ${services.length === 1 ? 'Service' : 'Services'} ${services.join(', ')}`;
  return alone.length === 0 ? seen : `${seen}, or pods of ${alone.join(', ')}, to which no Service leads`;
}
