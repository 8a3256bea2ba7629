import {
  hasWay,
  isService,
  type KubernetesObject,
  podLabelsOf,
  routeKinds,
  selectorOf,
  selectsLabels,
  titleOf,
  type Way,
  waysOf,
} from '../manifests/index.ts';

type Selector = NonNullable<ReturnType<typeof selectorOf>>;

/** A live object that would send requests to other pods than now. */
export interface TrafficChange {
  object: KubernetesObject;
  /** Pods that would receive requests in addition, by the selectors of their Services. */
  to: readonly Selector[];
  /** Pods that would not receive them any more. */
  from: readonly Selector[];
  /** All pods that it leads to now; empty where others decide that. */
  before: readonly Selector[];
}

/** A pod, as far as requests to it are concerned. */
export interface TrafficPod {
  labels: Readonly<Record<string, string>>;
  ready: boolean;
}

/** A change that waits for the pods that it leads to. */
export interface DeferredTraffic {
  object: KubernetesObject;
  /** The workloads of these pods, as `Deployment/web`. */
  leadsTo: ReadonlySet<string>;
}

/**
 * Which objects change where requests go: to other pods, or in other shares. A new object takes requests from nobody and
 * changes nothing. Pure.
 * @param live The same objects as the cluster has them.
 * @param others All Services of the cluster, since a route may come from one that the release does not have.
 */
export function trafficChanges(
  objects: readonly KubernetesObject[],
  live: readonly KubernetesObject[],
  others: readonly KubernetesObject[],
): TrafficChange[] {
  const now = selectorsByName([...others, ...live]);
  const next = new Map([...now, ...selectorsByName(objects)]);
  return objects.flatMap((object): TrafficChange[] => {
    const before = live.find((one) => titleOf(one) === titleOf(object));
    if (!before) return [];
    if (isService(object)) return selectorChange(object, before);
    if (!routeKinds.includes(object.kind)) return [];
    const old = waysOf(before, (name) => next.has(name));
    const ways = waysOf(object, (name) => next.has(name));
    const to = selectorsOf(
      ways.filter((way) => !hasWay(way, old)),
      next,
    );
    const from = selectorsOf(
      old.filter((way) => !hasWay(way, ways)),
      now,
    );
    return to.length > 0 ? [{ object, to, from, before: selectorsOf(old, now) }] : [];
  });
}

function selectorsByName(objects: readonly KubernetesObject[]): Map<string, Selector | null> {
  return new Map(objects.filter(isService).map((one) => [one.metadata.name, selectorOf(one)]));
}

function selectorsOf(ways: readonly Way[], services: ReadonlyMap<string, Selector | null>): Selector[] {
  const names = new Set(ways.map(({ service }) => service));
  return [...names].map((name) => services.get(name)).filter((one) => !!one);
}

/** A Service without a selector leads to addresses that others set. */
function selectorChange(object: KubernetesObject, live: KubernetesObject): TrafficChange[] {
  const [from, to] = [selectorOf(live), selectorOf(object)];
  if (!to || (from && isSame(from, to))) return [];
  const before = from ? [from] : [];
  return [{ object, to: [to], from: before, before }];
}

function isSame(a: Selector, b: Selector): boolean {
  return Object.keys(a).length === Object.keys(b).length && selectsLabels(a, b);
}

/**
 * The changes after which fewer ready pods would receive requests than now, with the workloads of the release that they wait
 * for. A change that leads to no workload of the release waits for nothing. Pure.
 */
export function deferredTraffic(
  changes: readonly TrafficChange[],
  workloads: readonly KubernetesObject[],
  pods: readonly TrafficPod[],
): DeferredTraffic[] {
  const ready = pods.filter((pod) => pod.ready);
  const count = (selector: Selector): number =>
    ready.filter(({ labels }) => selectsLabels(selector, labels)).length;
  return changes.flatMap(({ object, to, from, before }) => {
    // Where nothing is ready now, no request can be lost.
    if (before.length > 0 && before.every((selector) => count(selector) === 0)) return [];
    const needed = Math.max(1, ...from.map(count));
    if (to.every((selector) => count(selector) >= needed)) return [];
    return deferTo(object, to, workloads);
  });
}

/** The object as it waits for the workloads that it leads to; empty when it leads to none of them. Pure. */
export function deferTo(
  object: KubernetesObject,
  to: readonly (Selector | null)[],
  workloads: readonly KubernetesObject[],
): DeferredTraffic[] {
  const led = workloads.filter((one) => to.some((selector) => selectsLabels(selector, podLabelsOf(one))));
  return led.length > 0 ? [{ object, leadsTo: new Set(led.map(titleOf)) }] : [];
}
