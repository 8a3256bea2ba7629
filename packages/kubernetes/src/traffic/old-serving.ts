import {
  hasWay,
  type KubernetesObject,
  movesPort,
  selectsLabels,
  titleOf,
  waysOf,
} from '../manifests/index.ts';
import type { ServiceEndpoints } from './endpoints.ts';

/** A workload with the pods of the old version that are ready. */
export interface ServingWorkload {
  name: string;
  /** Labels that its pods of the old version have. */
  labels: readonly Readonly<Record<string, unknown>>[];
  pods: readonly { name: string; uid: string }[];
}

/** What the old version had, by its saved manifests, to lead requests to its pods; routes with the defaults of the server. */
export interface OldTraffic {
  services: readonly Pick<ServiceEndpoints, 'name' | 'selector' | 'ports'>[];
  routes: readonly KubernetesObject[];
}

/** What leads requests now; null for what the login may not read. */
export interface LiveTraffic {
  endpoints: readonly ServiceEndpoints[] | null;
  routes: readonly KubernetesObject[] | null;
}

/** How many pods of the old version receive requests, and in which words that was observed. */
export type OldServing = { ready: number } & (
  | { serving: number; seen: string }
  | {
      serving: null;
      /** Why that cannot be seen, a clause. */
      why: string;
    }
);

/**
 * Counts the old pods that every Service which leads to them has as a ready endpoint, as long as the routes of the old version
 * lead to these Services. Where no Service does, they are counted as ready pods, and that is said. Pure.
 */
export function oldServing(
  workloads: readonly ServingWorkload[],
  saved: OldTraffic,
  live: LiveTraffic,
): OldServing {
  const ready = workloads.reduce((sum, { pods }) => sum + pods.length, 0);
  const cannot = (may: string): OldServing => ({ ready, serving: null, why: `this login may not ${may}` });
  if (live.endpoints === null) return cannot('list the endpoints of Services');
  if (live.routes === null) return cannot('read the routes to Services');
  const { endpoints, routes } = live;
  const counted = workloads.map((workload) => countWorkload(workload, saved, { endpoints, routes }));
  const serving = counted.reduce((sum, { count }) => sum + count, 0);
  return { ready, serving, seen: describeSeen(counted) };
}

interface Counted {
  workload: string;
  count: number;
  /** Services that lead to it. */
  services: readonly string[];
  /** Services and routes that led to them in the same way, and do not any more. */
  lost: readonly string[];
}

function countWorkload(
  { name: workload, labels, pods }: ServingWorkload,
  saved: OldTraffic,
  { endpoints, routes }: { endpoints: readonly ServiceEndpoints[]; routes: readonly KubernetesObject[] },
): Counted {
  const leads = ({ selector }: Pick<ServiceEndpoints, 'selector'>): boolean =>
    labels.some((one) => selectsLabels(selector, one));
  const before = new Set(saved.services.filter(leads).map(({ name }) => name));
  const leading = endpoints.filter((service) => before.has(service.name) || leads(service));
  const missing = [...before].filter((name) => !endpoints.some((one) => one.name === name));
  const moved = saved.services.filter(({ name, ports }) => {
    const now = leading.find((one) => one.name === name);
    return before.has(name) && now !== undefined && movesPort(ports, now.ports);
  });
  const lost = [
    ...moved.map(({ name }) => `Service/${name}`),
    ...saved.routes.filter((route) => !stillLeads(route, routes, before)).map(titleOf),
  ];
  const reached = leading.map(
    (service) => pods.filter(({ uid, name }) => service.pods.has(uid) || service.pods.has(name)).length,
  );
  const count = lost.length + missing.length > 0 ? 0 : Math.min(pods.length, ...reached);
  return { workload, count, services: [...leading.map(({ name }) => name), ...missing], lost };
}

/** Whether the live form of a route has every way that the old one had to these Services. */
function stillLeads(
  route: KubernetesObject,
  live: readonly KubernetesObject[],
  services: ReadonlySet<string>,
): boolean {
  const now = live.find((one) => titleOf(one) === titleOf(route));
  const ways = (one: KubernetesObject) => waysOf(one, (name) => services.has(name));
  return ways(route).every((way) => now !== undefined && hasWay(way, ways(now)));
}

function describeSeen(counted: readonly Counted[]): string {
  const services = [...new Set(counted.flatMap((one) => one.services))].sort();
  const lost = [...new Set(counted.flatMap((one) => one.lost))];
  const elsewhere =
    lost.length === 0 ? '' : `; ${lost.join(', ')} ${lost.length === 1 ? 'leads' : 'lead'} elsewhere`;
  const alone = counted.filter((one) => one.services.length === 0).map(({ workload }) => workload);
  if (services.length === 0) return 'pods ready; no Service leads to them';
  const seen = `ready endpoints of ${services.length === 1 ? 'Service' : 'Services'} ${services.join(', ')}`;
  const pods = alone.length === 0 ? '' : `, or pods of ${alone.join(', ')}, to which no Service leads`;
  return `${seen}${pods}${elsewhere}`;
}
