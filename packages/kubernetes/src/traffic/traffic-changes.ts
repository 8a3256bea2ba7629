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
 * Which objects change where requests go. A new object takes requests from nobody and changes nothing. Pure.
 * @param live The same objects, and all Services, as the cluster has them.
 */
export function trafficChanges(
  objects: readonly KubernetesObject[],
  live: readonly KubernetesObject[],
): TrafficChange[] {
  const services = new Map<string, Selector | null>();
  for (const one of [...live, ...objects].filter(isService)) services.set(one.metadata.name, selectorOf(one));
  const selectorsOf = (ways: readonly Way[]): Selector[] =>
    [...new Set(ways.map(({ service }) => services.get(service)))].filter((one) => !!one);
  return objects.flatMap((object): TrafficChange[] => {
    const before = live.find((one) => titleOf(one) === titleOf(object));
    if (!before) return [];
    if (isService(object)) return selectorChange(object, before);
    if (!routeKinds.includes(object.kind)) return [];
    const old = waysOf(before, (name) => services.has(name));
    const now = waysOf(object, (name) => services.has(name));
    const to = selectorsOf(now.filter((way) => !hasWay(way, old)));
    const from = selectorsOf(old.filter((way) => !hasWay(way, now)));
    return to.length > 0 ? [{ object, to, from }] : [];
  });
}

function selectorChange(object: KubernetesObject, before: KubernetesObject): TrafficChange[] {
  const [from, to] = [selectorOf(before), selectorOf(object)];
  if (!from || !to || isSame(from, to)) return [];
  return [{ object, to: [to], from: [from] }];
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
  return changes.flatMap(({ object, to, from }) => {
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
