import {
  hasConditions,
  hasWay,
  isService,
  type KubernetesObject,
  movesPort,
  portsOf,
  routeKinds,
  selectorOf,
  selectsLabels,
  titleOf,
  type Way,
  waysOf,
} from '../manifests/index.ts';

/** The labels of the pods of a Service that has some. */
export type Selector = NonNullable<ReturnType<typeof selectorOf>>;

/** A live object that would send requests to other pods than now. */
export interface TrafficChange {
  object: KubernetesObject;
  /** Pods that would receive requests in addition, by the selectors of their Services. */
  to: readonly Selector[];
  /** Pods that would receive other requests than now: at another port, or under other conditions. */
  again: readonly Selector[];
  /** Pods that would not receive them any more. */
  from: readonly Selector[];
  /** All pods that it leads to now; empty where others decide that. */
  before: readonly Selector[];
}

/** What the cluster has of the objects of a release. */
export interface LiveObjects {
  /** As they are. */
  live: readonly KubernetesObject[];
  /** As they would be once they are applied, with the defaults of the server; without those that it would refuse. */
  next?: readonly KubernetesObject[];
  /** All Services of the namespace, since a route may come from one that the release does not have. */
  others?: readonly KubernetesObject[];
}

/**
 * Which objects change where requests go: to other pods, in other shares, to other ports, or under other conditions. A new
 * object takes requests from nobody and changes nothing. Pure.
 */
export function trafficChanges(
  objects: readonly KubernetesObject[],
  { live, next = [], others = [] }: LiveObjects,
): TrafficChange[] {
  const now = selectorsByName([...others, ...live]);
  const then = new Map([...now, ...selectorsByName(objects)]);
  return objects.flatMap((object): TrafficChange[] => {
    const isOfObject = (one: KubernetesObject): boolean => titleOf(one) === titleOf(object);
    const before = live.find(isOfObject);
    if (!before) return [];
    const after = next.find(isOfObject) ?? object;
    if (isService(object)) return serviceChange(object, before, after);
    return routeKinds.includes(object.kind) ? routeChange(object, { before, after }, { now, then }) : [];
  });
}

type Selectors = ReadonlyMap<string, Selector | null>;

function routeChange(
  object: KubernetesObject,
  { before, after }: Record<'before' | 'after', KubernetesObject>,
  { now, then }: Record<'now' | 'then', Selectors>,
): TrafficChange[] {
  const [old, ways] = [before, after].map((one) => waysOf(one, (name) => then.has(name)));
  if (!old || !ways) return [];
  const changed = ways.filter((way) => !hasWay(way, old));
  const gone = old.filter((way) => !hasWay(way, ways));
  if (changed.length + gone.length === 0) return [];
  const known = new Set(old.map(({ service }) => service));
  const isMove = (way: Way): boolean => !known.has(way.service) || hasConditions(way, old);
  // What a way that is gone has led takes one of the others.
  const again = changed.length > 0 ? changed.filter((way) => !isMove(way)) : ways;
  return [
    {
      object,
      to: selectorsOf(changed.filter(isMove), then),
      again: selectorsOf(again, then),
      from: selectorsOf(gone, now),
      before: selectorsOf(old, now),
    },
  ];
}

function selectorsByName(objects: readonly KubernetesObject[]): Map<string, Selector | null> {
  return new Map(objects.filter(isService).map((one) => [one.metadata.name, selectorOf(one)]));
}

function selectorsOf(ways: readonly Way[], services: ReadonlyMap<string, Selector | null>): Selector[] {
  const names = new Set(ways.map(({ service }) => service));
  return [...names].map((name) => services.get(name)).filter((one) => !!one);
}

/** A Service without a selector leads to addresses that others set. */
function serviceChange(
  object: KubernetesObject,
  live: KubernetesObject,
  after: KubernetesObject,
): TrafficChange[] {
  const [from, to] = [selectorOf(live), selectorOf(after)];
  if (!to) return [];
  const isMoved = !from || !isSame(from, to);
  const again = from && movesPort(portsOf(live), portsOf(after)) ? [to] : [];
  if (!isMoved && again.length === 0) return [];
  const before = from ? [from] : [];
  return [{ object, to: isMoved ? [to] : [], again, from: before, before }];
}

function isSame(a: Selector, b: Selector): boolean {
  return Object.keys(a).length === Object.keys(b).length && selectsLabels(a, b);
}
